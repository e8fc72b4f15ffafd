#pragma once
#include <functional>

#include "server/follow_up/follow_up.hpp"
#include "server/service/stories.hpp"

namespace chiploc {

/// The stories that this FollowUp keeps, as they are at `now()`, read through `reader`. Both outlive what is returned. Of a
/// timeline the newest kEntriesMost entries, of open cases the kCasesMost most urgent.
inline constexpr std::size_t kEntriesMost = 10'000, kCasesMost = 10'000;
[[nodiscard]] StorySources stories_of(StoreReader& reader, const FollowUp& follow,
                                      std::function<WallTime()> now);

}  // namespace chiploc
