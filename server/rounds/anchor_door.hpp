#pragma once
#include <memory>

#include "server/rounds/anchor_gate.hpp"

namespace chiploc {

/// How much work one anchor may ask for in the long run. More is not lost: it is read later.
class WorkRate {
 public:
  WorkRate(double per_second, double at_once) : rate_{per_second}, most_{at_once}, level_{at_once} {}

  /// Takes `units`, and says how long to wait before more is read; 0 as a rule.
  [[nodiscard]] Nanoseconds take(double units, SteadyTime now);

 private:
  double rate_, most_, level_;
  SteadyTime last_{};
  bool started_ = false;
};

/// The right to read one more message of a stream: given back when the last copy goes.
using ReadCredit = std::shared_ptr<const void>;

/// What one stream's messages are held against before they cost the engine anything. Used by the thread that
/// reads the stream, one message after the other.
class AnchorDoor {
 public:
  AnchorDoor(const AnchorId& id, PublicKey key) : id_{id}, key_{std::move(key)} {}

  [[nodiscard]] const AnchorId& id() const { return id_; }
  struct Look {
    Result<AnchorInput, Dropped> input;
    Nanoseconds wait{0};  ///< before more is read
  };
  [[nodiscard]] Look look(const v1::AnchorMessage& message, const Registry& registry, SteadyTime now);

 private:
  AnchorId id_;
  PublicKey key_;
  /// Units: a row that the store writes, or about 0.05 ms of anything else. An anchor with 64 peers that
  /// takes part in a hundred rounds a second needs a tenth of it.
  WorkRate rate_{16'384.0, 131'072.0};
};

/// "report_signature", ...: what a dropped message is counted as.
[[nodiscard]] std::string drop_name(v1::AnchorMessage::BodyCase kind, Dropped reason);
/// The first, the tenth, the hundredth, ...: whoever sends much does not write the log.
[[nodiscard]] bool worth_a_line(std::uint64_t times);

}  // namespace chiploc
