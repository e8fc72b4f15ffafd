#pragma once
#include <string>
#include <vector>

#include "server/registry/registry.hpp"

namespace chiploc {

/// "the site is in AE": what of an order at a site lies in one of these countries (sorted); the site before the buyer before the
/// end user, who without an order is the licence's. Empty: nothing does, or the registry does not say so. Pure.
[[nodiscard]] std::string transshipment_of(const Registry& registry, const std::string& order,
                                           const std::string& licence, const std::string& site,
                                           const std::vector<CountryCode>& countries);

}  // namespace chiploc
