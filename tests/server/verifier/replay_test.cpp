#include "server/verifier/replay.hpp"

#include "proto/crypto/digest.hpp"
#include "server/policy/canonical.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/clone_maker.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::replay_test {
namespace {

using Kind = ReplayOutcome::Kind;
using test::RoundMaker;
using test::StoredRoundMaker;
using Names = std::vector<std::string>;

constexpr Degrees kBrussels{.lat = 50.85, .lon = 4.35};
const char* const kMoon =
    R"({"type":"Polygon","coordinates":[[[100,-40],[101,-40],[101,-39],[100,-39],[100,-40]]]})";

std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

StoredRoundMaker around_brussels() {
  RoundMaker maker;
  maker.path_factor = 2.0;
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("lon", {.lat = 51.51, .lon = -0.13});
  StoredRoundMaker out{std::move(maker)};
  out.claim = {.licence = "L-1", .licensed = codes({"BE"}), .prohibited = codes({"RU", "BY"})};
  out.claim.prohibited_areas.push_back(out.draw("moon", kMoon));
  return out;
}

ReplayOutcome again(const StoredRound& round, const std::optional<Policy>& other = std::nullopt) {
  return replay(round, own_borders(), other);
}

void check_same(const StoredRound& round) {
  const ReplayOutcome outcome = again(round);
  INFO(outcome.why << (outcome.differences.empty() ? "" : outcome.differences.front())
                   << (outcome.wrong.empty() ? "" : outcome.wrong.front()));
  CHECK(outcome.kind == Kind::kSame);
  REQUIRE(outcome.judged);
  CHECK(record_bytes(*outcome.judged) == round.record);
}

TEST_CASE("replay: an open round is judged again to the byte, with what delays suggest of it") {
  StoredRoundMaker made = around_brussels();
  made.maker.extra = std::chrono::milliseconds{30};
  StoredRound round = made.store(made.maker.make(kBrussels));
  REQUIRE(made.record.finding().state() == v1::UNRESOLVED);
  REQUIRE(made.record.explanation().has_posterior());
  REQUIRE(made.record.explanation().resolutions_size() > 0);
  check_same(round);
  // Where there was no time for a posterior none is made now.
  made.posterior_left_out = true;
  round = made.store(made.maker.make(kBrussels));
  CHECK_FALSE(made.record.explanation().has_posterior());
  check_same(round);
}

TEST_CASE("replay: why a chip is silent follows from context, evidence and what was heard, to the byte") {
  using namespace std::chrono_literals;
  StoredRoundMaker made = around_brussels();
  made.edit_context = [](RoundContext& context) {
    context.contact = Contact{.knocks = true, .wait = 61s, .limit = 180s, .every = 26s, .rendezvous = 2};
    context.contact->last_knock = context.intent - 400s;
  };
  made.heard = Heard{.knocks = 3, .proofs = 1, .last_knock = WallTime{1'700'000'012s}};
  RoundEvidenceBytes silent = made.maker.make(kBrussels);
  silent.reports.clear();
  silent.statements.clear();
  silent.close_order.reset();
  StoredRound round = made.store(silent);
  const v1::Silence& told = made.record.explanation().silence();
  CHECK(told.reached() == "delivered");
  CHECK(told.knocks_seen() == 3);
  CHECK(told.causes_size() == 3);
  check_same(round);
  // What was heard is taken from the record, and whoever changes it there changes what follows.
  v1::VerdictRecord changed = made.record;
  changed.mutable_explanation()->mutable_heard()->set_proofs(0);
  round.record = record_bytes(changed);
  CHECK(again(round).kind == Kind::kDiffers);
  // A verdict that is not silent has none of it.
  check_same(made.store(made.maker.make(kBrussels)));
  CHECK_FALSE(made.record.explanation().has_silence());
  CHECK_FALSE(made.record.explanation().has_heard());
}

TEST_CASE("replay: a round keeps the words of its rules, be it silent or with counters that went back") {
  using namespace std::chrono_literals;
  for (const unsigned rules : {kExplainedBefore, kExplainedFirst, kExplained}) {
    StoredRoundMaker made = around_brussels();
    made.edit_context = [&](RoundContext& context) {
      context.explained_by = rules;
      context.contact = Contact{.knocks = true, .wait = 61s, .limit = 180s, .rendezvous = 2};
      context.last_accepted = CounterMark{.boot_count = 1'000, .round_counter = 1'000};
    };
    made.heard = Heard{.elsewhere = 3, .anchors_twice = {"ber"}};
    check_same(made.store(made.maker.make(kBrussels)));
    const bool today = rules == kExplained;
    REQUIRE(made.record.finding().reasons(0).code() == "counter_rollback");
    CHECK((made.record.finding().reasons(0).text().find("went back") == std::string::npos) == today);
    RoundEvidenceBytes silent = made.maker.make(kBrussels);
    silent.reports.clear();
    silent.statements.clear();
    silent.close_order.reset();
    check_same(made.store(silent));
    const v1::Silence& told = made.record.explanation().silence();
    CHECK(told.causes(0).code() == (today ? "anchor_twice" : "rendezvous_key"));
    CHECK(told.rejects_by_anchors().contains("not_for_me") == today);
  }
}

TEST_CASE("replay: a round of before is explained as it was then, and named as nobody was") {
  StoredRoundMaker made = around_brussels();
  made.maker.extra = std::chrono::milliseconds{30};
  made.edit_context = [](RoundContext& context) { context.explained_by = kExplainedBefore; };
  check_same(made.store(made.maker.make(kBrussels)));
  REQUIRE(made.record.finding().state() == v1::UNRESOLVED);
  CHECK(made.record.explanation().has_resolution());
  CHECK(made.record.explanation().resolutions().empty());
  CHECK(made.record.explanation().would_resolve(0).starts_with("To exclude "));
  CHECK(made.record.licence().empty());
  CHECK(to_verdict(made.record).resolution().anchors() == 2);
}

TEST_CASE("replay: anchors that had no part, and two holders of a key, come out again to the byte") {
  StoredRoundMaker made = around_brussels();
  made.maker.extra = std::chrono::milliseconds{5};
  made.maker.path_factor = 3.0;
  KnownAnchor luxembourg{AnchorId{}, "lux", LatLon::from_degrees({.lat = 49.61, .lon = 6.13}).value()};
  luxembourg.operator_name = "op";
  made.calibration.known = {luxembourg};
  made.edit_context = [](RoundContext& context) {
    context.serial = "SN-7";
    context.licence_holder = "Example Ltd";
  };
  check_same(made.store(made.maker.make(kBrussels)));
  REQUIRE(made.record.explanation().resolutions_size() > 0);
  const auto& told = made.record.explanation().would_resolve();
  CAPTURE(std::vector<std::string>(told.begin(), told.end()));
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& text) {
    return text.find("lux near 49.6 N 6.1 E (LU; ") != std::string::npos;
  }));
  CHECK(made.record.serial() == "SN-7");
  CHECK(to_verdict(made.record).licence() == "L-1");
  CHECK(to_verdict(made.record).licence_holder() == "Example Ltd");

