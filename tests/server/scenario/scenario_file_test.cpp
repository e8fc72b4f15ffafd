// Scenario files: what is read, and every fault with its line.
#include "server/scenario/scenario_file.hpp"

#include <algorithm>
#include <fstream>
#include <regex>

#include "tests/server/scenario/scenario_text.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

const std::string kSweep = R"([[sweep]]
key = "network.loss"
about = "share that vanishes"
values = [0.0, 0.1]
[network]
loss = 0.005
)";  // 6 lines

std::string with(const std::string& expectation) {
  return kHead + "[[expect]]\n" + expectation + kLab;
}  // from line 9

TEST_CASE("scenario file: a good one is read whole", "[scenario]") {
  const ScenarioFile file = scenario_of(kHead + kExpect + kSweep + kLab);
  CHECK(file.name == "small");
  CHECK(file.attack == "forgery");
  CHECK(file.seeds.last == 3);
  CHECK(file.short_seeds.last == 1);
  REQUIRE(file.expectations.size() == 1);
  CHECK(file.expectations[0].kind == ExpectKind::kFlaggedAtLeast);
  CHECK(file.expectations[0].chips == "F-1");
  REQUIRE(file.points.size() == 2);
  CHECK(file.points[0].lab.network.loss == 0.0);
  CHECK(file.points[1].lab.network.loss == 0.1);
  CHECK(file.points[0].lab.schedule.size() == 2);
  CHECK(file.points[0].horizon == Nanoseconds{12h});  // the last round at 6 h stands for as long again
  CHECK(file.points[0].keeping.rules.silent_after == Nanoseconds{48h});
}

TEST_CASE("scenario file: the status policy is the file's own, and may be swept", "[scenario]") {
  const std::string status =
      "[[sweep]]\nkey = \"status.silent_after_hours\"\nabout = \"patience\"\nvalues = [6, 9]\n[status]\nsilent_after_hours = 7\n";
  const ScenarioFile file = scenario_of(kHead + kExpect + status + kLab);
  CHECK(file.points.at(0).keeping.rules.silent_after == Nanoseconds{6h});
  CHECK(file.points.at(1).keeping.rules.silent_after == Nanoseconds{9h});
  check_scenario_fault(kHead + kExpect + "[status]\nconfirmations = 99\n" + kLab,
                       "s.toml:13: status.confirmations: ");
}

