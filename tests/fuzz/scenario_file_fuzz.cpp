// Arbitrary text as a scenario, on the real map: one that keeps what the header promises, or faults.
#include "server/scenario/scenario_file.hpp"

#include <algorithm>

#include "geo/borders/borders.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const LabWorld kWorld{.country_at = [](LatLon place) { return Borders::world().country_at(place); },
                               .known = [](CountryCode code) { return Borders::world().knows(code); }};
  const std::filesystem::path name{"/fuzz/scenario.toml"};
  const auto read = parse_scenario(fuzz::text_of(data, size), name, kWorld);
  if (!read) {
    fuzz::demand_faults_of(read.error(), name);
    return 0;
  }
  fuzz::demand(!read->name.empty() && !read->about.empty());
  const auto& attacks = scenario_attacks();
  fuzz::demand(std::any_of(attacks.begin(), attacks.end(),
                           [&](const auto& attack) { return attack.first == read->attack; }));
  fuzz::demand(!read->points.empty() && read->points.size() <= kSweepPointsMax);
  for (const ScenarioPoint& point : read->points) {
    fuzz::demand(!point.lab.anchors.empty() && !point.lab.chips.empty());
    fuzz::demand(point.horizon > Nanoseconds{0});
  }
  for (const Expectation& expectation : read->expectations) {
    fuzz::demand(!text_of(expectation).empty());
    fuzz::demand(expectation.share >= 0.0 && expectation.share <= 1.0);
  }
  return 0;
}
