#include "server/sim/sim_world.hpp"

#include <algorithm>
#include <cstring>

namespace chiploc::sim {

void SimWorld::after(Nanoseconds delay, SimTask event) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(tasks_.size());
    tasks_.push_back(std::move(event));
  } else {
    slot = free_.back();
    free_.pop_back();
    tasks_[slot] = std::move(event);
  }
  due_.push_back({(now_ + delay).since_epoch, order_++, slot});
  std::push_heap(due_.begin(), due_.end());
}

void SimWorld::run_for(Nanoseconds time) {
  const Nanoseconds end = now_.since_epoch + time;
  while (!due_.empty() && due_.front().at <= end) {
    const Due next = due_.front();
    std::pop_heap(due_.begin(), due_.end());
    due_.pop_back();
    now_.since_epoch = next.at;
    SimTask task = std::move(tasks_[next.slot]);  // it may make others, and the table may grow
    free_.push_back(next.slot);
    task();
    ++ran_;
  }
  now_.since_epoch = end;
}

void SimWorld::fill(MutableBytes out) {
  std::size_t at = 0;
  while (at < out.size()) {
    const std::uint64_t drawn = random_();
    const std::size_t some = std::min(out.size() - at, sizeof drawn);
    std::memcpy(out.data() + at, &drawn, some);
    at += some;
  }
}

}  // namespace chiploc::sim
