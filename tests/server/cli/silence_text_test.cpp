#include "server/cli/silence_text.hpp"

#include <sstream>

#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

v1::Verdict silent() {
  v1::Verdict verdict;
  verdict.set_state(v1::SILENT);
  v1::Silence& silence = *verdict.mutable_silence();
  silence.set_reached("delivered");
  for (const char* code : {"coordinator_unknown", "anchor_address", "udp_blocked"}) {
    v1::Reason& cause = *silence.add_causes();
    cause.set_code(code);
    cause.set_text("Look at \x1b[31m" + std::string{code} + ".");
  }
  silence.set_knocks(true);
  silence.set_waited_ns(61'000'000'000);
  silence.set_last_knock_unix_ns(1'800'000'000'000'000'000);
  silence.set_knocks_every_ns(26'000'000'000);
  silence.set_anchors(4);
  silence.set_anchors_reported(3);
  silence.set_anchors_rendezvous(1);
  silence.set_knocks_seen(2);
  silence.set_proofs_seen(1);
  silence.set_tickets_sent(4);
  (*silence.mutable_rejects_by_chip())["unknown_coordinator"] = 4;
  silence.add_anchors_twice("ams");
  silence.add_anchors_twice("b\x1b[31mer");
  return verdict;
}

TEST_CASE("verdict show: a silent chip's causes come first, then how far it came, in words", "[cli]") {
  std::ostringstream out;
  write_verdict(out, silent(), false);
  const std::string text = out.str();
  CAPTURE(text);
  for (const char* line :
       {"Why it may be silent (hints, most of which anybody could have sent)",
        "  1. coordinator_unknown: Look at", "  3. udp_blocked: Look at", "How far it came",
        "  reached       delivered", "  tickets       for 4 anchors, of which 3 reported",
        "  knock         2 in the round, which waited up to 61 s for one at 1 rendezvous anchor; usually "
        "about every 26 s",
        "  proof         1", "  delivered     4 tickets sent to the chip", "  open          none",
        "  pings         0 of 0 answered", "  chip refused  unknown_coordinator 4", "  refused here  none",
        "  run twice     ams, b?[31mer", "  last knock    2027-01-15 08:00:00Z",
        "  last proof    none is kept"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(text.find('\x1b') == std::string::npos);  // what is shown repaints nobody's terminal
  CHECK(text.find("coordinator_unknown") < text.find("How far it came"));
}

TEST_CASE("verdict show: an inbound chip's silence speaks of no knocks", "[cli]") {
  v1::Silence silence;
  silence.set_reached("tickets");
  std::ostringstream out;
  write_silence(out, silence, false);
  CHECK(out.str().find("knock") == std::string::npos);
}

TEST_CASE("JSON: a verdict's silence, and null where there is none", "[cli]") {
  const Json record = json_of(silent());
  CHECK(record["silence"]["reached"] == "delivered");
  CHECK(record["silence"]["causes"][0]["code"] == "coordinator_unknown");
  CHECK(record["silence"]["rejects_by_chip"]["unknown_coordinator"] == 4);
  CHECK(record["silence"]["last_knock_at"] == "2027-01-15T08:00:00.000Z");
  CHECK(record["silence"]["last_proof_at"].is_null());
  CHECK(json_of(v1::Verdict{})["silence"].is_null());
}

}  // namespace
}  // namespace chiploc
