#pragma once
#include <string>

#include "server/registry/registry.hpp"
#include "server/service/few_chips.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// The verdict that a person named: an id, a prefix of one, or a chip, whose newest it is.
///
/// A short prefix may fit a verdict and a chip as well, and in a large fleet one day it will. Guessing would
/// show another chip's verdict to somebody who asked for this one, so that is a fault.
/// `wanted` says whose verdicts there are for the caller (chips_of).
[[nodiscard]] Answer<VerdictRecord> find_verdict(const std::string& text, const Registry& registry,
                                                 StoreReader& reader, const ChipFilter& wanted);

}  // namespace chiploc
