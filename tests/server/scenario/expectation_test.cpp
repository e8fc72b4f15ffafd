// Expectations over runs made by hand: each holds, and each can fail.
#include "server/scenario/expectation.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

ChipTurn turn(const char* state) {
  ChipTurn out;
  out.state = state;
  return out;
}

ChipOutcome honest(const char* serial, const char* state) {
  ChipOutcome out;
  out.serial = serial;
  out.turns = {turn(state)};
  out.status = {{0s, ChipState::kPending}};
  out.false_flags = std::string{state} == "OUTSIDE" ? 1 : 0;
  return out;
}

ChipOutcome cheat(const char* serial, std::optional<Nanoseconds> detected,
                  std::optional<Nanoseconds> alarmed) {
  ChipOutcome out = honest(serial, detected ? "INVALID" : "UNRESOLVED");
  out.order = "SHIP";
  out.cheats_from = 10h;
  out.detected = detected;
  out.alarmed = alarmed;
  if (alarmed) out.status.push_back({*alarmed, ChipState::kUnproven});
  return out;
}

/// Two points of a sweep, two runs each: at the first no cheat is noticed, at the second one of two in each run.
std::vector<PointRuns> runs() {
  const auto run = [](std::uint64_t seed, std::optional<Nanoseconds> detected) {
    return RunOutcome{
        .seed = seed,
        .horizon = 48h,
        .chips = {honest("H-1", "VERIFIED"), cheat("X-1", detected, 30h), cheat("X-2", {}, {})}};
  };
  return {{{{"network.loss", "0.1"}}, {run(1, {}), run(2, {})}},
          {{{"network.loss", "0.5"}}, {run(1, 12h), run(2, 20h)}}};
}

Expectation expect(ExpectKind kind, const char* chips, double share = 1.0) {
  Expectation out;
  out.kind = kind;
  out.chips = chips;
  out.share = share;
  return out;
}

Expectation at(Expectation expectation, std::vector<std::string> values) {
  expectation.when = {{"network.loss", std::move(values)}};
  return expectation;
}

ExpectationJudgement judged(const Expectation& expectation) { return judge(expectation, runs()); }

TEST_CASE("expectation: which chips it is about", "[scenario]") {
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "all")).trials == 12);
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "honest")).trials == 4);
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "diverted")).trials == 8);
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "SHIP")).trials == 8);
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "X-2")).trials == 4);
  CHECK(judged(at(expect(ExpectKind::kFlaggedAtMost, "X-2"), {"0.5"})).trials == 2);
  CHECK(judged(at(expect(ExpectKind::kFlaggedAtMost, "X-2"), {"0.1", "0.5"})).trials == 4);
  const ExpectationJudgement nobody = judged(expect(ExpectKind::kFlaggedAtMost, "Z-9"));
  CHECK(nobody.trials == 0);
  CHECK_FALSE(nobody.holds);  // nothing was seen
}

TEST_CASE("expectation: shares, of trials and of runs", "[scenario]") {
  CHECK(judged(at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.5), {"0.5"})).holds);
  CHECK_FALSE(judged(at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.6), {"0.5"})).holds);
  CHECK_FALSE(judged(at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.1), {"0.1"})).holds);
  CHECK(judged(expect(ExpectKind::kFlaggedAtMost, "diverted", 0.25)).holds);
  CHECK_FALSE(judged(expect(ExpectKind::kFlaggedAtMost, "diverted", 0.2)).holds);
  CHECK(judged(at(expect(ExpectKind::kNoticedAtLeast, "SHIP", 1.0), {"0.5"})).holds);
  CHECK_FALSE(judged(expect(ExpectKind::kNoticedAtLeast, "SHIP", 0.6)).holds);
  CHECK(judged(expect(ExpectKind::kProvedAtLeast, "honest")).holds);
  CHECK_FALSE(judged(expect(ExpectKind::kProvedAtLeast, "all")).holds);
  CHECK(judged(expect(ExpectKind::kProvedAtMost, "diverted", 0.0)).holds);
  CHECK_FALSE(judged(expect(ExpectKind::kProvedAtMost, "honest", 0.5)).holds);
  const ExpectationJudgement some = judged(at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.6), {"0.5"}));
  CHECK(some.figures.find("2 of 4 trials, 50.0 % (15.0 to 85.0)") == 0);
  CHECK(some.figures.find("first X-2, seed 1, network.loss = 0.5: UNRESOLVED; pending") != std::string::npos);
}

TEST_CASE("expectation: an honest chip is flagged by any round that accuses it", "[scenario]") {
  std::vector<PointRuns> points = runs();
  CHECK(judge(expect(ExpectKind::kFlaggedAtMost, "honest", 0.0), points).holds);
  points[0].runs[0].chips[0] = honest("H-1", "OUTSIDE");
  CHECK_FALSE(judge(expect(ExpectKind::kFlaggedAtMost, "honest", 0.0), points).holds);
  Expectation never = expect(ExpectKind::kNever, "honest");
  never.never = {"OUTSIDE"};
  CHECK_FALSE(judge(never, points).holds);
  CHECK(judge(at(never, {"0.5"}), points).holds);
  never.never = {"unproven"};
  CHECK(judge(never, points).holds);
  never.chips = "diverted";
  CHECK_FALSE(judge(never, points).holds);
}

