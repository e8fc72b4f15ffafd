#include "server/coordinator/calibrator.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "geo/geodesic.hpp"

namespace chiploc {

void Calibrator::add(const v1::MeshBody& body, const Registry& registry) {
  constexpr std::size_t kPairsMax = 1'000'000;  // a thousand anchors, all pairs
  const auto from = AnchorId::from_bytes(bytes_of(body.anchor_id()));
  if (!from || registry.anchor(*from) == nullptr) return;
  for (const v1::MeshBody::Pair& pair : body.pairs()) {
    const auto peer = AnchorId::from_bytes(bytes_of(pair.peer_id()));
    if (!peer || pair.received() < 2 || pair.rtt_min_ns() <= 0 || registry.anchor(*peer) == nullptr) continue;
    const std::pair key{*from, *peer};
    if (newest_.size() < kPairsMax || newest_.contains(key)) newest_[key] = Nanoseconds{pair.rtt_min_ns()};
  }
}

void Calibrator::refit(const Registry& registry) {
  std::vector<DelaySample> pairs;
  for (const auto& [key, rtt] : newest_) {
    const AnchorRecord* a = registry.anchor(key.first);
    const AnchorRecord* b = registry.anchor(key.second);
    if (a == nullptr || b == nullptr) continue;
    const auto from = LatLon::from_degrees(a->place);
    const auto to = LatLon::from_degrees(b->place);
    if (from && to) pairs.push_back({rtt, geodesic_distance(*from, *to).km()});
  }
  line_ = fit_delay_model(pairs);
}

AnchorMesh Calibrator::mesh(const Registry& registry) const {
  std::map<AnchorId, std::size_t> pairs_of;
  for (const auto& [key, rtt] : newest_) {
    ++pairs_of[key.first];
    ++pairs_of[key.second];
  }
  std::vector<std::pair<std::size_t, AnchorId>> ranked;
  for (const auto& [id, pairs] : pairs_of) {
    const AnchorRecord* anchor = registry.anchor(id);
    if (anchor != nullptr && LatLon::from_degrees(anchor->place)) ranked.emplace_back(pairs, id);
  }
  std::sort(ranked.begin(), ranked.end(), std::greater{});
  ranked.resize(std::min(ranked.size(), kPlaceAnchorsMax));

  AnchorMesh out;
  for (const auto& [pairs, id] : ranked) out.anchors.push_back(id);
  std::sort(out.anchors.begin(), out.anchors.end());
  for (const AnchorId& from : out.anchors) {
    const AnchorRecord& anchor = *registry.anchor(from);
    out.mesh.places.push_back(*LatLon::from_degrees(anchor.place));
    out.uncertainty = std::max(out.uncertainty, anchor.uncertainty);
    for (const AnchorId& to : out.anchors) {
      const auto found = newest_.find({from, to});
      out.mesh.rtt_ms.push_back(found == newest_.end() ? std::numeric_limits<double>::quiet_NaN()
                                                       : static_cast<double>(found->second.count()) / 1e6);
    }
  }
  return out;
}

}  // namespace chiploc
