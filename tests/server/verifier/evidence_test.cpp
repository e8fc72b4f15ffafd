#include "server/verifier/evidence.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::evidence_test {
namespace {

using test::RoundMaker;
constexpr Degrees kFrankfurt{.lat = 50.11, .lon = 8.68};

RoundMaker european_round(SignatureAlgorithm algorithm = SignatureAlgorithm::kEd25519) {
  RoundMaker maker{algorithm};
  maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("zrh", {.lat = 47.37, .lon = 8.54});
  return maker;
}

std::string first_code(const CheckedEvidence& checked) {
  return checked.reasons.empty() ? "" : checked.reasons.front().code;
}

std::size_t used(const CheckedEvidence& checked) {
  std::size_t n = 0;
  for (const AnchorFinding& a : checked.anchors) n += a.used ? 1U : 0U;
  return n;
}

void check_invalid(const RoundEvidenceBytes& evidence, const std::string& code) {
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kInvalid);
  CHECK(first_code(checked) == code);
  CHECK(used(checked) == (code == "transcript_mismatch" ? used(checked) : 0U));
}

TEST_CASE("evidence: an honest round is accepted with every algorithm, and the smallest round trip counts") {
  for (const auto algorithm :
       {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384}) {
    RoundMaker maker = european_round(algorithm);
    const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
    INFO(name_of(algorithm));
    REQUIRE(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(checked.reasons.empty());
    REQUIRE(used(checked) == 4);
    CHECK(checked.anchors[1].rtt_min == maker.rtt_to(maker.anchors[1], kFrankfurt));
    CHECK(checked.anchors[1].samples == 12);
    CHECK(checked.anchors[1].source == StampSource::kKernelBoth);
    CHECK(checked.statement->round_counter == 1);
  }
}

TEST_CASE("evidence: what the chip says of its processing time changes nothing") {
  RoundMaker maker = european_round();
  maker.spoil_session = [](std::size_t, v1::SessionReport& s) {
    for (auto& sample : *s.mutable_samples()) sample.set_residence_ns(4'000'000'000);
  };
  const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
  REQUIRE(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.anchors[0].rtt_min == maker.rtt_to(maker.anchors[0], kFrankfurt));
}

TEST_CASE("evidence: silence is told apart from unsigned answers") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  evidence.statements.clear();
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kSilent);
  CHECK(first_code(check_evidence(evidence)) == "no_statement");
  evidence.reports.clear();
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kSilent);
  CHECK(first_code(check_evidence(evidence)) == "no_answer");
}

TEST_CASE(
    "evidence: a statement by another key or encoding is invalid, over another certificate unresolved") {
  RoundMaker maker = european_round();
  const RoundEvidenceBytes good = maker.make(kFrankfurt);
  RoundEvidenceBytes forged = good;
  forged.device_key = generate_key(SignatureAlgorithm::kEd25519)->public_key();
  check_invalid(forged, "statement_signature");
  RoundEvidenceBytes downgraded = good;
  downgraded.device_key = generate_key(SignatureAlgorithm::kEs256)->public_key();
  check_invalid(downgraded, "statement_signature");
  RoundEvidenceBytes other_certificate = good;
  other_certificate.device_certificate = random_id<Digest>();
  const CheckedEvidence renewed = check_evidence(other_certificate);
  CHECK(renewed.outcome == EvidenceOutcome::kUnvouched);
  CHECK(renewed.reasons.front().code == "statement_certificate");
  REQUIRE(renewed.would_resolve.size() == 1);
  CHECK(std::none_of(renewed.anchors.begin(), renewed.anchors.end(), [](const auto& a) { return a.used; }));
  // A graver fault of another statement stands.
  RoundEvidenceBytes worse = other_certificate;
  worse.statements.push_back(worse.statements[0]);
  worse.statements[1].pop_back();
  check_invalid(worse, "statement_malformed");
  // What else is wrong with it stays wrong: an old round, a key that the maker revoked, another key.
  other_certificate.round = random_id<RoundId>();
  check_invalid(other_certificate, "statement_replay");
  other_certificate.round = good.round;
  other_certificate.certificate_fault = CertificateFault{CertificateFault::Code::kRevoked, "revoked"};
  check_invalid(other_certificate, "certificate_revoked");
  other_certificate.certificate_fault.reset();
  other_certificate.device_key = forged.device_key;
  check_invalid(other_certificate, "statement_signature");
  RoundEvidenceBytes cut = good;
  cut.statements[0].pop_back();
  check_invalid(cut, "statement_malformed");
}

