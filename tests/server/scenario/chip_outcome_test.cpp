// From verdicts to what became of a chip: detection, alarm, false flags, status over time.
#include "server/scenario/chip_outcome.hpp"

#include "tests/server/scenario/scenario_text.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kBegan{Nanoseconds{1'800'000'000'000'000'000}};

/// A chip of the small lab that does what the events say, and the verdicts that are given.
struct Story {
  LabFile file = scenario_of(kHead + kExpect + kLab).points.front().lab;
  LabReport report;
  StatusKeeping keeping;
  std::vector<ScenarioAbsence> absences;

  Story() {
    file.chips.erase(file.chips.begin() + 1);
    report.began = kBegan;
    report.rows.resize(1);
    report.rows[0].serial = "H-1";
    keeping.rules.silent_after = 12h;
    keeping.rules.unproven_after = 24h;
    keeping.rules.overdue_after = 24h;
    keeping.rules.lost_proof_after = 12h;
  }
  void becomes(Nanoseconds at, Behaviour behaviour) {
    LabChip chip = file.chips[0];
    chip.behaviour = behaviour;
    file.events.push_back({.at = at, .index = 0, .after = chip});
  }
  void verdict(Nanoseconds at, const char* behaviour, const char* state, const char* code = "",
               bool ok = true) {
    LabTurn turn;
    turn.at = at;
    turn.ended = at + 5s;
    turn.behaviour = behaviour;
    turn.state = state;
    turn.ok = ok;
    turn.code = code;
    turn.decided = kBegan + (at + 5s);
    turn.expires = turn.decided + 24h;
    turn.anchors = 3;
    report.rows[0].turns.push_back(turn);
  }
  [[nodiscard]] ChipOutcome chip(Nanoseconds horizon = 72h) const {
    return outcome_of(file, report, keeping, absences, horizon).chips.at(0);
  }
};

TEST_CASE("chip outcome: an honest chip's proofs and what they cost", "[scenario]") {
  Story story;
  for (int i = 0; i < 3; ++i) story.verdict(i * 6h, "honest", "VERIFIED");
  const ChipOutcome chip = story.chip(18h);
  CHECK_FALSE(chip.cheats_from.has_value());
  CHECK_FALSE(chip.detected.has_value());
  CHECK_FALSE(chip.alarmed.has_value());
  CHECK(chip.honest_time == Nanoseconds{18h});
  CHECK(chip.had("VERIFIED"));
  CHECK_FALSE(chip.had("OUTSIDE"));
  CHECK(chip.turns[0].pings == 36);
  CHECK(chip.status_at(0s) == ChipState::kPending);
  CHECK(chip.status_at(1h) == ChipState::kCompliant);
}

TEST_CASE("chip outcome: detection counts from when the cheat begins, and only while it cheats",
          "[scenario]") {
  Story story;
  story.becomes(13h, Behaviour::kMoved);
  story.verdict(0s, "honest", "OUTSIDE");  // a false flag
  story.verdict(6h, "honest", "VERIFIED");
  story.verdict(18h, "moved", "UNRESOLVED");
  story.verdict(24h, "moved", "OUTSIDE");
  story.verdict(30h, "moved", "OUTSIDE");
  const ChipOutcome chip = story.chip();
  CHECK(chip.cheats_from == Nanoseconds{13h});
  CHECK(chip.detected == Nanoseconds{24h + 5s});
  CHECK(chip.false_flags == 1);
  CHECK(chip.honest_time == Nanoseconds{13h});
  CHECK(chip.alarmed == Nanoseconds{30h + 5s});
  CHECK(chip.status_at(31h) == ChipState::kDrifted);
}

TEST_CASE("chip outcome: silence on purpose is what flags a silent chip; of others it is none",
          "[scenario]") {
  Story story;
  story.becomes(1h, Behaviour::kSilent);
  story.verdict(0s, "honest", "SILENT");
  story.verdict(6h, "silent", "SILENT");
  CHECK(story.chip().false_flags == 0);
  CHECK(story.chip().detected == Nanoseconds{6h + 5s});
}

TEST_CASE("chip outcome: time alone brings states about, up to the horizon", "[scenario]") {
  Story story;
  story.verdict(0s, "honest", "VERIFIED");
  const ChipOutcome chip = story.chip(72h);
  CHECK(chip.status_at(23h) == ChipState::kCompliant);
  CHECK(chip.status_at(24h + 6s) == ChipState::kOverdue);
  CHECK(chip.alarmed == Nanoseconds{24h + 5s});
  CHECK_FALSE(story.chip(20h).alarmed.has_value());
}

TEST_CASE("chip outcome: a declared absence stops the clocks", "[scenario]") {
  Story story;
  story.verdict(0s, "honest", "VERIFIED");
  for (int i = 1; i < 8; ++i) story.verdict(i * 6h, "silent", "SILENT");
  CHECK(story.chip(48h).status_at(30h) == ChipState::kSilent);
  story.absences = {{.chip = "H-1", .declared = 1h, .from = 2h, .until = 70h}};
  CHECK(story.chip(48h).status_at(30h) == ChipState::kAbsent);
  CHECK_FALSE(story.chip(48h).alarmed.has_value());
  story.absences[0].chip = "another";
  CHECK(story.chip(48h).status_at(30h) == ChipState::kSilent);
}

