#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>

#include "tests/soak/soak_world.hpp"
#include "tests/soak/watchers.hpp"

namespace chiploc {

/// Rounds without end: each chip is measured again as soon as its last round is over, so many new ones a second at most.
class RoundLoad {
 public:
  RoundLoad(SoakWorld& world, Watchers& watchers, double starts_per_s);

  /// Ten milliseconds: starts what is due, unless `starting` is false, and hands over what has ended meanwhile.
  void tick(bool starting, const std::function<void(const Watchers::Outcome&)>& ended);
  [[nodiscard]] std::uint64_t started() const { return started_; }
  [[nodiscard]] bool under_way() const { return watchers_.under_way() > 0; }

 private:
  SoakWorld& world_;
  Watchers& watchers_;
  const double starts_per_s_;
  double allowed_ = 0.0;
  std::chrono::steady_clock::time_point next_;
  std::deque<std::size_t> idle_;  ///< chips without a round
  std::uint64_t started_ = 0;
};

}  // namespace chiploc
