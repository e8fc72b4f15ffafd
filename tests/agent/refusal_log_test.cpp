#include "agent/refusal_log.hpp"

#include "proto/crypto/digest.hpp"
#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

bool has(const std::optional<std::string>& line, const std::string& text) {
  return line && line->find(text) != std::string::npos;
}

struct Refused {
  Endpoint from = *parse_endpoint("192.0.2.10:7411");
  TicketRefusal refusal{RejectReason::kUnknownCoordinator,
                        random_id<CoordinatorId>(),
                        random_id<ChipId>(),
                        WallTime{1'800'000'000s},
                        WallTime{1'800'000'000s},
                        SteadyTime{1000s},
                        from};
};

TEST_CASE("RefusalLog: a coordinator that is not known is named, with those that are and what to do",
          "[agent]") {
  const auto mine = random_id<ChipId>();
  const auto known = random_id<CoordinatorId>();
  RefusalLog log{mine, {known}};
  Refused it;
  const auto line = log.line(it.refusal);
  CAPTURE(line.value_or("none"));
  CHECK(has(line, "ticket.refused reason=unknown_coordinator times=1 from=192.0.2.10:7411"));
  CHECK(has(line, "coordinator=" + it.refusal.coordinator.hex()));
  CHECK(has(line, "trusted=" + known.hex()));
  CHECK(has(line, "[[coordinator]] of agent.toml"));
}

TEST_CASE("RefusalLog: says by how much the clocks differ, and in which direction", "[agent]") {
  RefusalLog log{random_id<ChipId>(), {}};
  Refused it;
  it.refusal.reason = RejectReason::kExpired;
  it.refusal.now = it.refusal.not_before + 1h;
  const auto ahead = log.line(it.refusal);
  CAPTURE(ahead.value_or("none"));
  CHECK(has(ahead, "reason=expired"));
  CHECK(has(ahead, "clock is about 3600 s ahead of the coordinator's"));
  it.refusal.reason = RejectReason::kNotYetValid;
  it.refusal.now = it.refusal.not_before - 1h;
  CHECK(has(log.line(it.refusal), "clock is about 3600 s behind the coordinator's"));
}

TEST_CASE("RefusalLog: names both chips where the ticket is another one's", "[agent]") {
  const auto mine = random_id<ChipId>();
  RefusalLog log{mine, {}};
  Refused it;
  it.refusal.reason = RejectReason::kNotForMe;
  const auto line = log.line(it.refusal);
  CHECK(has(line, "for_chip=" + it.refusal.chip.hex()));
  CHECK(has(line, "this_chip=" + mine.hex()));
}

TEST_CASE("RefusalLog: strangers write a line in ten minutes for each reason, which counts the others",
          "[agent]") {
  RefusalLog log{random_id<ChipId>(), {}};
  Refused it;
  REQUIRE(log.line(it.refusal));
  for (int i = 0; i < 1'000; ++i) {
    it.refusal.received = SteadyTime{1000s} + i * 500ms;
    it.refusal.coordinator = random_id<CoordinatorId>();  // another name each time makes no line
    REQUIRE_FALSE(log.line(it.refusal));
  }
  it.refusal.reason = RejectReason::kExpired;
  CHECK(has(log.line(it.refusal), "times=1 "));  // another reason is not held back by it
  it.refusal.reason = RejectReason::kUnknownCoordinator;
  it.refusal.received = SteadyTime{1000s} + RefusalLog::kEvery;
  CHECK(has(log.line(it.refusal), "times=1001 "));
}

}  // namespace
}  // namespace chiploc
