// From what was seen of a silent round to the likeliest causes: the rule, and what reports are read for it.
#include "server/verifier/silence.hpp"

#include <set>

#include "proto/crypto/digest.hpp"
#include "proto/v1/records.pb.h"
#include "server/verifier/decide.hpp"
#include "server/verifier/replay.hpp"
#include "server/verifier/verdict_record.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::test::silence_test {
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
  CHECK(likely_causes(seen).front().text.starts_with("The clock of an anchor is ahead of"));
  seen.by_anchors = {{RejectReason::kNotYetValid, 3}};
  CHECK(codes(seen).front() == "clock");
  CHECK(likely_causes(seen).front().text.starts_with("The clock of an anchor is behind"));
  seen.by_anchors = {{RejectReason::kBadSignature, 3}};
  CHECK(codes(seen).front() == "other_key");
  seen.by_anchors.clear();
  CHECK(codes(seen).front() != "other_key");
  seen.heard.proofs_refused = 1;  // at a rendezvous anchor without a part in the round
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
  CHECK(likely_causes(nowhere).front().text.find("certificate has ended") != std::string::npos);
  nowhere.explained_by = kExplainedFirst;
  CHECK(likely_causes(nowhere).front().text.find("certificate") == std::string::npos);
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
  seen.opens = 3;  // good or not
  CHECK(reached(seen) == SilenceStep::kOpen);
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

TEST_CASE(
    "silence: an anchor that runs twice is named before what was not heard, and behind what the chip said",
    "[silence]") {
  for (SilenceSeen seen : {knocking(), inbound()}) {
    seen.heard.anchors_twice = {"ber"};
    CHECK(codes(seen).front() == "anchor_twice");
    CHECK(likely_causes(seen).front().text.starts_with("An anchor that it should be heard by runs twice: "));
    seen.certificate_fault = CertificateFault{CertificateFault::Code::kExpired, "over since May"};
    CHECK(codes(seen)[0] == "anchor_twice");
    CHECK(codes(seen)[1] == "certificate_expired");
    seen.certificate_fault.reset();
    seen.heard.anchors_twice = {"ams", "ber"};
    seen.by_chip[RejectReason::kUnknownCoordinator] = 1;
    CHECK(codes(seen)[0] == "coordinator_unknown");
    CHECK(codes(seen)[1] == "anchor_twice");
    CHECK(likely_causes(seen)[1].text.starts_with("2 anchors that it should be heard by run twice: "));
  }
}

bool says_unheard(const SilenceSeen& seen) {
  const auto causes = likely_causes(seen);
  return std::any_of(causes.begin(), causes.end(), [](const Reason& cause) {
    return cause.text.starts_with("It has not knocked since chiplocd started");
  });
}

TEST_CASE("silence: that a chip was never heard is said only where it is true", "[silence]") {
  CHECK(says_unheard(knocking()));
  SilenceSeen seen = knocking();
  seen.contact.last_proof = kOnce;
  CHECK_FALSE(says_unheard(seen));
  CHECK(codes(seen) == std::vector<std::string>{"agent_stopped", "udp_blocked", "agent_not_knocking"});
  CHECK(likely_causes(seen)[0].text.find("or its agent.toml has no [[rendezvous]] any more. ") !=
        std::string::npos);
  CHECK(likely_causes(seen)[2].text.starts_with("It does not knock where it should: "));
  // A knock that is refused is heard, too: at an anchor by another's key, or in another version.
  const std::vector<std::string> elsewhere{"rendezvous_key", "udp_blocked", "agent_not_knocking"};
  seen = knocking();
  seen.heard.elsewhere = 1;
  CHECK_FALSE(says_unheard(seen));
  CHECK(codes(seen) == elsewhere);
  seen = knocking();
  seen.by_anchors[RejectReason::kNotForMe] = 1;
  CHECK_FALSE(says_unheard(seen));
  CHECK(codes(seen) == elsewhere);
  seen = knocking();
  seen.by_anchors[RejectReason::kUnsupportedVersion] = 1;
  CHECK_FALSE(says_unheard(seen));
  CHECK(codes(seen) == std::vector<std::string>{"protocol_version", "udp_blocked", "agent_not_knocking"});
  seen.answered_before = true;  // nor is one that knocks now gone
  CHECK(codes(seen) == std::vector<std::string>{"protocol_version", "udp_blocked", "agent_not_knocking"});
}

/// Sums of reports may claim anything: every pattern of the inputs that rules look at.
void for_each_pattern(const std::function<void(const SilenceSeen&)>& look) {
  for (unsigned bits = 0; bits < (1U << 16U); ++bits) {
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
    if (on(14)) seen.heard.elsewhere = 1;
    if (on(15)) seen.by_anchors[RejectReason::kNotForMe] = 1;
    look(seen);
  }
}

TEST_CASE("silence: a knock by another anchor's key is named first or second, whatever else came",
          "[silence]") {
  SilenceSeen seen = knocking();
  seen.by_anchors[RejectReason::kNotForMe] = 5;
  seen.knocks = 1;  // a late one, at another anchor
  CHECK(codes(seen) == std::vector<std::string>{"rendezvous_key", "replies_blocked", "agent_failing"});
  seen.heard.anchors_twice = {"ber"};
  CHECK(codes(seen) == std::vector<std::string>{"anchor_twice", "rendezvous_key", "replies_blocked"});
  seen.certificate_fault = CertificateFault{CertificateFault::Code::kExpired, "over since May"};
  CHECK(codes(seen) == std::vector<std::string>{"anchor_twice", "rendezvous_key", "certificate_expired"});

  std::size_t late = 0;
  for_each_pattern([&](const SilenceSeen& one) {
    if (one.heard.elsewhere == 0 && one.by_anchors.count(RejectReason::kNotForMe) == 0) return;
    const auto named = codes(one);
    if (named[0] != "rendezvous_key" && named[1] != "rendezvous_key") ++late;
  });
  CHECK(late == 0);
}

