#include "server/coordinator/calibration.hpp"

#include "geo/geodesic.hpp"

namespace chiploc {

void Calibration::add(const v1::MeshBody& body, const Registry& registry) {
  constexpr std::size_t kPairsMax = 1'000'000;  // a thousand anchors, all pairs
  const auto from = AnchorId::from_bytes(bytes_of(body.anchor_id()));
  if (!from || registry.anchor(*from) == nullptr) return;
  for (const v1::MeshBody::Pair& pair : body.pairs()) {
    const auto peer = AnchorId::from_bytes(bytes_of(pair.peer_id()));
    if (!peer || pair.received() == 0 || pair.rtt_min_ns() <= 0 || registry.anchor(*peer) == nullptr)
      continue;
    const std::pair key{*from, *peer};
    if (newest_.size() < kPairsMax || newest_.contains(key)) newest_[key] = Nanoseconds{pair.rtt_min_ns()};
  }
}

void Calibration::refit(const Registry& registry) {
  std::vector<DelaySample> pairs;
  for (const auto& [key, rtt] : newest_) {
    const AnchorRecord* a = registry.anchor(key.first);
    const AnchorRecord* b = registry.anchor(key.second);
    if (a == nullptr || b == nullptr) continue;
    const auto from = LatLon::from_degrees(a->place);
    const auto to = LatLon::from_degrees(b->place);
    if (from && to) pairs.push_back({rtt, geodesic_distance(*from, *to).km()});
  }
  model_ = fit_delay_model(pairs);
}

}  // namespace chiploc