TEST_CASE("chip outcome: what accuses by the chip's own key alone makes it tampered", "[scenario]") {
  Story story;
  story.becomes(0s, Behaviour::kCloned);
  story.verdict(1h, "cloned", "INVALID", "cloned_key");
  story.verdict(7h, "cloned", "INVALID", "cloned_key", false);
  CHECK(story.chip().status_at(8h) == ChipState::kTampered);
  CHECK(story.chip().wrong == 1);
  Story other;
  other.verdict(1h, "forged", "INVALID", "bad_signature");
  other.verdict(7h, "forged", "INVALID", "bad_signature");
  CHECK(other.chip().status_at(8h) == ChipState::kPending);
}

TEST_CASE("chip outcome: every verdict and status that accuses is somebody's word", "[scenario]") {
  Story story;
  story.becomes(13h, Behaviour::kMoved);
  story.verdict(0s, "honest", "OUTSIDE");
  story.verdict(6h, "honest", "SILENT");
  story.verdict(18h, "moved", "PROHIBITED");
  story.verdict(24h, "moved", "INVALID", "cloned_key");
  story.report.rows[0].turns[3].licensed_odds = 0.04;
  const ChipOutcome chip = story.chip();
  CHECK(chip.first_word(Detector::kRegion)->kind == "PROHIBITED");
  CHECK(chip.first_word(Detector::kRegion)->at == Nanoseconds{18h + 5s});
  CHECK(chip.false_words(Detector::kRegion) == 1);
  CHECK(chip.first_word(Detector::kInvalid)->kind == "cloned_key");
  CHECK_FALSE(chip.first_word(Detector::kSilence).has_value());  // it was silent before it moved
  CHECK(chip.false_words(Detector::kSilence) == 1);
  CHECK(chip.first_word(Detector::kPosterior)->kind == "elsewhere");
  CHECK(chip.first_word(Detector::kStatus).has_value());
  story.report.rows[0].turns[3].relay_score = 3.1;
  CHECK(story.chip().first_word(Detector::kPosterior)->kind == "relay");
  story.report.rows[0].turns[3].licensed_odds = 0.06;
  CHECK_FALSE(story.chip().first_word(Detector::kPosterior).has_value());
}

TEST_CASE("chip outcome: what is switched off flags nobody, and no status hears of it", "[scenario]") {
  const auto without = [](const Story& story, Detector detector) {
    DetectorsOff off;
    off.add(detector);
    return outcome_of(story.file, story.report, story.keeping, story.absences, 72h, {}, off).chips.at(0);
  };
  Story moved;
  moved.becomes(0s, Behaviour::kMoved);
  for (int i = 0; i < 3; ++i) moved.verdict(i * 6h, "moved", "OUTSIDE");
  CHECK(without(moved, Detector::kInvalid).detected.has_value());
  const ChipOutcome unseen = without(moved, Detector::kRegion);
  CHECK_FALSE(unseen.detected.has_value());
  CHECK_FALSE(unseen.first_word(Detector::kRegion).has_value());
  CHECK(without(moved, Detector::kInvalid).status_at(13h) == ChipState::kDrifted);
  CHECK(unseen.status_at(13h) == ChipState::kPending);
  CHECK(unseen.had("OUTSIDE"));  // what the verdict was stays told
  const ChipOutcome untold = without(moved, Detector::kStatus);
  CHECK(untold.detected.has_value());
  CHECK_FALSE(untold.alarmed.has_value());
  CHECK(untold.status.size() == 1);
  Story forged;
  forged.becomes(0s, Behaviour::kCloned);
  for (int i = 0; i < 2; ++i) forged.verdict(i * 6h, "cloned", "INVALID", "cloned_key");
  CHECK(without(forged, Detector::kRegion).status_at(8h) == ChipState::kTampered);
  CHECK_FALSE(without(forged, Detector::kInvalid).detected.has_value());
  CHECK(without(forged, Detector::kInvalid).status_at(8h) == ChipState::kPending);
  Story silent;
  silent.becomes(0s, Behaviour::kSilent);
  for (int i = 0; i < 4; ++i) silent.verdict(i * 6h, "silent", "SILENT");
  CHECK_FALSE(without(silent, Detector::kSilence).detected.has_value());
  CHECK(without(silent, Detector::kSilence).status_at(20h) != ChipState::kSilent);
}