TEST_CASE("evidence: a statement of another chip, coordinator or round is invalid") {
  RoundMaker maker = european_round();
  maker.spoil_statement = [](Statement& s) { s.chip = random_id<ChipId>(); };
  check_invalid(maker.make(kFrankfurt), "statement_identity");
  maker.spoil_statement = [](Statement& s) { s.coordinator = random_id<CoordinatorId>(); };
  check_invalid(maker.make(kFrankfurt), "statement_identity");
  maker.spoil_statement = [](Statement& s) { s.round = random_id<RoundId>(); };
  check_invalid(maker.make(kFrankfurt), "statement_replay");
  maker.spoil_statement = [](Statement& s) { s.nonce = random_id<Nonce>(); };
  check_invalid(maker.make(kFrankfurt), "statement_replay");
}

TEST_CASE("evidence: counters that go back are invalid") {
  RoundMaker maker = european_round();
  maker.round_counter = 7;
  maker.boot_count = 3;
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  evidence.last_accepted = CounterMark{.boot_count = 3, .round_counter = 6};
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
  evidence.last_accepted = CounterMark{.boot_count = 3, .round_counter = 7};
  check_invalid(evidence, "counter_rollback");
  const std::string text = check_evidence(evidence).reasons.front().text;
  CHECK(text.find("(round counter 7 after 7, boot count 3 after 3)") != std::string::npos);
  CHECK(text.find("chiploc chip restart-counters CHIP --reason WHY") != std::string::npos);
  evidence.first_words = true;  // of a round of before, which is judged again to the byte
  CHECK(
      check_evidence(evidence).reasons.front().text ==
      "The chip's counters went back (round counter 7 after 7, boot count 3 after 3): its state was restored, or "
      "its key is in two places.");
  evidence.last_accepted = CounterMark{.boot_count = 4, .round_counter = 6};
  check_invalid(evidence, "counter_rollback");
}

TEST_CASE("evidence: an open debug interface is invalid") {
  RoundMaker maker = european_round();
  maker.spoil_statement = [](Statement& s) { s.debug_state = DebugState::kEnabled; };
  check_invalid(maker.make(kFrankfurt), "debug_enabled");
}

TEST_CASE("evidence: two valid statements over different sessions betray a copied key") {
  RoundMaker maker = european_round();
  const RoundEvidenceBytes one = maker.make(kFrankfurt);
  RoundEvidenceBytes both = one;
  Statement second = check_statement(one.statements[0], one.device_key, one.device_certificate).value();
  for (auto& entry : second.transcripts) entry.transcript = random_id<Digest>();
  both.statements.push_back(sign_statement(second, maker.certificate, *maker.device_key).value());
  check_invalid(both, "cloned_key");
  // Whichever certificate over the key the second holder names, or both of them.
  both.statements[1] = sign_statement(second, random_id<Digest>(), *maker.device_key).value();
  check_invalid(both, "cloned_key");
  both.device_certificate = random_id<Digest>();
  check_invalid(both, "cloned_key");
  RoundEvidenceBytes twice = one;
  twice.statements.push_back(twice.statements[0]);
  CHECK(check_evidence(twice).outcome == EvidenceOutcome::kMeasured);
}

TEST_CASE("evidence: a forged second statement condemns nobody while a valid one is there") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  evidence.statements.insert(evidence.statements.begin(), ByteVector{1, 2, 3});
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
}

TEST_CASE("evidence: one anchor's bad report is left out, and does not condemn the chip") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  const auto expect_left_out = [&](const std::string& code) {
    const CheckedEvidence checked = check_evidence(evidence);
    CHECK(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(first_code(checked) == code);
    CHECK(used(checked) == 3);
    CHECK_FALSE(checked.anchors[1].used);
    CHECK_FALSE(checked.anchors[1].note.empty());
  };
  SECTION("signed by somebody else") {
    evidence.tickets[1].anchor.report_key = generate_key(SignatureAlgorithm::kEd25519)->public_key();
    expect_left_out("report_signature");
  }
  SECTION("bytes that are no report") {
    evidence.reports[1].second = ByteVector(40, 0xff);
    expect_left_out("report_signature");
  }
  SECTION("about another ticket") {
    maker.spoil_report = [](std::size_t i, v1::ReportBody& b) {
      if (i == 1) (*b.mutable_ticket())[200] = static_cast<char>((*b.mutable_ticket())[200] + 1);
    };
    evidence = maker.make(kFrankfurt);
    expect_left_out("report_ticket");
  }
  SECTION("of another round") {
    maker.spoil_report = [](std::size_t i, v1::ReportBody& b) {
      if (i == 1) b.set_round_id(std::string(16, 'x'));
    };
    evidence = maker.make(kFrankfurt);
    expect_left_out("report_ticket");
  }
  SECTION("exchanges that the chip did not sign") {
    maker.spoil_session = [](std::size_t i, v1::SessionReport& s) {
      if (i == 1) s.mutable_transcript()->back() = static_cast<char>(s.transcript().back() + 1);
    };
    evidence = maker.make(kFrankfurt);
    expect_left_out("transcript_dropped");
  }
}

