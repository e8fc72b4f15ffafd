#include "tests/soak/round_load.hpp"

#include <algorithm>

namespace chiploc {

using Clock = std::chrono::steady_clock;

RoundLoad::RoundLoad(SoakWorld& world, Watchers& watchers, double starts_per_s)
    : world_{world}, watchers_{watchers}, starts_per_s_{starts_per_s}, next_{Clock::now()} {
  for (std::size_t i = 0; i < world.chips().size(); ++i) idle_.push_back(i);
}

void RoundLoad::tick(bool starting, const std::function<void(const Watchers::Outcome&)>& ended) {
  constexpr std::chrono::milliseconds kTick{10};
  next_ = std::max(next_ + kTick, Clock::now());
  allowed_ = std::min(allowed_ + starts_per_s_ * 0.01, starts_per_s_ * 0.1 + 1.0);
  while (starting && allowed_ >= 1.0 && !idle_.empty()) {
    allowed_ -= 1.0;
    watchers_.verify(idle_.front(), world_.chips()[idle_.front()]);
    idle_.pop_front();
    ++started_;
  }
  do {
    for (const auto& outcome : watchers_.take(next_)) {
      idle_.push_back(outcome.chip);
      ended(outcome);
    }
  } while (Clock::now() < next_);
}

}  // namespace chiploc