TEST_CASE("scenario file: faults of its own sections have their lines", "[scenario]") {
  struct Case {
    std::string text;
    const char* fault;
  };
  const Case cases[] = {
      {kExpect + kLab, "s.toml:1: scenario.name: missing"},
      {kHead + kLab, "scenario.name: the scenario expects nothing"},
      {"[scenario]\nattack = \"theft\"\n" + kExpect + kLab,
       "s.toml:2: scenario.attack: \"theft\" is none of those"},
      {"[scenario]\nseeds = \"9..2\"\n" + kExpect + kLab,
       "s.toml:2: scenario.seeds: \"9..2\" names no seeds"},
      {"[scenario]\nhorizon = \"3 weeks\"\n" + kExpect + kLab,
       "s.toml:2: scenario.horizon: \"3 weeks\" is no time"},
      {"[scenario]\nhorizon = \"5h\"\n" + kExpect + kLab,
       "s.toml:2: scenario.horizon: ends before the last round"},
      {"[scenario]\nsamples = 3\n" + kExpect + kLab, "s.toml:2: scenario.samples: is of a Latin hypercube"},
      {"[scenario]\ndesign = \"latin\"\nsamples = 3\n" + kExpect + kLab,
       "s.toml:2: scenario.design: a Latin hypercube needs"},
      {"[scenario]\nnmae = \"x\"\n" + kExpect + kLab, "s.toml:2: scenario.nmae: unknown key"},
      {with("why = \"x\"\n"), "s.toml:9: expect.why: an expectation says one thing"},
      {with("wrong = 0\nflagged_at_most = 0\nwhy = \"x\"\n"), "an expectation says one thing"},
      {with("wrong = 0\n"), "expect.why: missing"},
      {with("chips = \"F-9\"\nwrong = 0\nwhy = \"x\"\n"), "s.toml:9: expect.chips: \"F-9\" is none of all"},
      {with("never = [\"OUTSIED\"]\nwhy = \"x\"\n"), "s.toml:9: expect.never: \"OUTSIED\" is neither"},
      {with("status = \"gone\"\nwhy = \"x\"\n"), "s.toml:9: expect.status: \"gone\" is no status"},
      {with("flagged_at_least = 1.5\nwhy = \"x\"\n"),
       "s.toml:9: expect.flagged_at_least: 1.5 is out of range"},
      {with("by = \"3h\"\nwrong = 0\nwhy = \"x\"\n"), "s.toml:9: expect.by: is of a status"},
      {with("share = 0.5\nwrong = 0\nwhy = \"x\"\n"), "s.toml:9: expect.share: is of status"},
      {with("detected_within = \"soon\"\nwhy = \"x\"\n"),
       "s.toml:9: expect.detected_within: \"soon\" is no time"},
      {with("when = { \"network.loss\" = 1 }\nwrong = 0\nwhy = \"x\"\n"),
       "s.toml:9: expect.when: \"network.loss\" is not swept"},
      {kHead + "[[absence]]\nchip = \"H-9\"\nfrom = \"2h\"\nuntil = \"1h\"\n" + kExpect + kLab,
       "s.toml:9: absence.chip: no chip has the serial"},
      {kHead + "[[absence]]\nchip = \"H-1\"\nfrom = \"2h\"\nuntil = \"1h\"\n" + kExpect + kLab,
       "s.toml:11: absence.until: the absence ends before"},
  };
  for (const Case& one : cases) check_scenario_fault(one.text, one.fault);
}

TEST_CASE("scenario file: faults of sweeps have their lines", "[scenario]") {
  struct Case {
    const char* keys;
    const char* fault;
  };
  const Case cases[] = {
      {"key = \"network.burst\"\nabout = \"x\"\nvalues = [1]\n",
       "s.toml:13: sweep.key: \"network.burst\" does not stand in the file"},
      {"key = \"chip.Z.loss\"\nabout = \"x\"\nvalues = [1]\n",
       "s.toml:13: sweep.key: \"chip.Z.loss\" names no table"},
      {"key = \"expect.1.share\"\nabout = \"x\"\nvalues = [1]\n",
       "is of [expect], which is about the scenario"},
      {"key = \"network.loss\"\nvalues = [1]\n", "sweep.about: missing"},
      {"key = \"network.loss\"\nabout = \"x\"\n", "sweep.from: missing"},
      {"key = \"network.loss\"\nabout = \"x\"\nvalues = []\n", "s.toml:15: sweep.values: is empty"},
      {"key = \"network.loss\"\nabout = \"x\"\nvalues = [0.1]\nsteps = 2\n",
       "s.toml:16: sweep.steps: is of a range"},
      {"key = \"network.loss\"\nabout = \"x\"\nfrom = 0\nto = 1\nsteps = 3\nscale = \"log\"\n",
       "s.toml:18: sweep.scale: on a logarithmic scale"},
      {"key = \"network.loss\"\nabout = \"x\"\nfrom = 0\nto = 0.1\nsteps = 1000\n[[sweep]]\nkey = \"lab.name\"\nabout = \"y\"\nvalues = [\"a\", \"b\"]\n",
       "the sweeps make more than 1000 points"},
      {"key = \"network.loss\"\nabout = \"x\"\nvalues = [0.1]\n[[sweep]]\nkey = \"network.loss\"\nabout = \"x\"\nvalues = [0.2]\n",
       "s.toml:17: sweep.key: \"network.loss\" is swept twice"},
      {"key = \"network.loss\"\nabout = \"x\"\nvalues = [0.1, 0.2]\nshort_values = [0.3]\n",
       "s.toml:16: sweep.short_values: 0.3 is none of the values"},
  };
  for (const Case& one : cases)
    check_scenario_fault(kHead + kExpect + "[[sweep]]\n" + one.keys + "[network]\nloss = 0.005\n" + kLab,
                         one.fault);
}

