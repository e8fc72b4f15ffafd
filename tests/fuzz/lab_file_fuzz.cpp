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
  fuzz::demand(lab->events.size() <= kLabEventsMax && lab->schedule.size() <= kLabRoundsMax);
  fuzz::demand(lab->events.empty() || lab->events.back().at <= lab->schedule.back().at);
  Nanoseconds before{0};
  for (const LabEvent& event : lab->events) {
    fuzz::demand(event.at >= before && event.at <= kLabTimeMax);
    before = event.at;
    const std::size_t kinds[] = {lab->chips.size(), lab->anchors.size(), lab->pairs.size()};
    fuzz::demand(event.index < kinds[event.after.index()]);
    const auto* chip = std::get_if<LabChip>(&event.after);
    fuzz::demand(chip == nullptr || chip->serial == lab->chips[event.index].serial);
    fuzz::demand(chip == nullptr || (chip->behaviour == Behaviour::kCloned) == chip->clone_at.has_value());
  }
  for (const LabRound& round : lab->schedule) {
    for (const std::size_t chip : round.chips) fuzz::demand(chip < lab->chips.size());
  }
  for (const LabOrder& order : lab->orders)
    fuzz::demand(order.first + order.count <= lab->chips.size() && order.diverted <= order.count);
  return 0;
}
