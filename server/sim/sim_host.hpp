#pragma once
#include <optional>

#include "server/sim/host_clock.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

/// A simulated host as its programs see it: its clocks, which go on while none of them runs, and stand still while the
/// whole guest does.
class SimHost {
 public:
  /// `world` outlives it.
  explicit SimHost(const SimWorld& world)
      : world_{world}, clock_{world.now(), world.wall()}, wall_ahead_{world_wall_ahead()} {}

  [[nodiscard]] ClockReading clock() const {
    ClockReading now = clock_.read(running_now());
    now.wall = now.wall + (world_wall_ahead() - wall_ahead_);  // the whole world's may be set as well
    return now;
  }
  /// From now on.
  void run_clocks_at(const ClockRates& rates) { clock_.run_at(rates, running_now()); }
  /// The wall clock is set by so much, now.
  void set_clock_by(Nanoseconds step) { clock_.set_by(step, running_now()); }

  [[nodiscard]] bool stands() const { return stopped_at_.has_value(); }
  void stop() { stopped_at_ = running_now(); }
  /// After it has stood for so long.
  void go_on(Nanoseconds stood) {
    stopped_at_.reset();
    lost_ += stood;
  }

 private:
  [[nodiscard]] Nanoseconds world_wall_ahead() const {
    return world_.wall().since_epoch - world_.now().since_epoch;
  }
  /// True time but for pauses.
  [[nodiscard]] SteadyTime running_now() const { return stopped_at_.value_or(world_.now() - lost_); }

  const SimWorld& world_;
  HostClock clock_;
  Nanoseconds wall_ahead_;                ///< the world's wall clock of true time, when the host's was made
  std::optional<SteadyTime> stopped_at_;  ///< in running time
  Nanoseconds lost_{0};                   ///< by its clocks, to pauses
};

}  // namespace chiploc::sim
