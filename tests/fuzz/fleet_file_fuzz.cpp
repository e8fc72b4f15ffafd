// Arbitrary text as a fleet's file, on the real map: a fleet that keeps what the header promises, or faults.
#include "server/fleet/fleet_file.hpp"

#include <set>

#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  const std::filesystem::path name{"/fuzz/fleet.toml"};
  const auto read = fleet::parse_fleet(fuzz::text_of(data, size), name, Borders::world());
  if (!read) {
    fuzz::demand_faults_of(read.error(), name);
    return 0;
  }
  const fleet::FleetFile& file = *read;
  fuzz::demand(!file.anchors.empty() && file.anchors.size() <= fleet::kFleetAnchorsMax);
  fuzz::demand(!file.sites.empty() && file.sites.size() <= fleet::kFleetSitesMax);
  fuzz::demand(file.chips() >= 1 && file.chips() <= fleet::kFleetChipsMax);
  fuzz::demand(file.days >= 1 && file.cadence > Nanoseconds{0} && file.rounds_of_a_chip() >= 1);
  fuzz::demand(file.pings >= 1 && file.anchors_per_round >= 1);
  std::set<std::string> sites;
  for (const fleet::FleetSite& site : file.sites) {
    fuzz::demand(!site.name.empty() && sites.insert(site.name).second);
    fuzz::demand(site.chips >= 1 && site.uplinks >= 1 && !site.licensed.empty());
    if (!site.diversion) continue;
    fuzz::demand(site.diversion->share >= 0.0 && site.diversion->share <= 1.0);
    fuzz::demand(site.diversion->at >= Nanoseconds{0} && site.diversion->stall >= Nanoseconds{0});
  }
  return 0;
}
