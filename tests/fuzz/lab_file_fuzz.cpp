// Arbitrary text as a lab file, on a small map: a lab that keeps what the header promises, or faults.
#include "server/lab/lab_file.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  static const LabWorld kWorld{
      [](LatLon place) -> std::optional<CountryCode> {
        if (place.lat_deg() < -60.0) return std::nullopt;  // the sea
        return CountryCode::from_text(place.lon_deg() < 0.0 ? "US" : place.lon_deg() < 60.0 ? "DE" : "SG");
      },
      [](CountryCode code) { return code.text() != "XX"; }};
  const std::filesystem::path name{"/fuzz/lab.toml"};
  const auto lab = parse_lab_file(fuzz::text_of(data, size), name, kWorld);
  if (!lab) {
    fuzz::demand_faults_of(lab.error(), name);
    return 0;
  }
  fuzz::demand(lab->anchors.size() <= kLabAnchorsMax && lab->chips.size() <= kLabChipsMax);
  for (const LabChip& chip : lab->chips) {
    fuzz::demand(lab->licence(chip.licence) != nullptr);
    fuzz::demand((chip.behaviour == Behaviour::kCloned) == chip.clone_at.has_value());
    fuzz::demand(chip.stall.count() >= 0);
  }
  return 0;
}
