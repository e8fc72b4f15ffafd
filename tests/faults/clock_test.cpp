// Clocks that are stepped by an hour, either way, on each kind of host: rounds in flight go on, new ones are
// refused by name, and a right clock heals it. The system's own clock is not touched (fault_shim.cpp).
#include <thread>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHour = 3600LL * 1'000'000'000;

bool has_reason(const FaultLab::Verdict& verdict, const std::string& code) {
  if (!verdict) return false;
  for (const v1::Reason& reason : verdict.value().reasons()) {
    if (reason.code() == code) return reason.text().find("look at the clocks") != std::string::npos;
  }
  return false;
}

const v1::AnchorEvidence* find(const FaultLab::Verdict& verdict, const std::string& name) {
  if (!verdict) return nullptr;
  for (const v1::AnchorEvidence& anchor : verdict.value().anchors()) {
    if (anchor.anchor() == name) return &anchor;
  }
  return nullptr;
}

/// Two seconds of pings, so that a step falls into them.
FaultLab::Options slow_rounds() {
  return {
      .anchors = 4, .chips = 2, .round_deadline_ms = 7000, .pings = 40, .ping_interval_ms = 50, .shim = true};
}

/// A round over whose pings this host's clock is stepped. A round that is late on a busy machine is tried
/// again.
FaultLab::Verdict stepped_in_flight(FaultLab& lab, int chip, const std::string& host, std::int64_t by) {
  FaultLab::Verdict last = lab.verify(chip);
  for (int i = 0; i < 3; ++i) {
    std::thread stepping{[&] {
      std::this_thread::sleep_for(1200ms);
      lab.plan_of(host).clock_offset_ns = by;
    }};
    last = lab.verify(chip);
    stepping.join();
    if (text_of(last) == "VERIFIED") break;
    lab.plan_of(host).clock_offset_ns = 0;
  }
  return last;
}

TEST_CASE(
    "the chip's clock stepped by an hour: its round goes on, the next says "
    "which way, the right time heals it",
    "[faults]") {
  FaultLab lab{slow_rounds()};
  REQUIRE(lab.up() == "");
  for (const std::int64_t by : {kHour, -kHour}) {
    for (int chip : {0, 1}) {  // knocking and inbound
      const std::string host = "C-" + std::to_string(chip + 1);
      CAPTURE(host, by);
      CHECK(text_of(stepped_in_flight(lab, chip, host, by)) == "VERIFIED");
      lab.plan_of(host).clock_offset_ns = by;
      const auto refused = lab.verify(chip);
      CHECK(text_of(refused) == "SILENT");
      CHECK(has_reason(refused, by > 0 ? "ticket_expired" : "ticket_not_yet_valid"));
      lab.plan_of(host).clock_offset_ns = 0;
      CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
    }
  }
}

TEST_CASE(
    "an anchor's clock stepped by an hour: its round goes on without the sample that saw it; then it says so",
    "[faults]") {
  FaultLab lab{slow_rounds()};
  REQUIRE(lab.up() == "");
  for (const std::int64_t by : {kHour, -kHour}) {
    CAPTURE(by);
    const auto verdict = stepped_in_flight(lab, 1, "a1", by);
    REQUIRE(text_of(verdict) == "VERIFIED");
    const v1::AnchorEvidence* anchor = find(verdict, "a1");
    REQUIRE(anchor != nullptr);
    CHECK(anchor->used());
    CHECK(anchor->samples() >= 20);
    CHECK(anchor->bound_km() < 3000.0);  // a step never stretched or shrank a round trip by an hour
    lab.plan_of("a1").clock_offset_ns = by;
    const auto next = lab.verify(1);
    CHECK(text_of(next) == "VERIFIED");  // by the other three
    anchor = find(next, "a1");
    REQUIRE(anchor != nullptr);
    CHECK_FALSE(anchor->used());
    CAPTURE(anchor->note());
    CHECK(anchor->note().find("look at the clocks") != std::string::npos);
    lab.plan_of("a1").clock_offset_ns = 0;
    bool heals = false;
    for (int i = 0; i < 4 && !heals; ++i) {
      const auto healed = lab.verify(1);
      anchor = find(healed, "a1");
      heals = anchor != nullptr && anchor->used();
    }
    CHECK(heals);
  }
}

TEST_CASE(
    "the coordinator's clock stepped by an hour: its rounds go on, the next "
    "are refused by name by every chip",
    "[faults]") {
  FaultLab lab{slow_rounds()};
  REQUIRE(lab.up() == "");
  for (const std::int64_t by : {kHour, -kHour}) {
    CAPTURE(by);
    CHECK(text_of(stepped_in_flight(lab, 1, "chiplocd", by)) == "VERIFIED");
    lab.plan_of("chiplocd").clock_offset_ns = by;
    for (int chip : {0, 1}) {
      const auto refused = lab.verify(chip);
      CHECK(text_of(refused) == "SILENT");
      CHECK(has_reason(refused, by > 0 ? "ticket_not_yet_valid" : "ticket_expired"));
    }
    lab.plan_of("chiplocd").clock_offset_ns = 0;
    for (int chip : {0, 1}) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  }
}

}  // namespace
}  // namespace chiploc::faults
