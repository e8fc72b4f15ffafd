#pragma once
#include <optional>
#include <string>

#include "proto/base/backoff.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/cli/client.hpp"

namespace chiploc {

/// Where somebody is who follows events over one connection after another. Pure: it is told what came and how it
/// ended, and says what is new, how long to wait, and behind which event to go on.
class EventTrail {
 public:
  /// Behind the event of this id; empty: from now on.
  explicit EventTrail(std::string after) : after_{std::move(after)} {}

  /// The last event that was taken, or where it began.
  [[nodiscard]] const std::string& after() const { return after_; }
  /// False: it says no more than that we are where we were, as the first of a connection does that goes on.
  [[nodiscard]] bool take(const v1::WatchEvent& event);
  /// How long to wait until the next attempt, by a draw from [0, 1): longer with each that brought nothing new, half a
  /// minute at most. nullopt: none will go well, or the first one did not.
  [[nodiscard]] std::optional<Nanoseconds> wait_after(const WatchEnd& end, double draw);
  /// Why it is over, to whoever asked once for what went on behind other events since.
  [[nodiscard]] CliFault over(const WatchEnd& end) const;

 private:
  std::string after_;
  bool began_ = false;  ///< some connection was answered
  Backoff backoff_{std::chrono::seconds{1}, std::chrono::seconds{30}};
};

}  // namespace chiploc
