#include "server/verifier/territory.hpp"

namespace chiploc {

bool Territory::meets(const Region& region) const {
  return code_ ? borders_->meets(region, *code_) : area_->meets(region);
}

std::optional<Kilometers> Territory::clearance(const Region& region, Kilometers limit) const {
  return code_ ? borders_->clearance(region, *code_, limit) : area_->clearance(region, limit);
}

Kilometers Territory::distance_from(LatLon place) const {
  return code_ ? borders_->distance_to_country(place, *code_) : area_->distance_from(place);
}

}  // namespace chiploc
