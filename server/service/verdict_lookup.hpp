#pragma once
#include <string>

#include "server/registry/registry.hpp"
#include "server/service/fault.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// The verdict that a person named: an id, a prefix of one, or a chip, whose newest it is.
///
/// A short prefix may fit a verdict and a chip as well, and in a large fleet one day it will. Guessing would
/// show another chip's verdict to somebody who asked for this one, so that is a fault.
[[nodiscard]] Answer<VerdictRecord> find_verdict(const std::string& text, const Registry& registry,
                                                 StoreReader& reader);

}  // namespace chiploc
