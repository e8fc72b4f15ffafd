#include "server/service/entity_registries.hpp"

#include <algorithm>

namespace chiploc {

Registry::Snapshot EntityRegistries::get(const Registry::Snapshot& whole, const Caller& caller) {
  if (!caller.holder) return whole;
  const std::lock_guard lock{mutex_};
  const auto known = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.whole == whole && part.holder == *caller.holder;
  });
  if (known != parts_.end()) {
    std::rotate(parts_.begin(), known, known + 1);
    return parts_.front().part;
  }
  // What was made from an older registry is never asked for again.
  parts_.erase(
      std::remove_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.whole != whole; }),
      parts_.end());
  if (parts_.size() >= kKept) parts_.pop_back();
  parts_.push_front(
      {whole, *caller.holder, std::make_shared<const Registry>(whole->of_holder(*caller.holder))});
  return parts_.front().part;
}

}  // namespace chiploc
