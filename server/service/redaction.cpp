#include "server/service/redaction.hpp"

#include <utility>

namespace chiploc {

v1::Verdict visible_to(Role role, v1::Verdict verdict) {
  if (role == Role::kAdmin) return verdict;
  verdict.clear_anchors();
  verdict.clear_hinges();
  verdict.clear_would_resolve();
  verdict.clear_region_centre();
  verdict.clear_region_radius_km();
  verdict.clear_region_geojson();
  verdict.clear_estimate();
  verdict.clear_prohibited_margins();
  verdict.clear_resolution();
  verdict.clear_posterior();
  return verdict;
}

v1::Chip visible_to(Role role, v1::Chip chip) {
  if (role == Role::kAdmin) return chip;
  chip.clear_counter_starts();                                     // who did what, and why
  chip.set_reach(chip.reach().substr(0, chip.reach().find(' ')));  // "inbound HOST:PORT" -> "inbound"
  if (chip.has_last_verdict()) {
    *chip.mutable_last_verdict() = visible_to(role, std::move(*chip.mutable_last_verdict()));
  }
  return chip;
}

}  // namespace chiploc
