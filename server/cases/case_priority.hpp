#pragma once
// How soon a case is to be worked on, and why: points with a sentence each, which add up to the whole.

#include <string>
#include <vector>

#include "server/cases/case_story.hpp"

namespace chiploc {

/// A point for each so much of time since it was opened, and how many at most.
inline constexpr Nanoseconds kAgePointAfter = std::chrono::hours{7 * 24};
inline constexpr unsigned kAgePointsMost = 5;

struct PriorityReason {
  unsigned points = 0;
  std::string text;  ///< a sentence
  friend bool operator==(const PriorityReason&, const PriorityReason&) = default;
};

struct Priority {
  unsigned points = 0;                    ///< 0 to 100: the sum of the reasons
  std::vector<PriorityReason> reasons{};  ///< the heaviest first; none has 0 points
  friend bool operator==(const Priority&, const Priority&) = default;
};

/// | for | points |
/// |---|---|
/// | the kind | prohibited territory 40, tampering 35, elsewhere and another user 30, spoofing and misleading 20, blocking 15, unproven 5 |
/// | chips that stand in it | 2, and 2 more for each doubling; 20 at most |
/// | their share of the order's | 15 for all of them |
/// | an entity on the watch list | 10 |
/// | a transshipment country of the site, the buyer or the end user | 5 |
/// | confirmed cases of the order before | 2 each, 5 at most |
/// | time since it was opened | 1 for each week, 5 at most |
///
/// More chips never lower it. A resolved case has none. Nothing in it rests on an estimate, and no state follows
/// from it.
[[nodiscard]] Priority priority_of(const CaseStory& story, WallTime now);

}  // namespace chiploc
