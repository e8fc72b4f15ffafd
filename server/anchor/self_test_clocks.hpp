#pragma once
#include <vector>

#include "server/anchor/self_test.hpp"

namespace chiploc {

/// What the readings of a whole self test say of the clocks: rates against the raw one in windows of 100 ms,
/// windows in which the wall clock was set, how far wall and monotonic clock ran apart, and how long a
/// reading takes. Pure.
class SelfTestClocks {
 public:
  /// In the order they were taken.
  void add(const ClockReading& reading);
  /// Rates are left out where two windows were not seen. At least one reading was added.
  void finish(SelfTestResult& out);

 private:
  std::vector<Nanoseconds> spreads_;
  std::vector<ClockReading> readings_;  ///< a window apart
};

}  // namespace chiploc