  check_same(made.store(test::make_cloned(made.maker, kBrussels, {.lat = 48.2, .lon = 16.4})));
  CHECK(made.record.finding().state() == v1::INVALID);
  CHECK(made.record.sealed().holders_size() == 2);
}

TEST_CASE("replay: settled, silent and invalid rounds are judged again to the byte") {
  StoredRoundMaker made = around_brussels();
  check_same(made.store(made.maker.make(kBrussels)));
  CHECK(made.record.finding().state() == v1::CLEARED);
  RoundEvidenceBytes silent = made.maker.make(kBrussels);
  silent.statements.clear();
  check_same(made.store(silent));
  CHECK(made.record.finding().state() == v1::SILENT);
  silent.reports.clear();
  silent.close_order.reset();
  check_same(made.store(silent));
  RoundEvidenceBytes rolled_back = made.maker.make(kBrussels);
  rolled_back.last_accepted = CounterMark{.boot_count = 1, .round_counter = 7};
  check_same(made.store(rolled_back));
  CHECK(made.record.finding().state() == v1::INVALID);
  RoundEvidenceBytes revoked = made.maker.make(kBrussels);
  revoked.certificate_fault = CertificateFault{CertificateFault::Code::kRevoked, "on the list"};
  check_same(made.store(revoked));
  CHECK(made.record.finding().reasons(0).code() == "certificate_revoked");
}

