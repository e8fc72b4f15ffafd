#include "server/lab/lab_plan.hpp"

#include <set>

#include "server/lab/lab_lock.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

CountryCode code(const char* text) { return *CountryCode::from_text(text); }

std::vector<std::string> expected(Behaviour behaviour, const char* true_country,
                                  std::vector<std::string> territories = {}) {
  const LatLon anywhere = *LatLon::from_degrees({});
  const LabChip chip{.serial = "x",
                     .behaviour = behaviour,
                     .licence = "L",
                     .site_name = "s",
                     .site = anywhere,
                     .at = anywhere,
                     .via = {},
                     .clone_at = {},
                     .stall = {},
                     .inbound = false,
                     .last_mile = {},
                     .true_country = code(true_country),
                     .territories = std::move(territories)};
  return expected_states(chip,
                         {.id = "L",
                          .holder = "h",
                          .places = {.countries = {code("AU"), code("NZ")}, .territories = {"site-1"}}},
                         {.countries = {code("CN")}, .territories = {"zone-9"}});
}

TEST_CASE("expected_states: follow from behaviour and true place", "[sim][lab]") {
  using States = std::vector<std::string>;
  CHECK(expected(Behaviour::kHonest, "AU") == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
  CHECK(expected(Behaviour::kExtracted, "CN") ==
        States{"VERIFIED", "CLEARED", "UNRESOLVED"});  // where its key is
  CHECK(expected(Behaviour::kSilent, "AU") == States{"SILENT"});
  for (const Behaviour b : {Behaviour::kForged, Behaviour::kReplaying})
    CHECK(expected(b, "AU") == States{"INVALID"});
  CHECK(expected(Behaviour::kCloned, "AU") == States{"INVALID", "UNRESOLVED"});
  for (const Behaviour b : {Behaviour::kMoved, Behaviour::kRelayed, Behaviour::kStalled, Behaviour::kLying}) {
    CHECK(expected(b, "JP", {"site-1"}) == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
    CHECK(expected(b, "JP", {"zone-9"}) == States{"UNRESOLVED", "OUTSIDE", "PROHIBITED"});
    CHECK(expected(b, "NZ") == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
    CHECK(expected(b, "JP") == States{"CLEARED", "UNRESOLVED", "OUTSIDE"});
    CHECK(expected(b, "CN") == States{"UNRESOLVED", "OUTSIDE", "PROHIBITED"});
  }
}

TEST_CASE("plan_lab: every address is used once, also between labs of different numbers", "[sim][lab]") {
  std::set<UdpAddress> seen;
  std::size_t count = 0;
  for (const int number : {0, 1, kLabNumbersMax - 1}) {
    const LabPlan plan = plan_lab(lab_from_tree("sample.toml"), number, "/nowhere");
    const RelayConfig relay = relay_config_of(plan);
    // 16 anchors, 23 programs for 24 chips (one is silent), and the clone.
    CHECK(relay.endpoints.size() == 16 + 23 + 1);
    for (const RelayEndpoint& e : relay.endpoints) {
      seen.insert(e.front);
      seen.insert(e.real);
      CHECK((e.front.address >> 24U) == 127);
      CHECK((e.real.address >> 24U) == 127);
      count += 2;
    }
  }
  CHECK(seen.size() == count);
}

TEST_CASE("plan_lab: chips are where they are, clones elsewhere, and ids stay the same from run to run",
          "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("sample.toml"), 0, "/nowhere");
  const LabPlan again = plan_lab(lab_from_tree("sample.toml"), 7, "/elsewhere");
  CHECK(plan.chip_ids == again.chip_ids);
  CHECK(std::set<ChipId>(plan.chip_ids.begin(), plan.chip_ids.end()).size() == plan.chip_ids.size());
  std::size_t clones = 0;
  for (const LabAgent& agent : plan.agents) {
    const LabChip& chip = plan.file.chips[agent.chip];
    clones += agent.clone ? 1 : 0;
    CHECK(agent.endpoint.site.place == (agent.clone ? *chip.clone_at : chip.at));
    CHECK(agent.endpoint.site.via == (agent.clone ? std::nullopt : chip.via));
    CHECK(runs(chip, agent.clone));
    CHECK(agent.rendezvous.size() == (chip.inbound ? 0U : 3U));
    CHECK(plan.agent_of(agent.chip) != nullptr);
    CHECK_FALSE(plan.agent_of(agent.chip)->clone);
  }
  CHECK(clones == 1);
}

TEST_CASE("plan_lab: a key that was taken out answers from the site, by the site's cables", "[sim][lab]") {
  LabChip chip = lab_from_tree("small.toml").chips.front();
  chip.at = *LatLon::from_degrees({.lat = 22.54, .lon = 114.06});
  chip.route = "hall";
  chip.behaviour = Behaviour::kMoved;
  CHECK(site_of(chip, false).place == chip.at);
  chip.behaviour = Behaviour::kExtracted;
  CHECK(site_of(chip, false).place == chip.site);
  CHECK(site_of(chip, false).route == "hall");
  chip.exits = {chip.at};
  CHECK(site_of(chip, false).exits == chip.exits);
  CHECK(site_of(chip, true).exits.empty());
  CHECK(site_of(chip, true).route.empty());  // a clone has cables of its own
  CHECK(runs(chip, false));
}

TEST_CASE("LabLock: a number is held by one lab at a time", "[sim][lab]") {
  auto first = LabLock::take({});
  REQUIRE(first.has_value());
  CHECK_FALSE(LabLock::take(first->number()).has_value());
  auto second = LabLock::take({});
  REQUIRE(second.has_value());
  CHECK(second->number() != first->number());
}

}  // namespace
}  // namespace chiploc
