// Whole rounds under a policy that asks more of an accusation, or of a clearance: what is said, and what is kept.
#include <random>

#include "server/verifier/policy_trial.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::faults_by_kind_test {
namespace {

using test::Judged;
using test::RoundMaker;
using test::StoredRoundMaker;
constexpr WallTime kNow{std::chrono::seconds{1'800'000'000}};
constexpr Degrees kWagga{.lat = -35.11, .lon = 147.37};
constexpr Degrees kBrussels{.lat = 50.85, .lon = 4.35};

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

Policy policy_of(unsigned faults, unsigned more_to_clear = 0, unsigned more_to_accuse = 0) {
  return {.fault_budget = faults, .more_to_clear = more_to_clear, .more_to_accuse = more_to_accuse};
}

/// Two near anchors, and two beyond the sea in whose disks New Zealand and Fiji are as well.
RoundMaker two_near_two_far() {
  RoundMaker maker;
  maker.add_anchor("syd", {.lat = -33.87, .lon = 151.21});
  maker.add_anchor("cbr", {.lat = -35.28, .lon = 149.13});
  maker.add_anchor("hnl", {.lat = 21.31, .lon = -157.86});
  maker.add_anchor("scl", {.lat = -33.45, .lon = -70.67});
  return maker;
}

Judged judge(RoundMaker& maker, const Claim& claim, const Policy& policy,
             const std::vector<KnownAnchor>& known = {}) {
  return test::judge(maker.make(kWagga), maker.coordinator_key->public_key(), claim, policy, kNow, known);
}

const Reason* reason_of(const Judged& v, std::string_view code) {
  for (const Reason& reason : v.reasons) {
    if (reason.code == code) return &reason;
  }
  return nullptr;
}

TEST_CASE(
    "faults by kind: an accusation that holds says by how many, and all of its proof is of that region") {
  RoundMaker maker = two_near_two_far();
  const Claim claim{.licence = "L-1", .licensed = codes({"PG"}), .prohibited = codes({"RU"})};
  const Judged plain = judge(maker, claim, policy_of(1));
  const Judged v = judge(maker, claim, policy_of(1, 0, 1));
  REQUIRE(plain.state == VerdictState::kOutside);
  REQUIRE(v.state == VerdictState::kOutside);
  CHECK(plain.proof.fault_budget == 1);
  CHECK(v.proof.fault_budget == 2);
  CHECK(v.proof.fault_budget_max >= 2);
  CHECK(v.record.fault_budget() == 2);
  CHECK(v.reasons.size() == 1);
  CHECK(v.reasons[0].text.find("even if any 2 perspectives are wrong") != std::string::npos);
  CHECK(v.proof.countries.size() > plain.proof.countries.size());
  CHECK(v.proof.margin < plain.proof.margin);
  CHECK(v.region->extent()->radius > plain.region->extent()->radius);
  // The same as under one number for all, but for the names: nothing of the smaller region is left in it.
  const Judged two = judge(maker, claim, policy_of(2));
  CHECK(v.proof.hinges == two.proof.hinges);
  CHECK(v.proof.countries == two.proof.countries);
  CHECK(v.reasons[0].text == two.reasons[0].text);
  CHECK(v.stored.sealed().region_geojson() == two.stored.sealed().region_geojson());
}

TEST_CASE("faults by kind: what would clear with one more wrong accuses nobody, and says what is missing") {
  RoundMaker maker = two_near_two_far();
  const Claim claim{.licence = "L-1", .licensed = codes({"NZ"}), .prohibited = codes({"KP"})};
  REQUIRE(judge(maker, claim, policy_of(1)).state == VerdictState::kOutside);
  REQUIRE(judge(maker, claim, policy_of(2)).state == VerdictState::kCleared);
  const Judged v = judge(maker, claim, policy_of(1, 0, 1));
  REQUIRE(v.state == VerdictState::kUnresolved);
  CHECK(v.reasons[0].code == "finding_withheld");
  const std::string head =
      "OUTSIDE would hold even if any one perspective is wrong. The policy asks of an accusation that it holds "
      "even if any 2 perspectives are wrong (faults_to_accuse = 2). Then the round trips allow ";
  CHECK(v.reasons[0].text.substr(0, head.size()) == head);
  CHECK(v.reasons[0].text.find("licensed land among it: no chip is accused so, and none is cleared.") !=
        std::string::npos);
  CHECK(v.reasons.size() == 1);
  CHECK(v.proof.fault_budget == 2);
  CHECK_FALSE(v.would_resolve.empty());
  // Anchors are asked for by which the licensed land would be excluded, and no other.
  const Judged told =
      judge(maker, claim, policy_of(1, 0, 1),
            {{random_id<AnchorId>(), "mel", LatLon::from_degrees({.lat = -37.81, .lon = 144.96}).value(),
              Kilometers{0.0}, "op-mel", "net-mel"}});
  REQUIRE_FALSE(told.resolutions.empty());
  for (const Resolution& resolution : told.resolutions) {
    CHECK_FALSE(resolution.if_licensed);
    CHECK(resolution.excludes == std::vector<std::string>{"NZ", "TK"});  // which the licence may mean
  }
  CHECK(told.resolutions.front().by.front().anchor == "mel");
  // And with one more such perspective it is OUTSIDE.
  maker.add_anchor("mel", {.lat = -37.81, .lon = 144.96});
  CHECK(judge(maker, claim, policy_of(1, 0, 1)).state == VerdictState::kOutside);
}

TEST_CASE("faults by kind: what is open by the higher budget alone says what would hold by fewer") {
  RoundMaker maker = two_near_two_far();
  const Judged v = judge(maker, {.licence = "L-1", .licensed = codes({"AU"}), .prohibited = codes({"FJ"})},
                         policy_of(1, 1));
  REQUIRE(v.state == VerdictState::kUnresolved);
  CHECK(v.reasons[0].code == "could_be_prohibited");
  REQUIRE(reason_of(v, "holds_with_fewer_faults") != nullptr);
  CHECK(
      reason_of(v, "holds_with_fewer_faults")->text ==
      "VERIFIED would hold even if any one perspective is wrong. The policy asks of a clearance that it holds "
      "even if any 2 perspectives are wrong (faults_to_clear = 2).");
  CHECK_FALSE(v.would_resolve.empty());
  const Judged none =
      judge(maker, {.licence = "L-1", .licensed = codes({"CA"}), .prohibited = {}}, policy_of(0, 0, 4));
  REQUIRE(none.state == VerdictState::kUnresolved);
  CHECK(none.reasons[0].text.find("with a fault budget of 4 at least 5 are needed") != std::string::npos);
  REQUIRE(reason_of(none, "holds_with_fewer_faults") != nullptr);
  CHECK(reason_of(none, "holds_with_fewer_faults")
            ->text.find("OUTSIDE would hold if no perspective is wrong.") == 0);
  CHECK_FALSE(none.would_resolve.empty());
}

/// Four anchors about Brussels, of which the first `lying` saw exchanges that the chip did not sign.
RoundEvidenceBytes disputed_by(RoundMaker& maker, std::size_t lying) {
  maker.spoil_session = [lying](std::size_t anchor, v1::SessionReport& session) {
    if (anchor < lying)
      session.mutable_transcript()->back() = static_cast<char>(session.transcript().back() + 1);
  };
  return maker.make(kBrussels);
}

TEST_CASE("faults by kind: reports at odds with the statement accuse by faults_to_accuse alone") {
  RoundMaker maker = test::four_anchors();
  for (std::size_t lying = 0; lying <= 4; ++lying) {
    RoundEvidenceBytes evidence = disputed_by(maker, lying);
    evidence.faults_to_accuse = 3;
    const CheckedEvidence checked = check_evidence(evidence);
    const auto used = std::count_if(checked.anchors.begin(), checked.anchors.end(),
                                    [](const AnchorFinding& a) { return a.used; });
    CAPTURE(lying);
    if (lying <= 1) {
      CHECK(checked.outcome == EvidenceOutcome::kMeasured);
      CHECK(used == 4 - static_cast<std::ptrdiff_t>(lying));
      CHECK(checked.statement);
    } else if (lying <= 3) {
      CHECK(checked.outcome == EvidenceOutcome::kUnvouched);
      CHECK(checked.reasons[0].code == "transcript_disputed");
      CHECK(checked.reasons[0].text.find(std::to_string(lying) + " perspective(s) saw") == 0);
      CHECK(checked.reasons[0].text.find("the 1 that") != std::string::npos);
      CHECK(checked.reasons[0].text.find("the 3 that") != std::string::npos);
      CHECK(used == 0);
      CHECK_FALSE(checked.statement);
      REQUIRE(checked.would_resolve.size() == 1);
      CHECK(checked.would_resolve[0].find(lying == 2 ? "ber, ams." : "ber, ams, par.") != std::string::npos);
    } else {
      CHECK(checked.outcome == EvidenceOutcome::kInvalid);
      CHECK(checked.reasons[0].code == "transcript_mismatch");
    }
  }
  // Never by fewer than fault_budget, whatever stands beside it.
  RoundEvidenceBytes evidence = disputed_by(maker, 2);
  evidence.fault_budget = 2;
  evidence.faults_to_accuse = 1;
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
}

StoredRoundMaker stored(RoundMaker maker) {
  StoredRoundMaker out{std::move(maker)};
  out.posterior_left_out = true;
  out.claim = {.licence = "L-1", .licensed = codes({"NZ"}), .prohibited = codes({"KP"})};
  return out;
}

TrialOutcome tried(const StoredRound& round, const Policy& policy) {
  PolicyTrial trial{policy, own_borders(), [](const Digest&) -> std::optional<std::string> { return {}; }};
  return trial.judge(round.context, round.record);
}

TEST_CASE(
    "faults by kind: a round under such a policy is judged again to the byte, and so are those of before") {
  const std::vector<Policy> policies{policy_of(1),       policy_of(1, 0, 1), policy_of(1, 1),
                                     policy_of(0, 1, 1), policy_of(1, 0, 3), policy_of(2)};
  for (const Policy& own : policies) {
    StoredRoundMaker made = stored(two_near_two_far());
    made.policy = own;
    const StoredRound round = made.store(made.maker.make(kWagga));
    CAPTURE(own.fault_budget, own.more_to_clear, own.more_to_accuse);
    CHECK(replay(round, own_borders()).kind == ReplayOutcome::Kind::kSame);
    for (const Policy& other : policies) {
      const TrialOutcome slow = PolicyTrial::outcome_of(round.record, replay(round, own_borders(), other));
      const TrialOutcome fast = tried(round, other);
      REQUIRE(fast.kind == TrialOutcome::Kind::kJudged);
      CHECK(name_of(fast.is) == name_of(slow.is));
      CHECK(fast.reason == slow.reason);
    }
  }
}

TEST_CASE("faults by kind: an INVALID says the budget that it was asked for") {
  StoredRoundMaker made = stored(test::four_anchors());
  made.policy = policy_of(1, 0, 2);
  const StoredRound round = made.store(disputed_by(made.maker, 4));
  CHECK(made.record.finding().state() == v1::INVALID);
  CHECK(made.record.finding().fault_budget() == 3);
  CHECK(replay(round, own_borders()).kind == ReplayOutcome::Kind::kSame);
  const StoredRound open = made.store(disputed_by(made.maker, 3));
  CHECK(made.record.finding().state() == v1::UNRESOLVED);
  CHECK(made.record.finding().fault_budget() == 1);
  CHECK(replay(open, own_borders()).kind == ReplayOutcome::Kind::kSame);
}

TEST_CASE("faults by kind: a trial of disputed reports says the state, or that only a replay tells") {
  const std::vector<Policy> policies{policy_of(0), policy_of(1), policy_of(0, 0, 2), policy_of(1, 1, 1),
                                     policy_of(3)};
  std::map<std::string, int> seen;
  for (std::size_t lying = 1; lying <= 4; ++lying) {
    for (const bool stale : {false, true}) {
      if (stale && lying != 2) continue;
      for (const Policy& own : policies) {
        StoredRoundMaker made = stored(test::four_anchors());
        made.policy = own;
        made.edit_context = [stale](RoundContext& context) {
          if (stale) context.certificate_fault = CertificateFault{CertificateFault::Code::kCrlStale, "old"};
        };
        const StoredRound round = made.store(disputed_by(made.maker, lying));
        for (const Policy& other : policies) {
          const TrialOutcome fast = tried(round, other);
          CAPTURE(lying, stale, own.fault_budget, own.faults_to_accuse(), other.fault_budget,
                  other.faults_to_accuse());
          if (own == other) REQUIRE(fast.kind == TrialOutcome::Kind::kJudged);
          if (fast.kind == TrialOutcome::Kind::kNeedsEvidence) {
            ++seen["needs evidence"];
            continue;
          }
          REQUIRE(fast.kind == TrialOutcome::Kind::kJudged);
          const TrialOutcome slow =
              PolicyTrial::outcome_of(round.record, replay(round, own_borders(), other));
          REQUIRE(name_of(fast.is) == name_of(slow.is));
          REQUIRE(fast.reason == slow.reason);
          ++seen[slow.reason];
        }
      }
    }
  }
  CHECK(seen["needs evidence"] > 10);
  CHECK(seen["transcript_disputed"] > 3);
  CHECK(seen["transcript_mismatch"] > 10);
  CHECK(seen["revocation_list_stale"] > 1);
}

}  // namespace
}  // namespace chiploc::faults_by_kind_test
