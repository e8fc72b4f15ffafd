#pragma once
// Notices in an outbox, and attempts at them.

#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {

inline OutboxNotice outbox_notice(std::uint64_t number, const std::string& stream, WallTime when = at(0)) {
  // Of a kind whose newest is not kept for being the newest.
  return {id<NoticeId>(number), NoticeKind::kCaseResolved, stream, when,
          "{\"event\":" + std::to_string(number) + "}"};
}
inline void add_notice(Store& store, std::uint64_t number, const std::string& stream,
                       const std::vector<std::string>& sinks = {"siem"}, WallTime when = at(0)) {
  REQUIRE(store.outbox().append(outbox_notice(number, stream, when), sinks, when).value() == Appended::kNew);
}
inline std::vector<std::uint64_t> due_numbers(Store& store, WallTime now, const std::string& sink = "siem") {
  std::vector<std::uint64_t> out;
  const auto due = store.outbox().due(sink, now, 100);
  REQUIRE(due);
  for (const DueDelivery& one : *due) out.push_back(one.delivery.number);
  return out;
}
/// What the desk would say of an attempt at `at` that leaves the delivery so; one that waits is due then.
inline Settled settled(Store& store, std::uint64_t number, DeliveryState state, WallTime at,
                       const std::string& sink = "siem") {
  const auto due = store.outbox().due(sink, test::at(1'000'000'000), 1'000);
  REQUIRE(due);
  Settled out;
  for (const DueDelivery& one : *due)
    if (one.delivery.number == number) out.delivery = one.delivery;
  REQUIRE(out.delivery.number == number);
  ++out.delivery.attempts;
  out.delivery.state = state;
  out.delivery.next = at;
  out.entry = {at,
               number,
               out.delivery.notice,
               sink,
               out.delivery.attempts,
               AttemptEnd::kAnswered,
               503,
               std::chrono::milliseconds{12},
               state,
               "503: the receiver asks for a rest"};
  return out;
}
inline void settle(Store& store, std::uint64_t number, DeliveryState state, WallTime at,
                   const std::string& sink = "siem") {
  REQUIRE(store.outbox().settle(settled(store, number, state, at, sink), at));
}

}  // namespace chiploc::test
