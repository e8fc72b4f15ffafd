// From what was seen of a silent round to the likeliest causes: the rule, and what reports are read for it.
#include "server/verifier/silence.hpp"

#include <set>

#include "proto/v1/records.pb.h"
#include "server/verifier/decide.hpp"
#include "server/verifier/replay.hpp"
#include "server/verifier/verdict_record.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::test {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kOnce{1'800'000'000s};

/// Nothing came of the chip, of which a knock is expected.
SilenceSeen knocking() {
  SilenceSeen out;
  out.contact = {.knocks = true, .wait = 61s, .limit = 180s, .rendezvous = 2};
  out.anchors = 3;
  out.reported = 3;
  out.coordinator_key = "c0ffee";
  return out;
}
SilenceSeen inbound() {
  SilenceSeen out = knocking();
  out.contact = {};
  return out;
}

std::vector<std::string> codes(const SilenceSeen& seen) {
  std::vector<std::string> out;
  for (const Reason& cause : likely_causes(seen)) {
    CHECK(cause.text.find_first_of(".:") != std::string::npos);
    out.push_back(cause.code);
  }
  REQUIRE(out.size() == kCausesShown);
  CHECK(std::set<std::string>{out.begin(), out.end()}.size() == out.size());
  return out;
}

TEST_CASE("silence: what the chip refuses says more than anything else", "[silence]") {
  for (const auto& [reason, code] : std::vector<std::pair<RejectReason, std::string>>{
           {RejectReason::kUnknownCoordinator, "coordinator_unknown"},
           {RejectReason::kNotYetValid, "clock"},
           {RejectReason::kExpired, "clock"},
           {RejectReason::kUnsupportedVersion, "protocol_version"},
           {RejectReason::kNotForMe, "other_chip"},
           {RejectReason::kTableFull, "table_full"}}) {
    for (SilenceSeen seen : {knocking(), inbound()}) {
      seen.by_chip[reason] = 2;
      CHECK(reached(seen) == SilenceStep::kDelivered);
      CHECK(codes(seen).front() == code);
    }
  }
  SilenceSeen seen = knocking();
  seen.by_chip[RejectReason::kUnknownCoordinator] = 1;
  CHECK(likely_causes(seen).front().text.find("public_key = \"c0ffee\"") != std::string::npos);
  seen.by_chip = {{RejectReason::kExpired, 1}};
  CHECK(likely_causes(seen).front().text.find("The chip's clock is ahead of") == 0);
  seen.by_chip = {{RejectReason::kNotYetValid, 1}};
  CHECK(likely_causes(seen).front().text.find("The chip's clock is behind") == 0);
}

TEST_CASE("silence: a time that an anchor refuses is a matter of the anchors' clocks", "[silence]") {
  SilenceSeen seen = knocking();
  seen.proofs = 1;
  seen.opens = 3;
  seen.by_anchors[RejectReason::kExpired] = 3;
  CHECK(codes(seen).front() == "clock");
  CHECK(likely_causes(seen).front().text.find("The clock of an anchor") == 0);
  seen.by_anchors = {{RejectReason::kBadSignature, 3}};
  CHECK(codes(seen).front() == "other_key");
}

TEST_CASE("silence: a chip that knocks and is not heard was never set up, or has stopped", "[silence]") {
  SilenceSeen never = knocking();
  CHECK(reached(never) == SilenceStep::kTickets);
  CHECK(codes(never) == std::vector<std::string>{"agent_not_knocking", "udp_blocked", "other_identity"});

  const std::vector<std::string> stopped{"agent_stopped", "udp_blocked", "agent_not_knocking"};
  SilenceSeen before = knocking();
  before.contact.last_knock = kOnce;
  CHECK(codes(before) == stopped);
  before = knocking();
  before.contact.last_proof = kOnce;
  CHECK(codes(before) == stopped);
  before = knocking();
  before.answered_before = true;
  CHECK(codes(before) == stopped);

  before.contact.every = 25s;  // of a mean of 30 s: that a gap is longer than the 61 s is out of the question
  CHECK(codes(before) == stopped);
  before.contact.every = 40s;
  CHECK(codes(before).front() == "knocks_rarely");
  CHECK(likely_causes(before).front().text.find("about every 40 s, and the round waited 61 s") !=
        std::string::npos);

  SilenceSeen nowhere = knocking();
  nowhere.contact.rendezvous = 0;
  CHECK(codes(nowhere).front() == "no_rendezvous");
  SilenceSeen elsewhere = knocking();
  elsewhere.heard.elsewhere = 2;
  CHECK(codes(elsewhere).front() == "rendezvous_key");
}