TEST_CASE("scenario file: the text that was read stays, whatever becomes of the file", "[scenario]") {
  const TempDir folder;
  const std::string text = kHead + kExpect + kLab + "# the end";
  const auto path = folder.write("s.toml", text);
  const auto file = load_scenario(path, real_world());
  REQUIRE(file.has_value());
  folder.write("s.toml", "changed");
  CHECK(file->text == text);
}

TEST_CASE("scenario file: the short form of a Latin hypercube has all of its points", "[scenario]") {
  std::string head = kHead;
  head += "design = \"latin\"\nsamples = 4\n";  // 9 lines
  const std::string sweep = "[[sweep]]\nkey = \"network.loss\"\nabout = \"x\"\nvalues = [0.1, 0.2]\n";
  const std::string lab = "[network]\nloss = 0.005\n" + kLab;
  const ScenarioFile file = scenario_of(head + kExpect + sweep + lab);
  for (const ScenarioPoint& point : file.points) CHECK(is_short(file.sweep, point.settings));
  check_scenario_fault(head + kExpect + sweep + "short_values = [0.1]\n" + lab,
                       "s.toml:18: sweep.short_values: is of a grid");
}

TEST_CASE("scenario file: what is expected is asked by the short form as well", "[scenario]") {
  const std::string sweep =
      "[[sweep]]\nkey = \"network.loss\"\nabout = \"x\"\nvalues = [0.1, 0.2]\nshort_values = [0.1]\n";
  const std::string lab = "[network]\nloss = 0.005\n" + kLab;
  const auto at = [&](const std::string& loss) {
    return kHead + sweep + "[[expect]]\nwhen = { \"network.loss\" = " + loss +
           " }\nwrong = 0\nwhy = \"x\"\n" + lab;
  };
  CHECK(scenario_faults(at("0.1")).empty());
  CHECK(scenario_faults(at("[0.1, 0.2]")).empty());
  check_scenario_fault(at("0.2"), "s.toml:14: expect.when: is true of no point of the short form");
  check_scenario_fault(at("0.3"), "s.toml:14: expect.when: is true of no point of the sweep");
}

TEST_CASE("scenario file: each point is checked as a file would be, and named", "[scenario]") {
  std::string text = kHead + kExpect + kSweep + kLab;
  text.replace(text.find("[0.0, 0.1]"), 10, "[0.0, 0.9]");
  CHECK(
      scenario_faults(text) ==
      std::vector<std::string>{
          "s.toml:17: network.loss: 0.9 is out of range; use a number from 0 to 0.5 (at network.loss = 0.9)"});
  // Of the file itself: once, and without a point.
  std::string broken = kHead + kExpect + kSweep + kLab;
  broken.replace(broken.find("lat = -33.82"), 12, "lat = -93.82");
  const auto faults = scenario_faults(broken);
  REQUIRE_FALSE(faults.empty());
  CHECK(faults[0].find("place.lat: -93.82 is out of range") != std::string::npos);
  for (const std::string& fault : faults) {  // and what follows from it, as once as itself
    CHECK(fault.find("(at ") == std::string::npos);
    CHECK(std::count(faults.begin(), faults.end(), fault) == 1);
  }
}

TEST_CASE("scenario file: a detector goes with what it can say", "[scenario]") {
  const auto with = [](const std::string& lines) {
    std::string expect = kExpect;
    expect.insert(expect.find("why"), lines);
    return kHead + expect + kLab;
  };
  const ScenarioFile file = scenario_of(with("detector = \"baseline\"\nnamed = \"relay\"\n"));
  CHECK(file.expectations[0].detector == Detector::kBaseline);
  CHECK(file.expectations[0].named == "relay");
  CHECK(scenario_of(with("detector = \"invalid\"\nnamed = \"bad_signature\"\n")).expectations[0].named ==
        "bad_signature");
  check_scenario_fault(
      with("detector = \"baselines\"\n"),
      "s.toml:11: expect.detector: \"baselines\" is no detector; use one of region, invalid");
  check_scenario_fault(
      with("detector = \"baseline\"\nnamed = \"OUTSIDE\"\n"),
      "s.toml:12: expect.named: \"OUTSIDE\" is nothing that baseline says; use one of none, reroute");
  check_scenario_fault(with("named = \"relay\"\n"), "s.toml:11: expect.named: is what a detector calls it");
  std::string wrong = with("detector = \"baseline\"\n");
  wrong.replace(wrong.find("flagged_at_least = 1.0"), 22, "wrong = 0");
  check_scenario_fault(wrong, "s.toml:11: expect.detector: is of flagged_at_least");
}

