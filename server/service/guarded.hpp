#pragma once
#include <mutex>
#include <utility>

namespace chiploc {

/// A value that can only be reached with its lock held.
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_{std::move(value)} {}
  /// Calls `use(T&)` under the lock and returns what it returns. `use` must not call back into the same
  /// Guarded.
  template <class Use>
  auto with(Use&& use) {
    const std::lock_guard lock{mutex_};
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  auto with(Use&& use) const {
    const std::lock_guard lock{mutex_};
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace chiploc