TEST_CASE("silence: an inbound chip that nothing reaches is behind something, or is not there", "[silence]") {
  CHECK(codes(inbound()) == std::vector<std::string>{"inbound_blocked", "inbound_address", "agent_stopped"});
  SilenceSeen before = inbound();
  before.answered_before = true;
  CHECK(codes(before) == std::vector<std::string>{"agent_stopped", "inbound_blocked", "inbound_address"});
}

TEST_CASE("silence: the step that was reached decides where to look", "[silence]") {
  SilenceSeen seen = knocking();
  seen.knocks = 1;
  CHECK(reached(seen) == SilenceStep::kKnock);
  CHECK(codes(seen).front() == "replies_blocked");
  seen.proofs_refused = 1;
  seen.by_anchors[RejectReason::kBadSignature] = 1;
  CHECK(codes(seen).front() == "other_key");
  seen.by_anchors.clear();
  seen.proofs = 1;
  CHECK(reached(seen) == SilenceStep::kDelivered);
  CHECK(codes(seen) == std::vector<std::string>{"anchor_address", "udp_blocked", "replies_blocked"});
  seen.opens = 3;
  seen.sessions = 3;
  CHECK(reached(seen) == SilenceStep::kOpen);
  CHECK(codes(seen).front() == "replies_blocked");
  seen.answers = 4;
  CHECK(reached(seen) == SilenceStep::kPings);
  CHECK(codes(seen).front() == "path_lossy");
  seen.close_order = true;
  CHECK(reached(seen) == SilenceStep::kClose);
  CHECK(codes(seen).front() == "agent_failing");

  SilenceSeen lost = inbound();
  lost.reported = 0;
  CHECK(codes(lost).front() == "anchors_lost");
}

TEST_CASE("silence: a certificate that nobody vouches for is named first or second, whatever else is known",
          "[silence]") {
  for (SilenceSeen seen : {knocking(), inbound()}) {
    seen.certificate_fault = CertificateFault{CertificateFault::Code::kExpired, "over since May"};
    CHECK(codes(seen)[1] == "certificate_expired");
    CHECK(likely_causes(seen)[1].text.find("over since May") != std::string::npos);
    seen.by_chip[RejectReason::kUnknownCoordinator] = 1;
    CHECK(codes(seen)[0] == "coordinator_unknown");
    CHECK(codes(seen)[1] == "certificate_expired");
  }
}

TEST_CASE("silence: whatever is claimed, there are three causes and a step", "[silence]") {
  // Sums of reports that claim anything: every pattern of the inputs that rules look at.
  for (unsigned bits = 0; bits < (1U << 14U); ++bits) {
    const auto on = [bits](unsigned i) { return (bits >> i & 1U) != 0; };
    SilenceSeen seen = on(0) ? knocking() : inbound();
    seen.reported = on(1) ? 3 : 0;
    seen.knocks = on(2) ? 1 : 0;
    seen.proofs = on(3) ? 1 : 0;
    seen.proofs_refused = on(4) ? 1 : 0;
    seen.opens = on(5) ? 1 : 0;
    seen.answers = on(6) ? 1 : 0;
    seen.close_order = on(7);
    seen.answered_before = on(8);
    if (on(9)) seen.by_chip[RejectReason::kExpired] = 1;
    if (on(10)) seen.by_anchors[RejectReason::kBadSignature] = 1;
    if (on(11)) seen.certificate_fault = CertificateFault{CertificateFault::Code::kRevoked, "x"};
    if (on(12)) seen.contact.rendezvous = 0;
    if (on(13)) seen.contact.last_knock = kOnce;
    const auto causes = likely_causes(seen);
    if (causes.size() != kCausesShown) {
      CAPTURE(bits);
      REQUIRE(causes.size() == kCausesShown);
    }
  }
}