TEST_CASE("scenario file: how estimates look at round trips, each within its range", "[scenario]") {
  const ScenarioFile usual = scenario_of(kHead + kExpect + kLab);
  CHECK(usual.detect.baseline_rounds == 8);
  CHECK_FALSE(usual.detect.posterior);
  const ScenarioFile file = scenario_of(
      kHead + kExpect +
      "[detect]\nbaseline_rounds = 4\nlaw_rounds = 1\nrounds_per_flag = 50\nlevel = 0.01\nposterior = true\n" +
      kLab);
  CHECK(file.detect.baseline_rounds == 4);
  CHECK(file.detect.law_rounds == 1);
  CHECK(file.detect.rounds_per_flag == 50.0);
  CHECK(file.detect.level == 0.01);
  CHECK(file.detect.posterior);
  check_scenario_fault(kHead + kExpect + "[detect]\nbaseline_rounds = 3\n" + kLab,
                       "s.toml:13: detect.baseline_rounds: 3 is out of range");
  check_scenario_fault(kHead + kExpect + "[detect]\nlevel = 0.6\n" + kLab,
                       "s.toml:13: detect.level: 0.6 is out");
  check_scenario_fault(kHead + kExpect + "[detect]\nlevels = 0.6\n" + kLab,
                       "s.toml:13: detect.levels: unknown");
}

TEST_CASE("scenario file: the short form may have some of the values", "[scenario]") {
  std::string text = kHead + kExpect + kSweep + kLab;
  text.replace(text.find("[0.0, 0.1]"), 10, "[0.0, 0.1]\nshort_values = [0.1]");
  const ScenarioFile file = scenario_of(text);
  REQUIRE(file.points.size() == 2);
  CHECK_FALSE(is_short(file.sweep, file.points[0].settings));
  CHECK(is_short(file.sweep, file.points[1].settings));
  CHECK(is_short({}, {}));
  text.replace(text.find("short_values = [0.1]"), 20, "short_values = [0.2]");
  check_scenario_fault(text, "s.toml:16: sweep.short_values: 0.2 is none of the values");
}

TEST_CASE("scenario file: one condition that is true of no point is a fault", "[scenario]") {
  std::string text = kHead + kExpect + kSweep + kLab;
  text.replace(text.find("chips = \"F-1\""), 13, "when = { \"network.loss\" = 0.3 }");
  check_scenario_fault(text, "s.toml:9: expect.when: is true of no point of the sweep");
}

TEST_CASE("scenario file: what is no TOML, no file or no small file is one fault", "[scenario]") {
  CHECK(scenario_faults("[scenario\n").size() == 1);
  const auto none = load_scenario("/nonexistent/s.toml", real_world());
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().size() == 1);
}

TEST_CASE("scenario file: the lab's reader does not see what is the scenario's", "[scenario]") {
  check_scenario_fault(kHead + kExpect + "[[attack]]\nname = \"x\"\n" + kLab, "s.toml:12: attack: unknown");
}

TEST_CASE("scenario file: README.md has every key that the parser takes, and no other", "[scenario]") {
  std::ifstream in{source_dir() / "server/scenario/README.md"};
  std::set<std::string> documented;
  const std::regex row{R"(^\| `([a-z]+\.[a-z_]+)` \|.*)"};
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (std::regex_match(line, found, row)) CHECK(documented.insert(found[1]).second);
  }
  CHECK(documented == scenario_keys());
}

}  // namespace
}  // namespace chiploc
