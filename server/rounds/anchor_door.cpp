#include "server/rounds/anchor_door.hpp"

#include <algorithm>

namespace chiploc {
namespace {

/// What a message asks of the coordinator and the store, in the units of AnchorDoor's rate.
struct WorkOf {
  double operator()(const MeshRecord& mesh) const { return 1.0 + static_cast<double>(mesh.pairs.size()); }
  double operator()(const StoredKnock&) const { return 64.0; }  // one signature, and kept long
  double operator()(const KnocksIn& knocks) const {
    return 1.0 + static_cast<double>(knocks.heard.size()) / 64.0;  // one look-up each, and nothing is stored
  }
  double operator()(const ReportIn&) const { return 4.0; }
  double operator()(const StatementIn&) const { return 16.0; }
  template <class Other>
  double operator()(const Other&) const {
    return 1.0;
  }
};
/// Constant work, and nothing of it reaches the engine; but not for nothing either.
constexpr double kWorkOfDropped = 4.0;

}  // namespace

Nanoseconds WorkRate::take(double units, SteadyTime now) {
  if (started_ && now > last_)
    level_ = std::min(most_, level_ + std::chrono::duration<double>(now - last_).count() * rate_);
  if (!started_ || now > last_) last_ = now;
  started_ = true;
  level_ -= units;
  if (level_ >= 0.0) return Nanoseconds{0};
  return Nanoseconds{static_cast<std::int64_t>(-level_ / rate_ * 1e9)};
}

AnchorDoor::Look AnchorDoor::look(const v1::AnchorMessage& message, const Registry& registry,
                                  SteadyTime now) {
  auto input = check_message(message, id_, key_, registry);
  const double units = input ? std::visit(WorkOf{}, input->body) : kWorkOfDropped;
  return {std::move(input), rate_.take(units, now)};
}

std::string drop_name(v1::AnchorMessage::BodyCase kind, Dropped reason) {
  return std::string{name_of(kind)} + "_" + std::string{name_of(reason)};
}

bool worth_a_line(std::uint64_t times) {
  if (times == 0) return false;
  while (times % 10 == 0) times /= 10;
  return times == 1;
}

}  // namespace chiploc