/// A silent round of one chip, with what its anchors say of it.
struct SilentRound {
  SilentRound() {
    maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    RoundEvidenceBytes facts = maker.make(maker.chip_place);
    facts.reports.clear();
    facts.statements.clear();
    facts.close_order.reset();
    context.emplace(context_for(facts, maker.coordinator_key->public_key(), {}, {}));
    context->contact = Contact{.knocks = true, .wait = 61s, .limit = 180s, .rendezvous = 1};
    evidence = evidence_of(facts);
  }
  void add_report(std::size_t i, const std::function<void(v1::ReportBody&)>& edit) {
    v1::ReportBody body;
    const Ticket& ticket = evidence.tickets[i];
    body.set_round_id(string_of(ticket.round.bytes));
    body.set_anchor_id(string_of(ticket.anchor.bytes));
    body.set_ticket(string_of(bytes_of(ticket)));
    edit(body);
    v1::SignedReport report;
    report.set_body(body.SerializeAsString());
    report.set_signature(
        string_of(sign_report(bytes_of(report.body()), *maker.anchors[i].key).value().bytes));
    const std::string raw = report.SerializeAsString();
    evidence.reports.emplace_back(ticket.anchor, ByteVector{raw.begin(), raw.end()});
  }
  [[nodiscard]] Decision decided() const {
    return decide(*context, evidence, Borders::world(), WallTime{5s});
  }

  RoundMaker maker;
  std::optional<RoundContext> context;
  RoundEvidence evidence;
};

TEST_CASE("silence: reports are read as far as they are signed, each anchor's first, and sums never wrap",
          "[silence]") {
  SilentRound round;
  round.add_report(0, [](v1::ReportBody& body) {
    body.mutable_trail()->set_knocks(0xFFFFFFFF);
    body.mutable_trail()->set_proofs(1);
    (*body.mutable_rejects())[4] = 5;
    (*body.mutable_rejects())[8] = 2;
    (*body.mutable_trail()->mutable_rejects_received())[4] = 9;  // more than there were: five at most
    (*body.mutable_rejects())[77] = 1;                           // no reason that this version knows
  });
  round.add_report(0, [](v1::ReportBody& body) { body.mutable_trail()->set_opens(7); });  // its second
  round.add_report(1, [](v1::ReportBody& body) { body.mutable_trail()->set_knocks(3); });
  round.add_report(2, [](v1::ReportBody& body) { body.mutable_trail()->set_opens(9); });
  round.evidence.reports.back().second.back() ^= 1U;  // not signed
  const SilenceSeen seen = see_silence(*round.context, round.evidence, Heard{.proofs = 4});
  CHECK(seen.anchors == 3);
  CHECK(seen.reported == 2);
  CHECK(seen.knocks == 0xFFFFFFFF);
  CHECK(seen.proofs == 4);  // rendezvous anchors need have no part in the round
  CHECK(seen.opens == 0);
  CHECK(seen.by_chip == std::map<RejectReason, std::uint32_t>{{RejectReason::kUnknownCoordinator, 5}});
  CHECK(seen.by_anchors == std::map<RejectReason, std::uint32_t>{{RejectReason::kExpired, 2}});
  CHECK(seen.coordinator_key == to_hex(*round.maker.coordinator_key->public_key().raw_ed25519()));
}

TEST_CASE("silence: belongs to the explanation, is in the record, and never changes the finding",
          "[silence]") {
  SilentRound round;
  round.add_report(0, [](v1::ReportBody& body) {
    (*body.mutable_rejects())[4] = 1;
    (*body.mutable_trail()->mutable_rejects_received())[4] = 1;
  });
  const Decision decision = round.decided();
  REQUIRE(decision.finding.state == VerdictState::kSilent);
  Explanation explanation;
  explanation.silence =
      explain_silence(decision, *round.context, round.evidence, Heard{.knocks = 2, .last_knock = kOnce});
  REQUIRE(explanation.silence);
  const v1::VerdictRecord record = to_record(decision, explanation, {});
  CHECK(record.explanation().silence().reached() == "delivered");
  CHECK(record.explanation().silence().causes(0).code() == "coordinator_unknown");
  CHECK(record.explanation().silence().rejects_by_chip().at("unknown_coordinator") == 1);
  CHECK(record.explanation().silence().last_knock_unix_ns() == kOnce.since_epoch.count());
  CHECK(record.finding().ShortDebugString().find("coordinator_unknown") == std::string::npos);
  // A replay makes the same of what the record has kept.
  const Heard again = heard_from(record.explanation().heard());
  const auto second = explain_silence(decision, *round.context, round.evidence, again);
  REQUIRE(second);
  CHECK(to_record(*second).SerializeAsString() == to_record(*explanation.silence).SerializeAsString());
  // A round of before contacts were kept has none, and its record is what it was.
  round.context->contact.reset();
  CHECK_FALSE(explain_silence(decision, *round.context, round.evidence, again));
  CHECK_FALSE(to_record(decision, Explanation{}, {}).explanation().has_heard());
}

}  // namespace
}  // namespace chiploc::test
