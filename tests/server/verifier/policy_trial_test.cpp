#include "server/verifier/policy_trial.hpp"

#include <random>

#include "proto/crypto/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/clone_maker.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::policy_trial_test {
namespace {

using Kind = TrialOutcome::Kind;
using test::RoundMaker;
using test::StoredRoundMaker;

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

const char* const kMiddle = R"({"type":"Polygon","coordinates":[[[0,45],[20,45],[20,57],[0,57],[0,45]]]})";

Policy policy_of(unsigned faults, bool fibre = false) {
  Policy out;
  out.fault_budget = faults;
  if (fibre) {
    out.speed = kLightInFibre;
    out.speed_name = "fibre";
  }
  return out;
}

PolicyTrial trial_of(Policy policy, const StoredRound& round) {
  return {std::move(policy), own_borders(), [&round](const Digest& digest) -> std::optional<std::string> {
            const auto found = round.areas.find(digest);
            return found == round.areas.end() ? std::nullopt : std::optional{found->second};
          }};
}

/// What replay() says of it, in the trial's terms.
TrialOutcome replayed(const StoredRound& round, const Policy& policy) {
  return PolicyTrial::outcome_of(round.record, replay(round, own_borders(), policy));
}

StoredRoundMaker some_anchors(std::mt19937& dice) {
  struct Site {
    const char* name;
    Degrees at;
  };
  constexpr Site kSites[] = {{"ams", {.lat = 52.37, .lon = 4.90}},  {"par", {.lat = 48.86, .lon = 2.35}},
                             {"fra", {.lat = 50.11, .lon = 8.68}},  {"lon", {.lat = 51.51, .lon = -0.13}},
                             {"waw", {.lat = 52.23, .lon = 21.01}}, {"hel", {.lat = 60.17, .lon = 24.94}},
                             {"mil", {.lat = 45.46, .lon = 9.19}}};
  RoundMaker maker;
  for (const Site& site : kSites) {
    if (dice() % 3 != 0) maker.add_anchor(site.name, site.at, dice() % 6 == 0 ? "shared" : "");
  }
  if (maker.anchors.empty()) maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  for (auto& anchor : maker.anchors) anchor.uncertainty = Kilometers{dice() % 4 == 0 ? 30.0 : 0.0};
  StoredRoundMaker out{std::move(maker)};
  out.posterior_left_out = true;
  return out;
}

TEST_CASE("trial: it says what a replay with that policy says, of any round") {
  std::mt19937 dice{20261201};
  const auto real = [&dice](double from, double to) {
    return std::uniform_real_distribution<double>{from, to}(dice);
  };
  std::map<VerdictState, int> seen;
  int changed = 0;
  int travelled = 0;
  for (int i = 0; i < 120; ++i) {
    StoredRoundMaker made = some_anchors(dice);
    made.maker.path_factor = real(1.0, 1.8);
    made.maker.extra = std::chrono::microseconds{dice() % 2000};
    if (dice() % 5 == 0) made.maker.extra += std::chrono::milliseconds{20};
    made.policy = policy_of(static_cast<unsigned>(dice() % 3));
    made.claim = {
        .licence = "L-1", .licensed = {}, .prohibited = codes({"RU", "BY"}), .in_force = dice() % 8 != 0};
    if (dice() % 2 == 0) made.claim.licensed = codes({"DE", "BE", "NL"});
    if (dice() % 2 == 0) made.claim.licensed_areas.push_back(made.draw("middle of Europe", kMiddle));
    if (dice() % 3 == 0) made.claim.prohibited.push_back(codes({"PL"})[0]);
    if (dice() % 3 == 0) {  // what is proved at all is proved there
      made.claim.prohibited = codes({"DE", "NL", "BE", "FR", "LU", "CH", "AT", "CZ", "DK", "PL"});
      made.claim.licensed = codes({"JP"});
      made.claim.licensed_areas.clear();
    }
    if (made.claim.licensed.empty() && made.claim.licensed_areas.empty()) made.claim.licensed = codes({"FR"});
    const LatLon before = LatLon::from_degrees({.lat = real(30.0, 50.0), .lon = real(0.0, 40.0)}).value();
    if (dice() % 3 == 0) {
      made.seen_before = Sighting{random_id<RoundId>(),
                                  {before, Kilometers{100.0}, 0.0},
                                  WallTime{std::chrono::seconds{1'700'000'000 - 400}},
                                  WallTime{std::chrono::seconds{1'700'000'000 - 390}},
                                  {}};
    }
    const StoredRound round = made.store(made.maker.make({.lat = real(46.0, 56.0), .lon = real(2.0, 28.0)}));
    for (const Policy& policy : {made.policy, policy_of(0), policy_of(1), policy_of(2), policy_of(1, true)}) {
      const TrialOutcome fast = trial_of(policy, round).judge(round.context, round.record);
      const TrialOutcome slow = replayed(round, policy);
      CAPTURE(i, policy.fault_budget, policy.speed_name, fast.why, slow.why);
      REQUIRE(fast.kind == Kind::kJudged);
      REQUIRE(slow.kind == Kind::kJudged);
      REQUIRE(fast.was == slow.was);
      REQUIRE(name_of(fast.is) == name_of(slow.is));
      REQUIRE(fast.reason == slow.reason);
      if (policy == made.policy) CHECK(fast.is == fast.was);
      ++seen[fast.is];
      changed += fast.is != fast.was ? 1 : 0;
      travelled += fast.reason == "impossible_travel" ? 1 : 0;
    }
  }
  // What this test is worth: every state of the map came up, and policies made a difference.
  CHECK(seen[VerdictState::kVerified] > 3);
  CHECK(seen[VerdictState::kCleared] > 10);
  CHECK(seen[VerdictState::kUnresolved] > 10);
  CHECK(seen[VerdictState::kOutside] > 10);
  CHECK(seen[VerdictState::kProhibited] > 3);
  CHECK(changed > 30);
  CHECK(travelled > 3);
}

StoredRoundMaker around_brussels() {
  RoundMaker maker;
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("lon", {.lat = 51.51, .lon = -0.13});
  StoredRoundMaker out{std::move(maker)};
  out.claim = {.licence = "L-1", .licensed = codes({"BE", "NL", "FR", "DE", "LU", "GB"}), .prohibited = {}};
  return out;
}
constexpr Degrees kBrussels{.lat = 50.85, .lon = 4.35};

TEST_CASE("trial: silence and what a chip's key did wrong stay what they are, whatever the policy") {
  StoredRoundMaker made = around_brussels();
  RoundEvidenceBytes silent = made.maker.make(kBrussels);
  silent.statements.clear();
  StoredRound round = made.store(silent);
  TrialOutcome outcome = trial_of(policy_of(0), round).judge(round.context, round.record);
  CHECK(outcome.kind == Kind::kJudged);
  CHECK(outcome.is == VerdictState::kSilent);
  CHECK(outcome.reason == "no_statement");
  made.edit_context = [](RoundContext& context) {
    context.last_accepted = CounterMark{.boot_count = 9, .round_counter = 9};
  };
  round = made.store(made.maker.make(kBrussels));
  outcome = trial_of(policy_of(0), round).judge(round.context, round.record);
  CHECK(outcome.is == VerdictState::kInvalid);
  CHECK(outcome.reason == "counter_rollback");
}

TEST_CASE("trial: a certificate that nobody vouches for proves nothing under any policy") {
  StoredRoundMaker made = around_brussels();
  made.edit_context = [](RoundContext& context) {
    context.certificate_fault = CertificateFault{CertificateFault::Code::kCrlStale, "old"};
  };
  const StoredRound round = made.store(made.maker.make(kBrussels));
  const TrialOutcome outcome = trial_of(policy_of(0), round).judge(round.context, round.record);
  CHECK(outcome.is == VerdictState::kUnresolved);
  CHECK(outcome.reason == "revocation_list_stale");
}

TEST_CASE("trial: where the budget decides whether evidence holds, only a replay tells") {
  StoredRoundMaker made = around_brussels();
  made.maker.spoil_session = [](std::size_t anchor, v1::SessionReport& session) {
    if (anchor == 0)
      session.mutable_transcript()->back() = static_cast<char>(session.transcript().back() + 1);
  };
  const auto spoilt = [&] {
    auto evidence = made.maker.make(kBrussels);
    return evidence;
  };
  // One anchor's report is at odds with the statement: left out under a budget of 1, invalid under none.
  made.policy = policy_of(1);
  StoredRound round = made.store(spoilt());
  const auto& reasons = made.record.finding().reasons();
  const bool dropped = std::any_of(reasons.begin(), reasons.end(),
                                   [](const auto& r) { return r.code() == "transcript_dropped"; });
  REQUIRE(dropped);
  REQUIRE(made.record.finding().state() == v1::VERIFIED);
  CHECK(trial_of(policy_of(1), round).judge(round.context, round.record).kind == Kind::kJudged);
  CHECK(trial_of(policy_of(2), round).judge(round.context, round.record).kind == Kind::kJudged);
  CHECK(trial_of(policy_of(0), round).judge(round.context, round.record).kind == Kind::kNeedsEvidence);
  TrialOutcome told = replayed(round, policy_of(0));
  CHECK(told.was == VerdictState::kVerified);
  CHECK(told.is == VerdictState::kInvalid);
  CHECK(told.reason == "transcript_mismatch");
  // And the other way round.
  made.policy = policy_of(0);
  round = made.store(spoilt());
  REQUIRE(made.record.finding().state() == v1::INVALID);
  CHECK(trial_of(policy_of(0), round).judge(round.context, round.record).kind == Kind::kJudged);
  CHECK(trial_of(policy_of(1), round).judge(round.context, round.record).kind == Kind::kNeedsEvidence);
  CHECK(replayed(round, policy_of(1)).is == VerdictState::kVerified);
}

TEST_CASE("trial: what cannot be judged says why, and is never a state") {
  StoredRoundMaker made = around_brussels();
  made.claim.licensed_areas.push_back(made.draw("middle of Europe", kMiddle));
  const StoredRound good = made.store(made.maker.make(kBrussels));
  const auto why = [](const StoredRound& round) {
    const TrialOutcome outcome = trial_of(policy_of(1), round).judge(round.context, round.record);
    CHECK(outcome.kind == Kind::kCannotBeJudged);
    return outcome.why;
  };
  StoredRound round = good;
  round.context.clear();
  CHECK(why(round) == "the round is of before contexts were stored");
  round = good;
  round.record = {0xff, 0xff};
  CHECK(why(round) == "its record cannot be read");
  round.record = record_bytes([&] {
    auto record = made.record;
    record.mutable_finding()->set_state(static_cast<v1::VerdictState>(77));
    return record;
  }());
  CHECK(why(round) == "its record cannot be read");
  round = good;
  round.context.push_back(0);
  CHECK(why(round) == "its context is not the one that was judged");
  round = good;
  round.areas.begin()->second += " ";
  CHECK(why(round) == "the drawing of an area that it names is not at hand, or not the one of then");
  round.areas.clear();
  CHECK(why(round) == "the drawing of an area that it names is not at hand, or not the one of then");
  round = good;
  auto record = made.record;
  record.mutable_sealed()->mutable_anchors(0)->set_id("nobody");
  round.record = record_bytes(record);
  CHECK(why(round) == "its record does not fit its context");
  made.edit_context = [](RoundContext& context) { context.borders_sha256 = sha256(bytes_of("other")); };
  CHECK(why(made.store(made.maker.make(kBrussels))) ==
        "it was judged by other borders than this program has");
  const ReplayOutcome wrong{.kind = ReplayOutcome::Kind::kWrongDigest, .wrong = {"ticket 1"}};
  CHECK(PolicyTrial::outcome_of(good.record, wrong).why == "what is stored is not what was judged");
}

TEST_CASE("trial: one trial judges rounds of many claims, each by its own") {
  StoredRoundMaker made = around_brussels();
  std::vector<StoredRound> rounds;
  for (const char* licensed : {"BE", "JP"}) {
    made.claim.licensed = codes({licensed});
    made.claim.prohibited = codes({"RU"});
    made.maker.path_factor = 1.0;
    made.maker.extra = Nanoseconds{0};
    rounds.push_back(made.store(made.maker.make(kBrussels)));
  }
  PolicyTrial trial = trial_of(policy_of(1), rounds[0]);
  for (int again = 0; again < 2; ++again) {
    CHECK(trial.judge(rounds[0].context, rounds[0].record).is != VerdictState::kOutside);
    CHECK(trial.judge(rounds[1].context, rounds[1].record).is == VerdictState::kOutside);
  }
}

}  // namespace
}  // namespace chiploc::policy_trial_test
