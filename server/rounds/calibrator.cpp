#include "server/rounds/calibrator.hpp"

#include <algorithm>
#include <limits>

#include "geo/geodesic.hpp"

namespace chiploc {

bool same_places(const Registry& before, const Registry& after) {
  return std::all_of(before.anchors().begin(), before.anchors().end(), [&](const auto& entry) {
    const AnchorRecord* now = after.anchor(entry.second->id);
    return now != nullptr && now->place.lat == entry.second->place.lat &&
           now->place.lon == entry.second->place.lon &&
           now->uncertainty.km() == entry.second->uncertainty.km();
  });
}

const Calibrator::Place* Calibrator::place_of(const AnchorId& id, const Registry& registry) {
  const auto known = places_.find(id);
  if (known != places_.end()) return &known->second;
  const AnchorRecord* anchor = registry.anchor(id);
  if (anchor == nullptr || !LatLon::from_degrees(anchor->place)) return nullptr;
  return &places_.emplace(id, Place{anchor->place, anchor->uncertainty, {}}).first->second;
}

void Calibrator::follow(const Registry& registry, WallTime now) {
  std::vector<AnchorId> moved;
  for (auto at = places_.begin(); at != places_.end();) {
    auto& [id, place] = *at;
    const AnchorRecord* anchor = registry.anchor(id);
    const bool known = anchor != nullptr && LatLon::from_degrees(anchor->place).has_value();
    if (known && anchor->place.lat == place.degrees.lat && anchor->place.lon == place.degrees.lon &&
        anchor->uncertainty.km() == place.uncertainty.km()) {
      ++at;
      continue;
    }
    moved.push_back(id);
    if (known) {
      place = Place{anchor->place, anchor->uncertainty, now};
      ++at;
    } else {
      at = places_.erase(at);
    }
  }
  for (const AnchorId& id : moved) {
    newest_.erase(id);
    for (auto& [from, row] : newest_) row.erase(id);
  }
}

void Calibrator::add(const MeshRecord& window, const Registry& registry) {
  const AnchorId& from = window.from.anchor;
  const Place* here = place_of(from, registry);
  if (here == nullptr || window.window_end < here->since) return;
  auto& row = newest_[from];
  for (const StoredMeshPair& pair : window.pairs) {
    const Place* there = place_of(pair.peer, registry);
    if (there == nullptr || pair.received < 2 || pair.rtt_min <= Nanoseconds{0} || pair.rtt_min > kRttMax ||
        window.window_end < there->since || pair.peer == from)
      continue;
    const auto known = row.find(pair.peer);
    if (known != row.end()) {
      known->second.rtt = pair.rtt_min;
    } else if (row.size() < kPairsOfAnchor) {
      const double km = geodesic_distance(LatLon::from_degrees(here->degrees).value(),
                                          LatLon::from_degrees(there->degrees).value())
                            .km();
      row.emplace(pair.peer, Pair{pair.rtt_min, km});
    }
  }
}

void Calibrator::refit() {
  std::vector<DelaySample> samples;
  for (const auto& [from, row] : newest_) {
    std::size_t taken = 0;
    for (const auto& [to, pair] : row) {
      if (++taken > kLinePairsOfAnchor) break;
      samples.push_back({pair.rtt, pair.km});
    }
  }
  line_ = fit_(samples);
}

std::size_t Calibrator::pairs() const {
  std::size_t out = 0;
  for (const auto& [from, row] : newest_) out += row.size();
  return out;
}

AnchorMesh Calibrator::mesh(const Registry& registry) const {
  std::map<AnchorId, std::size_t> pairs_of;
  for (const auto& [from, row] : newest_) {
    for (const auto& [to, pair] : row) {
      ++pairs_of[from];
      ++pairs_of[to];
    }
  }
  std::vector<std::pair<std::size_t, AnchorId>> ranked;
  for (const auto& [id, pairs] : pairs_of) {
    const AnchorRecord* anchor = registry.anchor(id);
    if (anchor != nullptr && LatLon::from_degrees(anchor->place)) ranked.emplace_back(pairs, id);
  }
  // With equals the ids decide, so that of a large mesh, a ring of ids, a stretch is taken that is dense.
  std::sort(ranked.begin(), ranked.end(), std::greater{});
  ranked.resize(std::min(ranked.size(), kPlaceAnchorsMax));

  AnchorMesh out;
  for (const auto& [pairs, id] : ranked) out.anchors.push_back(id);
  std::sort(out.anchors.begin(), out.anchors.end());
  for (const AnchorId& from : out.anchors) {
    const AnchorRecord& anchor = *registry.anchor(from);
    out.mesh.places.push_back(*LatLon::from_degrees(anchor.place));
    out.uncertainty = std::max(out.uncertainty, anchor.uncertainty);
    const auto row = newest_.find(from);
    for (const AnchorId& to : out.anchors) {
      const auto found = row == newest_.end() ? decltype(row->second.end()){} : row->second.find(to);
      const bool measured = row != newest_.end() && found != row->second.end();
      out.mesh.rtt_ms.push_back(measured ? static_cast<double>(found->second.rtt.count()) / 1e6
                                         : std::numeric_limits<double>::quiet_NaN());
    }
  }
  return out;
}

LearntMesh Calibrator::learnt(Registry::Snapshot registry) const {
  AnchorMesh measured = mesh(*registry);
  return {std::move(registry), line_, std::move(measured), pairs()};
}

}  // namespace chiploc
