#pragma once
// Which cases somebody wants to see, and in which order they are to be worked on.

#include <optional>
#include <string>
#include <vector>

#include "server/cases/case_priority.hpp"

namespace chiploc {

/// Everything that is stated has to fit.
struct CaseFilter {
  std::vector<CaseKind> kinds{};           ///< empty: all
  std::vector<CaseState> states{};         ///< empty: all
  std::optional<std::string> assignee{};   ///< "": those of nobody
  std::string order{}, licence{}, site{};  ///< empty: any
  unsigned priority_least = 0;
  std::optional<WallTime> opened_from{}, opened_before{};
};
[[nodiscard]] bool fits(const CaseFilter& filter, const CaseStory& story, WallTime now);

struct QueuedCase {
  const CaseStory* story = nullptr;
  Priority priority;
};
/// Those that fit: the most urgent first; of equals the one that was opened first, then by kind, order, site.
[[nodiscard]] std::vector<QueuedCase> work_queue(const std::vector<const CaseStory*>& cases,
                                                 const CaseFilter& filter, WallTime now);

}  // namespace chiploc
