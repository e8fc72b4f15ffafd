#include "server/notices/status_notices.hpp"

#include <algorithm>

namespace chiploc {

StatusStep status_notices(const NoticePost& post) {
  return [&post](Store& store, const StatusTold& told) -> Stored<Done> {
    if (told.from_before || !post.told(NoticeKind::kChipStatusChanged)) return Done{};
    const auto all = store.statuses().changes_told(told.chip);
    if (!all) return Fail{all.error()};
    std::uint64_t number = *all - told.changes.size();
    std::vector<Notice> notices;
    for (const StatusChange& change : told.changes) {
      ChipStatusChanged facts{change.from, change.to, change.why, change.rests_on};
      facts.rests_on.resize(std::min(facts.rests_on.size(), kNoticeVerdictsMax));
      notices.push_back({told.chip.hex(), ++number, change.at, std::move(facts)});
    }
    return post.post(store, notices);
  };
}

}  // namespace chiploc
