#pragma once
#include <algorithm>
#include <memory>
#include <utility>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/keys.hpp"
#include "server/coordinator/anchor_link.hpp"

namespace chiploc {

/// How much work one anchor may ask for in the long run. More is not lost: it is read later.
class WorkRate {
 public:
  WorkRate(double per_second, double at_once) : rate_{per_second}, most_{at_once}, level_{at_once} {}

  /// Takes `units`, and says how long to wait before more is read; 0 as a rule.
  [[nodiscard]] Nanoseconds take(double units, SteadyTime now) {
    if (started_ && now > last_)
      level_ = std::min(most_, level_ + std::chrono::duration<double>(now - last_).count() * rate_);
    if (!started_ || now > last_) last_ = now;
    started_ = true;
    level_ -= units;
    if (level_ >= 0.0) return Nanoseconds{0};
    return Nanoseconds{static_cast<std::int64_t>(-level_ / rate_ * 1e9)};
  }

 private:
  double rate_, most_, level_;
  SteadyTime last_{};
  bool started_ = false;
};

/// What one stream's messages are held against before they reach the coordinator's thread. Used by the thread
/// that reads the stream, one message after the other.
struct AnchorDoor {
  AnchorId id;
  PublicKey key;
  /// Units: a row that the store writes, or about 0.05 ms of anything else. An anchor with 64 peers that
  /// takes part in a hundred rounds a second needs a tenth of it.
  WorkRate rate{16'384.0, 131'072.0};
};

/// The right to read one more message of a stream: given back when the last copy goes.
using ReadCredit = std::shared_ptr<const void>;
[[nodiscard]] inline ReadCredit read_credit(std::shared_ptr<AnchorLink> link) {
  AnchorLink* const raw = link.get();
  return {raw, [link = std::move(link)](const void*) { link->handled(); }};
}

}  // namespace chiploc
