#pragma once
// Land that one state holds and another claims, or holds through others: neither map may prove whose it is.

#include <string>
#include <vector>

#include "geo/borders/build/codes.hpp"

namespace chiploc::borders_build {

/// A ring around such land, and who may hold it beside those whom the maps name.
struct Contested {
  std::string name;
  std::vector<std::string> codes;
  Ring ring;
};

/// The rings are drawn by hand: as coarse as 10 km where they end on land, by 5 km mostly, and wide where
/// they run through the sea or through land of the states that they name. Of the sea they hold what lies
/// between islands and rocks that stand above it, no more: a region that meets a ring may be on such land.
/// What has an ISO code of its own (EH, FK, GI, HK, TW) is not among them, whoever claims it: a licence can
/// name it.
std::vector<Contested> contested_land();

/// Adds each ring to the third map of each of its countries. Throws std::runtime_error for a country that has
/// no row, a ring that is not closed or crosses itself, and rings of one country that overlap: its parity
/// would lose the land that they share.
void join_contested(std::vector<Territory>& territories, const std::vector<Contested>& contested);

}  // namespace chiploc::borders_build