TEST_CASE("replay: where the key was before, and what its neighbours measured, is part of the context") {
  StoredRoundMaker made = around_brussels();
  made.seen_before =
      Sighting{random_id<RoundId>(),
               {LatLon::from_degrees({.lat = -33.9, .lon = 151.2}).value(), Kilometers{50}, 0.0},
               WallTime{std::chrono::seconds{1'700'000'000 - 900}},
               WallTime{std::chrono::seconds{1'700'000'000 - 890}},
               {}};
  const RoundEvidenceBytes evidence = made.maker.make(kBrussels);
  check_same(made.store(evidence));
  CHECK(made.record.finding().state() == v1::UNRESOLVED);
  CHECK(made.record.finding().reasons(0).code() == "impossible_travel");
  // The two holders: the one that answered now, with its round trips, and where the key was seen before.
  REQUIRE(made.record.sealed().holders_size() == 2);
  const v1::KeyHolder& here = made.record.sealed().holders(0);
  CHECK(here.round_id() == made.record.round_id());
  CHECK(here.anchors_size() == 4);
  CHECK(here.region_geojson() == made.record.sealed().region_geojson());
  const v1::KeyHolder& there = made.record.sealed().holders(1);
  CHECK(there.round_id() == string_of(made.seen_before->round.bytes));
  CHECK(there.region_centre().lat_deg() == Approx(-33.9));
  CHECK(there.region_radius_km() == 50.0);
  CHECK(there.to_unix_ns() == made.seen_before->to.since_epoch.count());
  CHECK(there.anchors().empty());

  made.cohort.site = "campus";
  for (std::uint8_t i = 1; i < 4; ++i) {
    CohortChip& other = made.cohort.others.emplace_back();
    other.chip.bytes[0] = i;
    for (const IssuedTicket& issued : evidence.tickets)
      other.rtt.emplace_back(issued.anchor.id, std::chrono::milliseconds{3});
    std::sort(other.rtt.begin(), other.rtt.end());
  }
  check_same(made.store(evidence));
  REQUIRE(made.record.explanation().suspicions_size() == 1);
  CHECK(made.record.explanation().suspicions(0).code() == "cohort_outlier");
  CHECK(to_verdict(made.record).reasons(made.record.finding().reasons_size()).code() == "cohort_outlier");
}

TEST_CASE("replay: what is stored and was not judged disturbs nothing") {
  StoredRoundMaker made = around_brussels();
  StoredRound round = made.store(made.maker.make(kBrussels));
  round.reports.insert(round.reports.begin(), {round.reports[1].anchor, {1, 2, 3}});
  round.reports.push_back({random_id<AnchorId>(), round.reports[1].bytes});
  round.statements.insert(round.statements.begin(), ByteVector{4, 5});
  round.areas[random_id<Digest>()] = "not of this round";
  check_same(round);
  // Nor does a close order beside a round that was judged without one.
  RoundEvidenceBytes cut = made.maker.make(kBrussels);
  cut.statements.clear();
  cut.close_order.reset();
  StoredRound without = made.store(cut);
  without.close_order = round.close_order;
  check_same(without);
}

TEST_CASE("replay: one byte of anything that was judged by is named") {
  StoredRoundMaker made = around_brussels();
  const StoredRound good = made.store(made.maker.make(kBrussels));
  const auto wrong_after = [&good](const std::function<void(StoredRound&)>& change) {
    StoredRound round = good;
    change(round);
    const ReplayOutcome outcome = again(round);
    CHECK(outcome.kind == Kind::kWrongDigest);
    CHECK_FALSE(outcome.judged);
    return outcome.wrong;
  };
  const auto flip = [](ByteVector& bytes, std::size_t at) { bytes.at(at) ^= 1; };
  const auto all_of = [](const ByteVector& bytes) { return std::string{bytes.begin(), bytes.end()}; };

  // Of the context every single one; in the policy and in a digest it is named beside it.
  for (std::size_t at = 0; at < good.context.size(); at += 7) {
    const Names wrong = wrong_after([&](StoredRound& r) { flip(r.context, at); });
    REQUIRE_FALSE(wrong.empty());
    CHECK(wrong.front() == "context");
  }
  const auto in_context = [&](const std::string& what) {
    const auto at = all_of(good.context).find(what);
    REQUIRE(at != std::string::npos);
    return wrong_after([&](StoredRound& r) { flip(r.context, at + what.size() - 1); });
  };
  CHECK(in_context(all_of(policy_bytes(made.policy))) == Names{"context", "policy"});
  CHECK(in_context(string_of(borders_digest().bytes)) == Names{"context", "borders"});
  CHECK(in_context(string_of(sha256(good.calibration).bytes)) == Names{"context", "calibration"});
  CHECK(in_context(string_of(made.claim.prohibited_areas[0].geojson_sha256.bytes)) ==
        Names{"context", "area moon"});
  CHECK(in_context("somebody") == Names{"context"});

  CHECK(wrong_after([&](StoredRound& r) { flip(r.calibration, 30); }) == Names{"calibration"});
  CHECK(wrong_after([&](StoredRound& r) { r.areas.begin()->second[5] ^= 1; }) == Names{"area moon"});
  CHECK(wrong_after([&](StoredRound& r) { r.areas.clear(); }) == Names{"area moon"});
  CHECK(wrong_after([&](StoredRound& r) { flip(r.tickets[2], 100); }) == Names{"ticket 3"});
  CHECK(wrong_after([&](StoredRound& r) { r.tickets.pop_back(); }) == Names{"ticket 4"});
  CHECK(wrong_after([&](StoredRound& r) { flip(r.close_order, 50); }) == Names{"close order"});
  CHECK(wrong_after([&](StoredRound& r) { flip(r.reports[2].bytes, 90); }) == Names{"report of anchor fra"});
  CHECK(wrong_after([&](StoredRound& r) { r.reports.erase(r.reports.begin()); }) ==
        Names{"report of anchor ams"});
  CHECK(wrong_after([&](StoredRound& r) { flip(r.statements[0], 20); }) == Names{"statement 1"});
  CHECK(wrong_after([&](StoredRound& r) {
          flip(r.statements[0], 20);
          flip(r.tickets[0], 0);
        }) == Names{"ticket 1", "statement 1"});
}

TEST_CASE("replay: a policy that is not the one of its digest is named, and so are other borders") {
  StoredRoundMaker made = around_brussels();
  const RoundEvidenceBytes evidence = made.maker.make(kBrussels);
  made.edit_context = [](RoundContext& context) { context.policy_sha256 = random_id<Digest>(); };
  CHECK(again(made.store(evidence)).wrong == Names{"policy"});
  made.edit_context = nullptr;
  const ReplayOutcome other = replay(made.store(evidence), {Borders::world(), random_id<Digest>()});
  CHECK(other.kind == Kind::kWrongDigest);
  CHECK(other.wrong == Names{"borders"});
}

TEST_CASE("replay: under another policy it says what would have been said") {
  StoredRoundMaker made = around_brussels();
  RoundEvidenceBytes evidence = made.maker.make(kBrussels);
  evidence.reports.resize(1);  // one perspective alone
  const StoredRound round = made.store(evidence);
  REQUIRE(made.record.finding().reasons(0).code() == "too_few_perspectives");
  const Policy trusting{.fault_budget = 0, .version = "trusting"};
  const ReplayOutcome outcome = again(round, trusting);
  REQUIRE(outcome.kind == Kind::kOtherPolicy);
  CHECK(outcome.judged->finding().state() == v1::CLEARED);
  CHECK(outcome.judged->finding().policy_version() == "trusting");
  CHECK(outcome.judged->finding().fault_budget() == 0);
  CHECK(outcome.judged->verdict_id() == made.record.verdict_id());
  CHECK(std::any_of(outcome.differences.begin(), outcome.differences.end(),
                    [](const std::string& line) { return line.find("finding.state") != std::string::npos; }));
  // The same policy by another way: nothing differs.
  CHECK(again(round, made.policy).differences.empty());
  // Another policy is no way around what is stored.
  StoredRound spoilt = round;
  spoilt.statements[0][9] ^= 1;
  CHECK(again(spoilt, trusting).kind == Kind::kWrongDigest);
}

TEST_CASE("replay: a record that says something else differs, field by field") {
  StoredRoundMaker made = around_brussels();
  StoredRound round = made.store(made.maker.make(kBrussels));
  made.record.mutable_finding()->set_state(v1::VERIFIED);
  made.record.mutable_sealed()->mutable_anchors(0)->set_rtt_min_ns(5);
  round.record = record_bytes(made.record);
  const ReplayOutcome outcome = again(round);
  REQUIRE(outcome.kind == Kind::kDiffers);
  REQUIRE(outcome.differences.size() == 2);
  CHECK(outcome.differences[0] == "modified: finding.state: VERIFIED -> CLEARED");
  CHECK(outcome.differences[1].find("sealed.anchors[0].rtt_min_ns: 5 -> ") != std::string::npos);
}

TEST_CASE("replay: what cannot be judged again says why, and another version of the software is no reason") {
  StoredRoundMaker made = around_brussels();
  const RoundEvidenceBytes evidence = made.maker.make(kBrussels);
  made.edit_context = [](RoundContext& context) { context.software_version = "0.0.9"; };
  const StoredRound older = made.store(evidence);
  const ReplayOutcome said = again(older);
  CHECK(said.kind == Kind::kSame);
  CHECK(said.other_software);
  CHECK(said.software_version == "0.0.9");

  StoredRound round = older;
  round.context.clear();
  CHECK(again(round).kind == Kind::kWrongDigest);  // its record names one
  CHECK(again(round).wrong == std::vector<std::string>{"context"});
  made.record.set_context_sha256(string_of(sha256({}).bytes));
  round.record = record_bytes(made.record);
  CHECK(again(round).wrong == std::vector<std::string>{"context"});  // whatever its digest
  round.record.clear();
  CHECK(again(round).kind == Kind::kCannotBeJudged);
  CHECK(again(round).why.find("before contexts were stored") != std::string::npos);
  round = older;
  round.record = {0xff};
  CHECK(again(round).why == "its record cannot be read");

  // Whole by its digest, and yet no context: of a later version, or made up.
  const auto with_context = [&](const std::function<void(v1::RoundContext&)>& change) {
    v1::RoundContext message;
    REQUIRE(message.ParseFromArray(older.context.data(), static_cast<int>(older.context.size())));
    change(message);
    StoredRound out = older;
    out.context = canonical_bytes(message);
    made.record.set_context_sha256(string_of(sha256(out.context).bytes));
    out.record = record_bytes(made.record);
    return again(out);
  };
  CHECK(with_context([](v1::RoundContext& m) { m.set_format(2); }).why.find("format") != std::string::npos);
  CHECK(with_context([](v1::RoundContext& m) { m.clear_realm(); }).why.find("realm") != std::string::npos);
  CHECK(with_context([](v1::RoundContext& m) { m.mutable_anchors()->RemoveLast(); }).why ==
        "a ticket is for an anchor that its context does not name");
}

}  // namespace
}  // namespace chiploc::replay_test
