#include "server/lab/forecast.hpp"

#include <map>

#include "server/lab/lab_plan.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

/// How the chips of one seed fare by geometry.
struct Fleet {
  unsigned honest = 0;
  unsigned verified = 0;
  unsigned cleared = 0;
  unsigned flagged = 0;     ///< honest ones OUTSIDE or PROHIBITED: impossible unless something is broken
  unsigned unexpected = 0;  ///< verdicts that expected_states() does not allow
};
Fleet forecast_fleet(LabFile file, std::uint64_t seed, const Borders& borders, Nanoseconds overhead) {
  file.network.seed = seed;
  Fleet out;
  const LabPlan plan = plan_lab(file, 0, "/nowhere");
  for (const LabRow& row : report_of(plan, forecast_rounds(file, borders, overhead)).rows) {
    out.unexpected += row.ok ? 0U : 1U;
    if (row.behaviour != "honest") continue;
    ++out.honest;
    out.verified += row.state == "VERIFIED" ? 1U : 0U;
    out.cleared += row.state == "CLEARED" ? 1U : 0U;
    out.flagged += row.state == "OUTSIDE" || row.state == "PROHIBITED" ? 1U : 0U;
  }
  return out;
}

TEST_CASE("sample lab: has 16 anchors, 24 chips, and every behaviour among the 9 that misbehave",
          "[sim][forecast]") {
  const LabFile file = lab_from_tree("sample.toml");
  CHECK(file.anchors.size() == 16);
  REQUIRE(file.chips.size() == 24);
  std::map<Behaviour, int> count;
  for (const LabChip& chip : file.chips) ++count[chip.behaviour];
  CHECK(count[Behaviour::kHonest] == 15);
  CHECK(count.size() == 9);
}

TEST_CASE("sample lab: its promises hold for ten seeds, with a millisecond to spare", "[sim][forecast]") {
  const LabFile file = lab_from_tree("sample.toml");
  // What the lab adds itself is about 0.4 ms; with a whole millisecond more the fleet has to stand all the
  // same.
  for (const Nanoseconds overhead : {kLabOverhead, kLabOverhead + Nanoseconds{1'000'000}}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const Fleet fleet = forecast_fleet(file, seed, Borders::world(), overhead);
      CAPTURE(seed, overhead.count(), fleet.verified, fleet.cleared);
      CHECK(fleet.honest == 15);
      CHECK(fleet.verified >= 6);
      CHECK(fleet.verified + fleet.cleared >= 12);
      CHECK(fleet.flagged == 0);
      CHECK(fleet.unexpected == 0);
    }
  }
}

TEST_CASE("small lab: the honest chip is verified and the moved one is outside, for ten seeds",
          "[sim][forecast]") {
  LabFile file = lab_from_tree("small.toml");
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    file.network.seed = seed;
    const auto rows = forecast_lab(file, Borders::world(), kLabOverhead);
    CAPTURE(seed);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].state == VerdictState::kVerified);
    CHECK(rows[1].state == VerdictState::kOutside);
  }
}

TEST_CASE("forecast: a chip behind a proxy or a stall is never greener than where it truly is",
          "[sim][forecast]") {
  LabFile file = lab_from_tree("sample.toml");
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    file.network.seed = seed;
    for (const ForecastRow& row : forecast_lab(file, Borders::world(), Nanoseconds{0})) {
      const LabChip& chip = file.chips[row.chip];
      if (chip.behaviour != Behaviour::kRelayed && chip.behaviour != Behaviour::kStalled &&
          chip.behaviour != Behaviour::kLying)
        continue;
      CAPTURE(seed, chip.serial);
      CHECK(row.state != VerdictState::kVerified);
      if (covers(file.prohibited, chip)) CHECK(row.state != VerdictState::kCleared);
    }
  }
}

}  // namespace
}  // namespace chiploc
