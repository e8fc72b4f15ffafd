#include "server/cli/event_text.hpp"

#include "proto/base/time.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace event_text_test {

constexpr std::int64_t kCommitted = 1'790'000'000'000'000'000;
const std::string kId(16, '\xaa');
const std::string kIdHex(32, 'a');

TEST_CASE("event text: one line for each kind, and none for a position", "[cli]") {
  v1::WatchEvent event;
  event.set_id("17");
  CHECK(event_line(event, false).empty());
  v1::Verdict& verdict = *event.mutable_verdict();
  verdict.set_decided_unix_ns(kCommitted);
  verdict.set_chip_id(kId);
  verdict.set_serial("SN-0");
  verdict.set_state(v1::OUTSIDE);
  verdict.add_reasons()->set_code("outside_licence");
  verdict.set_verdict_id("\x01\x02");
  CHECK(event_line(event, false) ==
        "17  2026-09-21 14:13:20Z  verdict  " + kIdHex + "  SN-0  OUTSIDE  outside_licence  0102");
  CHECK(event_line(event, true).find("\x1b[") != std::string::npos);
  v1::ChipStatusChange& change = *event.mutable_status_change();
  change.set_at_unix_ns(kCommitted);
  change.set_chip_id(kId);
  change.set_serial("SN-0");
  change.set_from(v1::CHIP_PENDING);
  change.set_to(v1::CHIP_OVERDUE);
  change.set_why("It has never been measured.");
  CHECK(event_line(event, false) == "17  2026-09-21 14:13:20Z  status  " + kIdHex +
                                        "  SN-0  pending -> overdue  It has never been measured.");
  v1::CaseChange& line = *event.mutable_case_change();
  line.set_name("C-17");
  line.set_kind(v1::CASE_UNPROVEN);
  line.mutable_entry()->set_at_unix_ns(kCommitted);
  line.mutable_entry()->set_kind("comment");
  line.mutable_entry()->set_who("alice");
  line.mutable_entry()->set_said("seen\nthere");
  CHECK(event_line(event, false) ==
        "17  2026-09-21 14:13:20Z  case  C-17 unproven  comment by alice  seen there");
}

TEST_CASE("event text: nothing from outside reaches a terminal as it is", "[cli]") {
  const std::string evil = "x\x1b[2J\u202ey\nz";
  v1::WatchEvent event;
  event.set_id(evil);
  const auto safe = [&] {
    const std::string line = event_line(event, false);
    return line.find('\x1b') == std::string::npos && line.find("\u202e") == std::string::npos &&
           line.find('\n') == std::string::npos && line.find('?') != std::string::npos;
  };
  event.mutable_verdict()->set_serial(evil);
  event.mutable_verdict()->add_reasons()->set_code(evil);
  CHECK(safe());
  event.mutable_status_change()->set_serial(evil);
  event.mutable_status_change()->set_why(evil);
  CHECK(safe());
  event.mutable_case_change()->set_name(evil);
  event.mutable_case_change()->mutable_entry()->set_kind(evil);
  event.mutable_case_change()->mutable_entry()->set_who(evil);
  event.mutable_case_change()->mutable_entry()->set_text(evil);
  CHECK(safe());
}

}  // namespace event_text_test
}  // namespace chiploc
