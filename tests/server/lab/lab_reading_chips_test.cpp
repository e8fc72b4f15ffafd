// Chips and orders in a lab file.
#include "tests/server/lab/lab_text.hpp"

namespace chiploc {
namespace {

const std::string kBase = R"([lab]
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
)";  // 20 lines

std::string with_chip(const std::string& keys) {
  return kBase + "[[chip]]\nserial = \"T-1\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\n" +
         keys;  // keys from line 25
}
std::string with_order(const std::string& keys) {
  return kBase + "[[order]]\nid = \"O-1\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\n" + keys;
}

TEST_CASE("lab chips: a relayed chip has a proxy with a place, a delay and a last mile", "[sim][lab]") {
  const LabFile file = lab_of(with_chip(
      "behaviour = \"relayed\"\nat = \"Perth\"\nvia = \"Bonn\"\nvia_delay_ms = 0.25\nvia_last_mile_ms = 0.5\n"));
  const LabChip& chip = file.chips.at(0);
  CHECK(chip.via == chip.site);
  CHECK(chip.via_delay == Nanoseconds{250'000});
  CHECK(chip.via_last_mile == Nanoseconds{500'000});
  CHECK(chip.true_country.view() == "AU");
  check_fault(with_chip("via_delay_ms = 1\n"),
              "t.toml:25: chip.via_delay_ms: only a relayed chip has a proxy; remove the key");
  check_fault(with_chip("via_last_mile_ms = 1\n"), "t.toml:25: chip.via_last_mile_ms: only a relayed chip");
  check_fault(with_chip("behaviour = \"relayed\"\nat = \"Perth\"\nvia_delay_ms = -1\n"),
              "t.toml:27: chip.via_delay_ms: -1 is out of range; use a number from 0 to 10000");
}

TEST_CASE("lab chips: a proxy's address may have exits in more places", "[sim][lab]") {
  const std::string relayed = "behaviour = \"relayed\"\nat = \"Perth\"\n";
  const LabChip chip = lab_of(with_chip(relayed + "exits = [\"Perth\"]\n")).chips.at(0);
  CHECK(chip.via == chip.site);
  REQUIRE(chip.exits.size() == 1);
  CHECK(chip.exits[0] == chip.at);
  check_fault(with_chip(relayed + "exits = [\"Nowhere\"]\n"), "t.toml:27: chip.exits: ");
  check_fault(with_chip("exits = [\"Perth\"]\n"), "t.toml:25: chip.exits: only a relayed chip has a proxy");
  std::string many = "\"Bonn\"";
  for (int i = 0; i < 32; ++i) many += ", \"Bonn\"";
  check_fault(with_chip(relayed + "exits = [" + many + "]\n"), "t.toml:27: chip.exits: more than 32 places");
}

TEST_CASE("lab chips: an early one answers so many pings to come", "[sim][lab]") {
  CHECK(lab_of(with_chip("behaviour = \"early\"\n")).chips.at(0).early_answers == 1);
  const LabFile file = lab_of(with_chip("behaviour = \"early\"\nearly_answers = 16\nat = \"Perth\"\n"));
  CHECK(file.chips.at(0).early_answers == 16);
  CHECK(file.chips[0].true_country.view() == "AU");
  CHECK(needs_rogue(file.chips[0].behaviour));
  check_fault(with_chip("behaviour = \"early\"\nearly_answers = 17\n"),
              "t.toml:26: chip.early_answers: 17 is out of range");
  check_fault(with_chip("early_answers = 1\n"), "t.toml:25: chip.early_answers: only an early chip answers");
}

TEST_CASE("lab chips: cables may be shared, and a key be taken out of its chip", "[sim][lab]") {
  CHECK(lab_of(with_chip("")).chips.at(0).route.empty());
  CHECK(lab_of(with_chip("route = \"hall-1\"\n")).chips.at(0).route == "hall-1");
  for (const LabChip& chip : lab_of(with_order("chips = 2\nroute = \"hall\"\n")).chips)
    CHECK(chip.route == "hall");
  check_fault(with_chip("route = \"hall 1\"\n"), "t.toml:25: chip.route: \"hall 1\" is no plain name");
  check_fault(with_chip("route = \"" + std::string(33, 'a') + "\"\n"), "use at most 32 letters");
  const LabChip away = lab_of(with_chip("behaviour = \"extracted\"\nat = \"Perth\"\n")).chips.at(0);
  CHECK(away.behaviour == Behaviour::kExtracted);
  CHECK(away.true_country.view() == "AU");
  check_fault(with_chip("behaviour = \"extracted\"\n"),
              "chip.at: a chip whose key was taken out is elsewhere; name the place");
}

TEST_CASE("lab chips: a stall has a law", "[sim][lab]") {
  const std::string stalled = "behaviour = \"stalled\"\nstall_ms = 20\n";
  CHECK(lab_of(with_chip(stalled)).chips.at(0).stall_law == LabStallLaw::kFixed);
  const LabFile file = lab_of(with_chip(stalled + "stall_law = \"exponential\"\nstall_spread_ms = 7.5\n"));
  CHECK(file.chips.at(0).stall == Nanoseconds{20'000'000});
  CHECK(file.chips[0].stall_spread == Nanoseconds{7'500'000});
  CHECK(file.chips[0].stall_law == LabStallLaw::kExponential);
  check_fault(with_chip(stalled + "stall_spread_ms = 3\n"),
              "t.toml:27: chip.stall_spread_ms: a fixed stall has no spread; add stall_law");
  check_fault(with_chip(stalled + "stall_law = \"uniform\"\n"),
              "chip.stall_spread_ms: a stall that is uniform has a spread; give milliseconds above 0");
  check_fault(with_chip(stalled + "stall_law = \"pareto\"\n"),
              "t.toml:27: chip.stall_law: \"pareto\" is none of the choices; use one of \"fixed\"");
  check_fault(with_chip("stall_law = \"uniform\"\n"), "t.toml:25: chip.stall_law: only a stalled chip waits");
}

TEST_CASE("lab chips: loss and added delay are any chip's", "[sim][lab]") {
  const LabChip chip = lab_of(with_chip("loss = 0.2\nadded_rtt_ms = 1.5\n")).chips.at(0);
  CHECK(chip.extra == PathExtra{.loss = 0.2, .added_round_trip = Nanoseconds{1'500'000}});
  check_fault(with_chip("loss = -0.1\n"),
              "t.toml:25: chip.loss: -0.1 is out of range; use a number from 0 to 1");
}

TEST_CASE("lab orders: chips in a row, the diverted ones last", "[sim][lab]") {
  const LabFile file = lab_of(with_order("chips = 12\ndiverted = 4\nat = \"Perth\"\nreach = \"inbound\"\n"));
  REQUIRE(file.chips.size() == 12);
  REQUIRE(file.orders.size() == 1);
  CHECK(file.orders[0].count == 12);
  CHECK(file.orders[0].diverted == 4);
  for (std::size_t i = 0; i < 12; ++i) {
    const LabChip& chip = file.chips[i];
    CAPTURE(chip.serial);
    CHECK(chip.order == "O-1");
    CHECK(chip.inbound);
    CHECK(chip.behaviour == (i < 8 ? Behaviour::kHonest : Behaviour::kMoved));
    CHECK(chip.true_country.view() == (i < 8 ? "DE" : "AU"));
  }
  CHECK(file.chips[0].serial == "O-1-01");
  CHECK(file.chips[11].serial == "O-1-12");
}

TEST_CASE("lab orders: faults name what does not fit", "[sim][lab]") {
  check_fault(with_order("diverted = 1\nat = \"Perth\"\n"), "order.chips: missing");
  check_fault(with_order("chips = 2\ndiverted = 3\nat = \"Perth\"\n"),
              "t.toml:26: order.diverted: is more than the order has chips");
  check_fault(with_order("chips = 2\nat = \"Perth\"\n"),
              "t.toml:26: order.at: says what diverted chips do, and none is; set diverted");
  check_fault(with_order("chips = 2\ndiverted = 1\n"), "order.at: a moved chip is elsewhere; name the place");
  check_fault(with_order("chips = 2\n[[chip]]\nserial = \"O-1-1\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\n"),
              "t.toml:22: order.id: makes the serial number \"O-1-1\", which is longer than 32 characters or "
              "there already");
  check_fault(with_order("chips = 10001\n"), "t.toml:25: order.chips: 10001 is out of range");
}

TEST_CASE("lab orders: ten thousand chips are all that a lab has", "[sim][lab]") {
  CHECK(lab_of(with_order("chips = 10000\n")).chips.size() == 10'000);
  const std::string one_more = "[[chip]]\nserial = \"P-1\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\n";
  check_fault(with_order("chips = 10000\n" + one_more),
              "t.toml:25: order.chips: more than 10000 chips; take fewer, chiploc sim fleet counts millions");
}

}  // namespace
}  // namespace chiploc
