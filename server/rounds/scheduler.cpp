#include "server/rounds/scheduler.hpp"

#include <algorithm>

#include "proto/crypto/mac_key.hpp"

namespace chiploc {

void Scheduler::plan(const std::vector<ChipId>& chips, WallTime now) {
  plan_.clear();
  at_ = 0;
  if (cadence_ <= Nanoseconds{0}) return;
  period_ = period_of(now);
  MacKey key{secret_};
  const WallTime start{cadence_ * *period_};
  for (const ChipId& chip : chips) {
    ByteArray<ChipId::kSize + 8> input{};
    ByteWriter w{input};
    w.bytes(chip.bytes);
    w.u64(static_cast<std::uint64_t>(*period_));
    const Mac mac = key.mac(input);
    const std::uint64_t random = ByteReader{mac.bytes}.u64();
    const auto offset = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(cadence_.count()));
    const WallTime when = start + Nanoseconds{offset};
    if (when >= now) plan_.push_back({when, chip});
  }
  std::sort(plan_.begin(), plan_.end(), [](const Slot& a, const Slot& b) { return a.when < b.when; });
}

bool Scheduler::needs_plan(WallTime now) const {
  return cadence_ > Nanoseconds{0} && (!period_ || *period_ != period_of(now));
}

std::optional<WallTime> Scheduler::next() const {
  if (cadence_ <= Nanoseconds{0} || !period_) return std::nullopt;
  if (at_ < plan_.size()) return plan_[at_].when;
  return WallTime{cadence_ * (*period_ + 1)};
}

std::optional<ChipId> Scheduler::take_due(WallTime now) {
  if (at_ == plan_.size() || plan_[at_].when > now) return std::nullopt;
  return plan_[at_++].chip;
}

}  // namespace chiploc
