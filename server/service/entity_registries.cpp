#include "server/service/entity_registries.hpp"

#include <algorithm>
#include <vector>

namespace chiploc {
namespace {

Registry::Snapshot part_of(const Registry& whole, const std::string& holder) {
  return std::make_shared<const Registry>(whole.of_holder(holder));
}

}  // namespace

Registry::Snapshot EntityRegistries::get(const Registry::Snapshot& whole, const Caller& caller) {
  if (!caller.holder) return whole;
  const std::lock_guard lock{mutex_};
  const auto known = find(whole, *caller.holder);
  if (known != parts_.end()) {
    std::rotate(parts_.begin(), known, known + 1);
    return parts_.front().part;
  }
  make_room(whole);
  parts_.push_front({whole, *caller.holder, part_of(*whole, *caller.holder)});
  return parts_.front().part;
}

std::size_t EntityRegistries::renew(const Registry::Snapshot& whole) {
  std::vector<std::string> holders;
  {
    const std::lock_guard lock{mutex_};
    for (const Part& part : parts_) holders.push_back(part.holder);
  }
  std::size_t made = 0;
  for (const std::string& holder : holders) {
    {
      const std::lock_guard lock{mutex_};
      if (find(whole, holder) != parts_.end()) continue;
    }
    auto part = part_of(*whole, holder);  // others need not wait for it
    const std::lock_guard lock{mutex_};
    if (find(whole, holder) != parts_.end()) continue;
    make_room(whole);
    parts_.push_back({whole, holder, std::move(part)});
    ++made;
  }
  return made;
}

std::deque<EntityRegistries::Part>::iterator EntityRegistries::find(const Registry::Snapshot& whole,
                                                                    const std::string& holder) {
  return std::find_if(parts_.begin(), parts_.end(),
                      [&](const Part& part) { return part.whole == whole && part.holder == holder; });
}

void EntityRegistries::make_room(const Registry::Snapshot& whole) {
  // What was made from an older registry is never asked for again.
  parts_.erase(
      std::remove_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.whole != whole; }),
      parts_.end());
  if (parts_.size() >= kKept) parts_.pop_back();
}

}  // namespace chiploc