TEST_CASE("expectation: times, of a status and from the cheat's beginning", "[scenario]") {
  Expectation status = expect(ExpectKind::kStatus, "X-1");
  status.status = ChipState::kUnproven;
  CHECK(judged(status).holds);
  status.by = 30h;
  CHECK(judged(status).holds);
  status.by = 30h - 1ns;
  CHECK_FALSE(judged(status).holds);
  status.status = ChipState::kSilent;
  status.by.reset();
  CHECK_FALSE(judged(status).holds);
  Expectation detected = at(expect(ExpectKind::kDetectedWithin, "X-1"), {"0.5"});
  detected.within = 10h;
  CHECK(judged(detected).holds);
  detected.within = 5h;
  CHECK_FALSE(judged(detected).holds);
  detected.share = 0.5;
  CHECK(judged(detected).holds);
  Expectation alarmed = expect(ExpectKind::kAlarmedWithin, "X-1");
  alarmed.within = 20h;
  CHECK(judged(alarmed).holds);
  alarmed.within = 19h;
  CHECK_FALSE(judged(alarmed).holds);
}

TEST_CASE("expectation: verdicts that may not be are counted, not their chips", "[scenario]") {
  std::vector<PointRuns> points = runs();
  Expectation wrong = expect(ExpectKind::kWrong, "all");
  CHECK(judge(wrong, points).holds);
  points[1].runs[1].chips[2].wrong = 3;
  CHECK_FALSE(judge(wrong, points).holds);
  wrong.most = 3;
  CHECK(judge(wrong, points).holds);
  wrong.most = 2;
  CHECK_FALSE(judge(wrong, points).holds);
}

/// X-1 of the second point is spoken of by the baseline at 14 h as a relay, H-1 at 3 h as a reroute.
std::vector<PointRuns> spoken() {
  std::vector<PointRuns> points = runs();
  for (RunOutcome& run : points[1].runs) {
    run.chips[0].words = {{Detector::kBaseline, 3h, "reroute", true}};
    run.chips[1].words = {{Detector::kBaseline, 5h, "move", true},
                          {Detector::kBaseline, 14h, "relay", false}};
  }
  return points;
}

Expectation by(Expectation expectation, Detector detector, const char* named = "") {
  expectation.detector = detector;
  expectation.named = named;
  return expectation;
}

TEST_CASE("expectation: of one detector, whatever the verdicts say", "[scenario]") {
  const auto points = spoken();
  const auto holds = [&](const Expectation& e) { return judge(e, points).holds; };
  const Expectation half = at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.5), {"0.5"});
  const Expectation found = at(expect(ExpectKind::kFlaggedAtLeast, "X-1"), {"0.5"});
  CHECK(holds(by(half, Detector::kBaseline)));
  CHECK_FALSE(holds(by(half, Detector::kCohort)));
  CHECK(holds(by(found, Detector::kBaseline, "relay")));
  CHECK_FALSE(holds(by(found, Detector::kBaseline, "move")));  // said while it behaved
  CHECK(holds(at(by(expect(ExpectKind::kNoticedAtLeast, "diverted"), Detector::kBaseline), {"0.5"})));
  CHECK_FALSE(holds(at(by(expect(ExpectKind::kNoticedAtLeast, "diverted"), Detector::kBaseline), {"0.1"})));
  Expectation soon = at(by(expect(ExpectKind::kDetectedWithin, "X-1"), Detector::kBaseline), {"0.5"});
  soon.within = 4h;
  CHECK(holds(soon));
  soon.within = 4h - 1ns;
  CHECK_FALSE(holds(soon));
  Expectation quiet = by(expect(ExpectKind::kFlaggedAtMost, "honest", 0.0), Detector::kBaseline);
  CHECK_FALSE(holds(quiet));
  CHECK(holds(at(quiet, {"0.1"})));
  quiet.named = "relay";
  CHECK(holds(quiet));
  CHECK(text_of(by(found, Detector::kBaseline, "relay")) ==
        "X-1, at network.loss = 0.5: at least 100 % flagged by baseline as relay");
  const std::string first = judge(by(found, Detector::kBaseline, "move"), points).figures;
  CHECK(first.find("; baseline relay at 14 h") != std::string::npos);
}

TEST_CASE("expectation: in words", "[scenario]") {
  CHECK(text_of(at(expect(ExpectKind::kFlaggedAtLeast, "diverted", 0.8), {"0.1", "0.5"})) ==
        "chips that cheat, at network.loss from 0.1 to 0.5: at least 80 % flagged");
  Expectation status = expect(ExpectKind::kStatus, "X-1");
  status.status = ChipState::kSilent;
  status.by = 36h;
  CHECK(text_of(status) == "X-1: at least 100 % have been silent by 36 h");
  CHECK(duration_text(90s) == "90 s");
  CHECK(duration_text(5h) == "5 h");
  CHECK(duration_text(72h) == "3 d");
}

}  // namespace
}  // namespace chiploc
