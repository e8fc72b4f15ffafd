#include "server/cases/case_queue.hpp"

#include <algorithm>
#include <tuple>

namespace chiploc {
namespace {

template <class T>
bool one_of(const std::vector<T>& wanted, T value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool named(const std::string& wanted, const std::string& name) { return wanted.empty() || wanted == name; }

bool fits_but_for_priority(const CaseFilter& filter, const CaseStory& story) {
  const CaseKey& key = story.ref.key;
  return one_of(filter.kinds, key.kind) && one_of(filter.states, story.state) &&
         (!filter.assignee || *filter.assignee == story.assignee) && named(filter.order, key.order) &&
         named(filter.licence, story.licence) && named(filter.site, key.site) &&
         (!filter.opened_from || story.opened >= *filter.opened_from) &&
         (!filter.opened_before || story.opened < *filter.opened_before);
}

}  // namespace

bool fits(const CaseFilter& filter, const CaseStory& story, WallTime now) {
  return fits_but_for_priority(filter, story) && priority_of(story, now).points >= filter.priority_least;
}

std::vector<QueuedCase> work_queue(const std::vector<const CaseStory*>& cases, const CaseFilter& filter,
                                   WallTime now) {
  std::vector<QueuedCase> out;
  for (const CaseStory* story : cases) {
    if (!fits_but_for_priority(filter, *story)) continue;
    Priority priority = priority_of(*story, now);
    if (priority.points >= filter.priority_least) out.push_back({story, std::move(priority)});
  }
  std::sort(out.begin(), out.end(), [](const QueuedCase& a, const QueuedCase& b) {
    return std::tuple{-static_cast<int>(a.priority.points), a.story->opened, a.story->ref} <
           std::tuple{-static_cast<int>(b.priority.points), b.story->opened, b.story->ref};
  });
  return out;
}

}  // namespace chiploc
