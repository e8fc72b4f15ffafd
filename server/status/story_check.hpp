#pragma once
#include <string>

#include "server/status/chip_status.hpp"

namespace chiploc {

/// No time of a story lies beyond these: 1970 to 2199.
inline constexpr WallTime kStoryBegin{Nanoseconds{0}};
inline constexpr WallTime kStoryEnd{std::chrono::seconds{7'258'118'400}};

/// Why no chip can have this story, whatever the rules: a list beyond its bounds or out of order, a part without what
/// it needs, a time out of range, a state that does not follow from the rest. Empty: one can. For who reads stored
/// ones: rules may have changed since, so what depends on them alone (how long, how many) is not asked.
[[nodiscard]] std::string story_fault(const ChipStory& story);

}  // namespace chiploc