TEST_CASE("evidence: samples that cannot be are a fault of the report") {
  const std::vector<std::pair<std::string, std::function<void(v1::SessionReport&)>>> faults{
      {"negative", [](v1::SessionReport& s) { s.mutable_samples(0)->set_rtt_ns(-1); }},
      {"zero", [](v1::SessionReport& s) { s.mutable_samples(0)->set_rtt_ns(0); }},
      {"absurd", [](v1::SessionReport& s) { s.mutable_samples(0)->set_rtt_ns(21'000'000'000); }},
      {"twice", [](v1::SessionReport& s) { s.mutable_samples(0)->set_sequence(1); }},
      {"unanswered", [](v1::SessionReport& s) { s.mutable_samples(0)->set_sequence(40); }},
      {"out of range", [](v1::SessionReport& s) { s.mutable_samples(0)->set_sequence(64); }},
      {"simulated",
       [](v1::SessionReport& s) { s.mutable_samples(0)->set_source(v1::STAMP_SOURCE_SIMULATED); }},
      {"no source",
       [](v1::SessionReport& s) { s.mutable_samples(0)->set_source(v1::STAMP_SOURCE_UNSPECIFIED); }},
      {"another session id", [](v1::SessionReport& s) { s.set_session_id(std::string(8, 'x')); }},
      {"another key", [](v1::SessionReport& s) { s.set_agent_public(std::string(32, 'x')); }},
      {"cut transcript", [](v1::SessionReport& s) { s.mutable_transcript()->pop_back(); }},
      {"opened by nobody", [](v1::SessionReport& s) { (*s.mutable_opening())[5] ^= 1; }},
      {"opened by no device", [](v1::SessionReport& s) { s.set_opening("x"); }},
  };
  for (const auto& [what, spoil] : faults) {
    INFO(what);
    RoundMaker maker = european_round();
    maker.spoil_session = [&wrong = spoil](std::size_t i, v1::SessionReport& s) {
      if (i == 2) wrong(s);
    };
    const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
    CHECK(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(first_code(checked) == "report_inconsistent");
    CHECK(used(checked) == 3);
  }
}

TEST_CASE("evidence: a session that another device's key opened is a fault of the report") {
  for (const auto algorithm :
       {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384}) {
    RoundMaker maker = european_round();
    maker.device_key = generate_key(algorithm);
    CHECK(used(check_evidence(maker.make(kFrankfurt))) == 4);
    const auto stranger = generate_key(algorithm);
    maker.spoil_report = [&](std::size_t i, v1::ReportBody& body) {
      if (i != 1) return;
      v1::SessionReport& session = *body.mutable_sessions(0);
      const auto ticket = parse_ticket(bytes_of(body.ticket())).value();
      const auto agent = X25519Public::from_bytes(bytes_of(session.agent_public())).value();
      const auto opening = sign(OpeningClaim::of(ticket, agent), *stranger).value();
      session.set_opening(string_of(Bytes{opening.bytes}.first(opening.size)));
    };
    const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
    CHECK(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(first_code(checked) == "report_inconsistent");
    CHECK(used(checked) == 3);
  }
}

TEST_CASE("evidence: reports of before the device signed its OPENs are read as they were") {
  RoundMaker maker = european_round();
  maker.spoil_session = [](std::size_t, v1::SessionReport& s) { s.clear_opening(); };
  const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.reasons.empty());
  CHECK(used(checked) == 4);
}

TEST_CASE("evidence: a chip of another protocol version is silent with a reason, unless it was measured") {
  RoundMaker maker = european_round();
  maker.spoil_report = [](std::size_t i, v1::ReportBody& body) {
    if (i == 0) (*body.mutable_rejects())[static_cast<std::uint32_t>(RejectReason::kUnsupportedVersion)] = 2;
  };
  CHECK(check_evidence(maker.make(kFrankfurt)).reasons.empty());
  const auto of_version = maker.spoil_report;
  maker.spoil_report = [&](std::size_t i, v1::ReportBody& body) {
    body.clear_sessions();
    of_version(i, body);
  };
  auto evidence = maker.make(kFrankfurt);
  evidence.statements.clear();
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kSilent);
  REQUIRE(checked.reasons.size() == 2);
  CHECK(checked.reasons[0].code == "no_answer");
  CHECK(checked.reasons[1].code == "protocol_version");
  CHECK(checked.anchors[0].note.find("another version") != std::string::npos);
}

TEST_CASE("evidence: a session under another ticket is a fault of the report") {
  RoundMaker maker = european_round();
  const RoundEvidenceBytes earlier = maker.make(kFrankfurt);
  maker.spoil_session = [&](std::size_t i, v1::SessionReport& s) {
    if (i == 2) s = maker.make_session(earlier.tickets[2].ticket, Nanoseconds{1'000});
  };
  const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(first_code(checked) == "report_inconsistent");
  CHECK_FALSE(checked.anchors[2].used);
}

TEST_CASE("evidence: more foreign exchanges than the fault budget are invalid, by perspective") {
  RoundMaker maker = european_round();
  const auto foreign = [](std::size_t i, v1::SessionReport& s) {
    if (i < 2) s.mutable_transcript()->back() = static_cast<char>(s.transcript().back() + 1);
  };
  maker.spoil_session = foreign;
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  check_invalid(evidence, "transcript_mismatch");
  evidence.fault_budget = 2;
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
  maker.anchors[1].operator_name = maker.anchors[0].operator_name;  // now both are one perspective
  CHECK(check_evidence(maker.make(kFrankfurt)).outcome == EvidenceOutcome::kMeasured);
}

TEST_CASE("evidence: a statement may leave an anchor out, never add one") {
  RoundMaker maker = european_round();
  maker.spoil_statement = [](Statement& s) { s.transcripts.erase(s.transcripts.begin() + 1); };
  const CheckedEvidence checked = check_evidence(maker.make(kFrankfurt));
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(used(checked) == 3);
  CHECK(checked.anchors[1].note == "the chip's statement does not cover it");
  maker.spoil_statement = [](Statement& s) { s.transcripts.push_back({9, random_id<Digest>()}); };
  check_invalid(maker.make(kFrankfurt), "transcript_set");
}

TEST_CASE("evidence: an anchor that reports twice is taken at its first word") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  v1::SessionReport other = maker.make_session(evidence.tickets[0].ticket, Nanoseconds{1'000});
  evidence.reports.emplace_back(evidence.tickets[0].anchor.id,
                                maker.sign_report_of(0, evidence.tickets[0].ticket, {other}));
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.anchors[0].rtt_min == maker.rtt_to(maker.anchors[0], kFrankfurt));
}

TEST_CASE("evidence: an anchor cannot report for another, nor one that was not asked") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  evidence.reports[1].first = evidence.reports[0].first;  // par's stream brings ber's report
  evidence.reports.erase(evidence.reports.begin());       // and ber itself says nothing
  evidence.reports.emplace_back(random_id<AnchorId>(), evidence.reports[1].second);
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(first_code(checked) == "report_signature");
  CHECK(used(checked) == 2);
}

TEST_CASE("evidence: two holders behind one ticket: the one that signed counts") {
  RoundMaker maker = european_round();
  RoundEvidenceBytes evidence = maker.make(kFrankfurt);
  v1::SignedReport envelope;
  v1::ReportBody body;
  REQUIRE(envelope.ParseFromArray(evidence.reports[0].second.data(),
                                  static_cast<int>(evidence.reports[0].second.size())));
  REQUIRE(body.ParseFromString(envelope.body()));
  const v1::SessionReport stranger = maker.make_session(evidence.tickets[0].ticket, Nanoseconds{10'000});
  evidence.reports[0].second =
      maker.sign_report_of(0, evidence.tickets[0].ticket, {stranger, body.sessions(0)});
  const CheckedEvidence checked = check_evidence(evidence);
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.anchors[0].rtt_min == maker.rtt_to(maker.anchors[0], kFrankfurt));
}

TEST_CASE("perspectives: a shared operator or network joins, also through others") {
  RoundMaker maker;
  maker.add_anchor("a", {}, "op1", "net1");
  maker.add_anchor("b", {}, "op2", "net2");
  maker.add_anchor("c", {}, "op3", "net1");
  maker.add_anchor("d", {}, "op3", "net4");
  maker.add_anchor("e", {}, "op4", "net2");
  const RoundEvidenceBytes evidence = maker.make({});
  std::vector<const AnchorFacts*> facts;
  for (const IssuedTicket& t : evidence.tickets) facts.push_back(&t.anchor);
  CHECK(number_perspectives(facts) == std::vector<std::uint32_t>{0, 1, 0, 0, 1});
}

}  // namespace
}  // namespace chiploc::evidence_test
