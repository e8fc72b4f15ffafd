#pragma once
#include <functional>
#include <optional>

#include "proto/v1/operator_service.pb.h"
#include "server/service/fault.hpp"
#include "server/service/round_starter.hpp"

namespace chiploc {

/// Who watches a round over an edge: its events as messages of the API, then how it ended. Called as a
/// RoundObserver is, and bound by its rules: nothing here may block, and it owns what it touches.
struct VerifyWatcher {
  /// Started and verdict must arrive; progress may be dropped, since only the newest matters.
  std::function<void(v1::VerifyEvent)> event;
  /// Once, last. nullopt: the verdict was given.
  std::function<void(const std::optional<ApiFault>&)> end;
};

[[nodiscard]] RoundObserver observer_of(VerifyWatcher watcher);

}  // namespace chiploc
