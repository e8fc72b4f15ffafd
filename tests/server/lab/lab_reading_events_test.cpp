// Events and rounds in a lab file.
#include "tests/server/lab/lab_text.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

const std::string kTimedLab = R"([lab]
name = "t"
[[place]]
name = "Bonn"
lat = 50.7
lon = 7.1
[[place]]
name = "Perth"
lat = -31.9
lon = 115.8
[[licence]]
id = "L-DE"
holder = "Rhein Rechenzentrum"
countries = ["DE"]
[[anchor]]
name = "bonn1"
lat = 50.8
lon = 7.0
operator = "Alpha"
network = "AS64500"
[[chip]]
serial = "T-1"
licence = "L-DE"
site = "Bonn"
[[order]]
id = "O-1"
licence = "L-DE"
site = "Bonn"
chips = 3
[[round]]
[[round]]
at = "2min"
)";  // 32 lines

std::string with_event(const std::string& keys) {
  return kTimedLab + "[[event]]\n" + keys;
}  // keys from line 34

const LabChip& chip_after(const LabEvent& event) { return std::get<LabChip>(event.after); }

TEST_CASE("lab events: what an anchor's clocks do stays until another event says so", "[sim][lab]") {
  std::string text = with_event(R"(at = "10s"
anchor = "bonn1"
slew_ppm = -83333
[[event]]
at = "20s"
anchor = "bonn1"
clock_off_ms = -2.5
drift_ppm = 40
[[event]]
at = "30s"
anchor = "bonn1"
slew_ppm = 0
)");
  text.replace(text.find("operator = \"Alpha\""), 18,
               "operator = \"Alpha\"\nclock_off_ms = 3\ndrift_ppm = -20");
  const LabFile file = lab_of(text);
  CHECK(file.anchors[0].clocks == LabClocks{-20.0, 0.0, 3ms});
  REQUIRE(file.events.size() == 3);
  const auto clocks = [&](std::size_t event) { return std::get<LabAnchor>(file.events[event].after).clocks; };
  CHECK(clocks(0) == LabClocks{-20.0, -83'333.0, 3ms});
  CHECK(clocks(1) == LabClocks{40.0, -83'333.0, -2500us});
  CHECK(clocks(2) == LabClocks{40.0, 0.0, -2500us});
}

TEST_CASE("lab events: a chip becomes another, and keeps nothing of what it was", "[sim][lab]") {
  const LabFile file = lab_of(with_event(R"(at = "60s"
chip = "T-1"
behaviour = "stalled"
place = "Perth"
stall_ms = 20
[[event]]
at = "1500ms"
chip = "T-1"
behaviour = "moved"
place = "Perth"
[[event]]
at = "1.5min"
chip = "T-1"
stall_ms = 30
[[event]]
at = "100s"
chip = "T-1"
behaviour = "honest"
)"));
  REQUIRE(file.events.size() == 4);
  CHECK(file.events[0].at == Nanoseconds{1500ms});  // by time, wherever they stand
  CHECK(file.events[1].at == Nanoseconds{60s});
  CHECK(file.events[2].at == Nanoseconds{90s});
  CHECK(chip_after(file.events[0]).behaviour == Behaviour::kMoved);
  CHECK(chip_after(file.events[0]).true_country.view() == "AU");
  CHECK(chip_after(file.events[1]).stall == Nanoseconds{20ms});
  CHECK(chip_after(file.events[2]).stall == Nanoseconds{30ms});  // still stalled, still in Perth
  CHECK(chip_after(file.events[2]).behaviour == Behaviour::kStalled);
  CHECK(chip_after(file.events[2]).true_country.view() == "AU");
  CHECK(chip_after(file.events[3]) == file.chips[0]);
}

TEST_CASE("lab events: a part of an order, an anchor, a path", "[sim][lab]") {
  const LabFile file = lab_of(with_event(R"(at = "10s"
order = "O-1"
part = 2
behaviour = "moved"
place = "Perth"
[[event]]
at = "20s"
anchor = "bonn1"
down = true
[[event]]
at = "30s"
anchor = "bonn1"
down = false
loss = 0.5
[[event]]
at = "40s"
pair = ["T-1", "bonn1"]
added_rtt_ms = 5
[[event]]
at = "50s"
pair = ["bonn1", "T-1"]
loss = 0.25
)"));
  REQUIRE(file.events.size() == 6);
  CHECK(file.events[0].index == 2);  // the last two of T-1, O-1-1, O-1-2, O-1-3
  CHECK(file.events[1].index == 3);
  CHECK(std::get<LabAnchor>(file.events[2].after).down);
  CHECK_FALSE(std::get<LabAnchor>(file.events[3].after).down);
  CHECK(std::get<LabAnchor>(file.events[3].after).extra.loss == 0.5);
  const auto& pair = std::get<LabPair>(file.events[5].after);
  CHECK(pair.extra == PathExtra{.loss = 0.25, .added_round_trip = 5ms});  // what was before stays
  REQUIRE(file.pairs.size() == 1);
  CHECK(file.pairs[0].extra == PathExtra{});  // until then as modelled
}

TEST_CASE("lab events: each fault names file, line, key and what to do", "[sim][lab]") {
  struct Case {
    const char* keys;
    const char* fault;
  };
  const Case cases[] = {
      {"chip = \"T-1\"\nbehaviour = \"silent\"\n", "t.toml:33: event.at: missing"},
      {"at = \"60\"\nchip = \"T-1\"\nbehaviour = \"silent\"\n",
       "t.toml:34: event.at: \"60\" is no time of the lab; write a number and ms, s, min, h or d, up to 60 days: \"60s\""},
      {"at = \"-1s\"\nchip = \"T-1\"\nbehaviour = \"silent\"\n", "event.at: \"-1s\" is no time of the lab"},
      {"at = \"1e9s\"\nchip = \"T-1\"\nbehaviour = \"silent\"\n", "event.at: \"1e9s\" is no time of the lab"},
      {"at = \"1s\"\n",
       "t.toml:34: event.at: an event is about one thing; name one chip, order, anchor or pair"},
      {"at = \"1s\"\nchip = \"T-1\"\nanchor = \"bonn1\"\n", "event.at: an event is about one thing"},
      {"at = \"1s\"\nchip = \"T-9\"\nbehaviour = \"silent\"\n",
       "t.toml:35: event.chip: no chip has the serial \"T-9\""},
      {"at = \"1s\"\norder = \"O-9\"\nbehaviour = \"silent\"\n",
       "event.order: no [[order]] has the id \"O-9\""},
      {"at = \"1s\"\norder = \"O-1\"\npart = 2\n", "event.at: the event changes nothing"},
      {"at = \"1s\"\norder = \"O-1\"\npart = 4\nbehaviour = \"silent\"\n", "event.part: 4 is out of range"},
      {"at = \"1s\"\nanchor = \"bonn9\"\ndown = true\n", "event.anchor: no [[anchor]] is named \"bonn9\""},
      {"at = \"1s\"\npair = [\"T-1\", \"bonn9\"]\nloss = 0.1\n",
       "t.toml:35: event.pair: \"bonn9\" is neither an anchor nor a chip"},
      {"at = \"1s\"\npair = [\"T-1\"]\nloss = 0.1\n", "event.pair: a pair has two ends"},
      {"at = \"1s\"\nchip = \"T-1\"\n", "event.at: the event changes nothing"},
      {"at = \"1s\"\nchip = \"T-1\"\nbehaviour = \"moved\"\n", "event.place: a moved chip is elsewhere"},
      {"at = \"1s\"\nchip = \"T-1\"\nbehaviour = \"moved\"\nplace = \"Rome\"\n",
       "t.toml:37: event.place: no [[place]] is named \"Rome\""},
      {"at = \"1s\"\nchip = \"T-1\"\ndown = true\n", "t.toml:36: event.down: only an anchor goes down"},
      {"at = \"1s\"\nchip = \"T-1\"\nslew_ppm = 5\n",
       "t.toml:36: event.slew_ppm: only an anchor's clocks are told"},
      {"at = \"1s\"\nanchor = \"bonn1\"\nslew_ppm = 100001\n", "t.toml:36: event.slew_ppm: "},
      {"at = \"1s\"\nanchor = \"bonn1\"\nclock_off_ms = 0\n",
       "t.toml:34: event.at: the event changes nothing"},
      {"at = \"1s\"\nchip = \"T-1\"\nrtt_ms = 4\n", "event.rtt_ms: only a pair has a round trip"},
      {"at = \"1s\"\nanchor = \"bonn1\"\nplace = \"Perth\"\n", "event.place: only a chip has it"},
      {"at = \"1s\"\nchip = \"T-1\"\npart = 1\n", "event.part: only an order has parts"},
      {"at = \"1s\"\nchip = \"T-1\"\ncolour = \"red\"\n", "t.toml:36: event.colour: unknown key"},
      {"at = \"3min\"\nchip = \"T-1\"\nbehaviour = \"silent\"\n",
       "t.toml:34: event.at: no [[round]] begins then or later; add one, or make the event earlier"},
  };
  for (const Case& c : cases) check_fault(with_event(c.keys), c.fault);
}

TEST_CASE("lab events: without rounds at stated times nothing says what comes before them", "[sim][lab]") {
  std::string text = with_event("at = \"1s\"\nchip = \"T-1\"\nbehaviour = \"silent\"\n");
  const std::string rounds = "[[round]]\n[[round]]\nat = \"2min\"\n";
  text.erase(text.find(rounds), rounds.size());
  check_fault(text,
              "event.at: nothing says which rounds come before the event and which after; add [[round]]");
}

TEST_CASE("lab rounds: of all chips, of some, of an order; by time", "[sim][lab]") {
  const LabFile file = lab_of(kTimedLab + "[[round]]\nat = \"1min\"\nchips = [\"T-1\"]\norder = \"O-1\"\n" +
                              "[[round]]\nat = \"30s\"\nchips = [\"O-1-2\"]\n");
  REQUIRE(file.schedule.size() == 4);
  CHECK(file.schedule[0].at == 0ns);
  CHECK(file.schedule[0].chips == std::vector<std::size_t>{0, 1, 2, 3});
  CHECK(file.schedule[1].at == Nanoseconds{30s});
  CHECK(file.schedule[1].chips == std::vector<std::size_t>{2});
  CHECK(file.schedule[2].chips == std::vector<std::size_t>{0, 1, 2, 3});
  CHECK(file.schedule[3].at == Nanoseconds{2min});
  check_fault(kTimedLab + "[[round]]\nat = \"1s\"\nchips = [\"T-9\"]\n",
              "t.toml:35: round.chips: no chip has the serial");
  check_fault(kTimedLab + "[[round]]\nat = \"1s\"\norder = \"O-9\"\n",
              "round.order: no [[order]] has the id");
  check_fault(kTimedLab + "[[round]]\nat = \"1s\"\nchips = [\"O-1-1\"]\norder = \"O-1\"\n",
              "round.chips: a chip is named twice");
  std::string text = kTimedLab;
  text.replace(text.find("name = \"t\""), 10, "name = \"t\"\nrounds = 3");
  check_fault(text, "t.toml:3: lab.rounds: the [[round]] sections say what is measured; remove the key");
}

TEST_CASE("lab events: times have hours and days, up to sixty of these", "[sim][lab]") {
  CHECK(lab_time_of("6h") == Nanoseconds{6h});
  CHECK(lab_time_of("1.5d") == Nanoseconds{36h});
  CHECK(lab_time_of("60d") == Nanoseconds{24h * 60});
  CHECK_FALSE(lab_time_of("60.1d").has_value());
  CHECK_FALSE(lab_time_of("6").has_value());
  CHECK_FALSE(lab_time_of("-6h").has_value());
  CHECK_FALSE(lab_time_of("6 weeks").has_value());
}

TEST_CASE("lab rounds and events: they repeat", "[sim][lab]") {
  const LabFile file = lab_of(kTimedLab + R"([[round]]
at = "1h"
every = "6h"
count = 3
[[event]]
at = "2h"
every = "6h"
count = 2
chip = "T-1"
behaviour = "moved"
place = "Perth"
[[event]]
at = "5h"
every = "6h"
count = 2
chip = "T-1"
behaviour = "honest"
)");
  std::vector<Nanoseconds> rounds, events;
  for (const LabRound& round : file.schedule) rounds.push_back(round.at);
  for (const LabEvent& event : file.events) events.push_back(event.at);
  CHECK(rounds == std::vector<Nanoseconds>{0s, 2min, 1h, 7h, 13h});
  CHECK(events == std::vector<Nanoseconds>{2h, 5h, 8h, 11h});
  CHECK(chip_after(file.events[2]).behaviour == Behaviour::kMoved);
  CHECK(chip_after(file.events[3]).behaviour == Behaviour::kHonest);
  CHECK(file.schedule.back().chips.size() == 4);
}

TEST_CASE("lab rounds: repeats that make no sense are faults", "[sim][lab]") {
  const auto round = [](const std::string& keys) {
    return kTimedLab + "[[round]]\n" + keys;
  };  // keys from line 34
  check_fault(round("every = \"6h\"\n"), "t.toml:34: round.every: every and count belong together");
  check_fault(round("count = 2\n"), "t.toml:34: round.count: every and count belong together");
  check_fault(round("every = \"0s\"\ncount = 2\n"), "t.toml:34: round.every: is no time");
  check_fault(round("every = \"7d\"\ncount = 10\n"), "t.toml:35: round.count: the last one would come after");
  check_fault(round("every = \"1s\"\ncount = 1000\n"), "more than 1000 rounds");  // with the two before
  check_fault(round("every = \"1s\"\ncount = 1001\n"), "t.toml:35: round.count: 1001 is out of range");
}

}  // namespace
}  // namespace chiploc