TEST_CASE("chip outcome: estimates get the round trips of each round, and are switched off alone",
          "[scenario]") {
  // Ten chips at one site, one of which is 2 ms further away than the others towards eight anchors.
  Story story;
  const LabChip chip = story.file.chips[0];
  const LabAnchor anchor = story.file.anchors[0];
  story.file.chips.assign(10, chip);
  story.file.anchors.assign(8, anchor);
  story.report.rows.clear();
  for (std::size_t c = 0; c < 10; ++c) {
    LabRow row;
    LabTurn turn;
    turn.behaviour = "honest";
    turn.state = "VERIFIED";
    turn.ended = 5s;
    for (std::size_t a = 0; a < 8; ++a)
      turn.rtt_ms.push_back(10.0 + 0.001 * static_cast<double>((7 * c + 3 * a) % 10) + (c == 4 ? 2.0 : 0.0));
    row.turns = {turn};
    story.report.rows.push_back(row);
  }
  const RunOutcome run = outcome_of(story.file, story.report, story.keeping, {}, 6h);
  REQUIRE(run.chips[4].first_word(Detector::kCohort).has_value());
  CHECK(run.chips[4].first_word(Detector::kCohort)->kind == "later");
  CHECK(run.chips[4].first_word(Detector::kCohort)->honest);
  CHECK(*run.chips[4].turns[0].cohort_score > 3.0);
  CHECK_FALSE(run.chips[3].first_word(Detector::kCohort).has_value());
  CHECK(run.chips[4].watched[static_cast<std::size_t>(Detector::kCohort)] == Nanoseconds{6h});
  CHECK(run.chips[4].false_flags == 0);  // an estimate is no flag
  CHECK_FALSE(run.chips[4].alarmed.has_value());
  DetectorsOff off;
  off.add(Detector::kCohort);
  const RunOutcome quiet = outcome_of(story.file, story.report, story.keeping, {}, 6h, {}, off);
  CHECK(quiet.chips[4].words.empty());
  CHECK_FALSE(quiet.chips[4].turns[0].cohort_score.has_value());
}

TEST_CASE("chip outcome: a status that follows when the cheat is home again is of the cheat", "[scenario]") {
  Story story;
  story.becomes(13h, Behaviour::kMoved);
  story.becomes(20h, Behaviour::kHonest);
  story.verdict(0s, "honest", "VERIFIED");
  story.verdict(18h, "moved", "UNRESOLVED");
  const ChipOutcome chip = story.chip();
  REQUIRE(chip.first_word(Detector::kStatus).has_value());
  CHECK(chip.first_word(Detector::kStatus)->at > Nanoseconds{20h});
  CHECK(chip.false_words(Detector::kStatus) == 0);
  Story early;  // called before it has done anything
  early.becomes(30h, Behaviour::kMoved);
  early.verdict(0s, "honest", "VERIFIED");
  CHECK(early.chip().false_words(Detector::kStatus) == 1);
  Story honest;
  honest.verdict(0s, "honest", "VERIFIED");
  CHECK(honest.chip().false_words(Detector::kStatus) == 1);
}

TEST_CASE("chip outcome: an estimate watches while it judges, everybody else while the chip behaves",
          "[scenario]") {
  Story story;
  story.becomes(13h, Behaviour::kMoved);
  story.becomes(20h, Behaviour::kHonest);
  for (int i = 0; i < 4; ++i) story.verdict(i * 6h, i == 3 ? "moved" : "honest", "UNRESOLVED");
  for (const std::size_t judged : {1U, 2U, 3U}) story.report.rows[0].turns[judged].licensed_odds = 0.9;
  const auto watched = [](const ChipOutcome& chip, Detector by) {
    return chip.watched[static_cast<std::size_t>(by)];
  };
  const ChipOutcome chip = story.chip(30h);
  CHECK(chip.honest_time == Nanoseconds{23h});
  CHECK(watched(chip, Detector::kRegion) == Nanoseconds{23h});
  CHECK(watched(chip, Detector::kStatus) == Nanoseconds{23h});
  CHECK(watched(chip, Detector::kPosterior) == Nanoseconds{17h});  // 6 to 13 and 20 to 30
  CHECK(watched(chip, Detector::kBaseline) == Nanoseconds{0});     // it has learnt nothing
  DetectorsOff off;
  off.add(Detector::kRegion);
  off.add(Detector::kPosterior);
  const ChipOutcome without =
      outcome_of(story.file, story.report, story.keeping, {}, 30h, {}, off).chips.at(0);
  CHECK(watched(without, Detector::kRegion) == Nanoseconds{0});
  CHECK(watched(without, Detector::kPosterior) == Nanoseconds{0});
  CHECK(watched(without, Detector::kInvalid) == Nanoseconds{23h});
}

TEST_CASE("chip outcome: rounds without a verdict are rounds, and no event", "[scenario]") {
  Story story;
  story.verdict(0s, "honest", "NONE", "", false);
  const RunOutcome run = outcome_of(story.file, story.report, story.keeping, {}, 12h);
  CHECK(run.rounds() == 1);
  CHECK(run.pings() == 36);
  CHECK(run.chips[0].status.size() == 1);
  CHECK(run.chips[0].wrong == 1);
}

}  // namespace
}  // namespace chiploc