TEST_CASE("silence: whatever is claimed, there are three causes and a step", "[silence]") {
  std::size_t wrong = 0;
  for_each_pattern([&](const SilenceSeen& seen) {
    if (likely_causes(seen).size() != kCausesShown) ++wrong;
  });
  CHECK(wrong == 0);
}

TEST_CASE("silence: rounds of before have the causes of then, to the byte", "[silence]") {
  for (const unsigned rules : {kExplainedBefore, kExplainedFirst}) {
    std::string all;
    for_each_pattern([&](SilenceSeen seen) {
      seen.explained_by = rules;
      seen.heard.anchors_twice = {"ber"};  // of which they knew nothing
      for (const Reason& cause : likely_causes(seen)) all += cause.code + '\n' + cause.text + '\n';
    });
    // Of the causes as 3e3299f of 2026-11-30 had them.
    CHECK(sha256(bytes_of(all)).hex() == "05d749ee22d20c06594a2acd1336188bdd382b3c704aeb60f02fa17bc06e721f");
  }
}

/// A silent round of one chip, with what its anchors say of it.
struct SilentRound {
  /// `measured`: all reports are there; what fails is the statement.
  explicit SilentRound(bool measured = false) {
    maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
    maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
    maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
    RoundEvidenceBytes facts = maker.make(maker.chip_place);
    if (!measured) facts.reports.clear();
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
  round.add_report(1, [](v1::ReportBody& body) {
    body.mutable_trail()->set_knocks(3);
    body.mutable_trail()->set_tickets_sent(2);
  });
  round.add_report(2, [](v1::ReportBody& body) { body.mutable_trail()->set_opens(9); });
  round.evidence.reports.back().second.back() ^= 1U;  // not signed
  const SilenceSeen seen = see_silence(*round.context, round.evidence, Heard{.proofs = 4});
  CHECK(seen.anchors == 3);
  CHECK(seen.reported == 2);
  CHECK(seen.knocks == 0xFFFFFFFF);
  CHECK(seen.proofs == 4);  // rendezvous anchors need have no part in the round
  CHECK(seen.opens == 0);
  CHECK(seen.tickets_sent == 2);
  CHECK(seen.by_chip == std::map<RejectReason, std::uint32_t>{{RejectReason::kUnknownCoordinator, 5}});
  CHECK(seen.by_anchors == std::map<RejectReason, std::uint32_t>{{RejectReason::kExpired, 2}});
  CHECK(seen.coordinator_key == to_hex(*round.maker.coordinator_key->public_key().raw_ed25519()));
}

TEST_CASE("silence: what sessions came to, and what was known of the chip before, is looked at",
          "[silence]") {
  SilentRound round{/*measured=*/true};
  SilenceSeen seen = see_silence(*round.context, round.evidence, {});
  CHECK(seen.reported == 3);
  CHECK(seen.sessions == 3);
  CHECK(seen.finished == 3);
  CHECK(seen.answers > 0);
  CHECK(reached(seen) == SilenceStep::kPings);
  CHECK_FALSE(seen.answered_before);
  CHECK_FALSE(seen.certificate_fault);
  round.context->last_accepted = CounterMark{.boot_count = 1, .round_counter = 1};
  round.context->certificate_fault = CertificateFault{CertificateFault::Code::kExpired, "over since May"};
  seen = see_silence(*round.context, round.evidence, {});
  CHECK(seen.answered_before);
  CHECK(seen.certificate_fault);
}

TEST_CASE("silence: knocks for another anchor stand among what was refused here, whoever tells of them",
          "[silence]") {
  SilentRound round;
  CHECK(see_silence(*round.context, round.evidence, {}).by_anchors.empty());
  const auto refused = [&](const Heard& heard) {
    return see_silence(*round.context, round.evidence, heard).by_anchors;
  };
  // Rendezvous anchors without a part in the round tell of them beside it; one that has says it twice.
  CHECK(refused({.elsewhere = 2}) == std::map<RejectReason, std::uint32_t>{{RejectReason::kNotForMe, 2}});
  round.add_report(0, [](v1::ReportBody& body) {
    (*body.mutable_rejects())[static_cast<int>(RejectReason::kNotForMe)] = 3;
  });
  CHECK(refused({.elsewhere = 2}) == std::map<RejectReason, std::uint32_t>{{RejectReason::kNotForMe, 3}});
  CHECK(refused({.elsewhere = 7}) == std::map<RejectReason, std::uint32_t>{{RejectReason::kNotForMe, 7}});
  round.context->explained_by = kExplainedFirst;
  CHECK(refused({.elsewhere = 7}) == std::map<RejectReason, std::uint32_t>{{RejectReason::kNotForMe, 3}});
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
      explain_silence(decision, *round.context, round.evidence,
                      Heard{.knocks = 2, .last_knock = kOnce, .anchors_twice = {"ams", "ber"}});
  REQUIRE(explanation.silence);
  const v1::VerdictRecord record = to_record(decision, explanation, {});
  CHECK(record.explanation().silence().reached() == "delivered");
  CHECK(record.explanation().silence().causes(0).code() == "coordinator_unknown");
  CHECK(record.explanation().silence().causes(1).code() == "anchor_twice");
  CHECK(record.explanation().silence().anchors_twice_size() == 2);
  CHECK(record.explanation().silence().anchors_twice(1) == "ber");
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
}  // namespace chiploc::test::silence_test
