#include "server/eval/misplaced.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "geo/estimate/median.hpp"
#include "geo/geodesic.hpp"
#include "server/eval/fix.hpp"
#include "server/eval/rtt_check.hpp"

namespace chiploc {
namespace {

/// Most round trips of a node that stands where it says are usual for their distance: within 1.6 times what
/// the set's median ratio makes of it. Tells a wrong label from a wrong place for every node of aws-2020.
class PlaceFit {
 public:
  explicit PlaceFit(const RttSet& set) : set_{set} {
    std::vector<double> ratios;
    for (std::size_t a = 0; a < set.nodes.size(); ++a) {
      for (std::size_t b = 0; b < set.nodes.size(); ++b) {
        const double km = km_between(a, b);
        if (!std::isnan(set.rtt_ms(a, b)) && km > 100.0) ratios.push_back(set.rtt_ms(a, b) / km);
      }
    }
    if (!ratios.empty()) ms_per_km_ = median(std::move(ratios));
  }
  [[nodiscard]] bool fits(std::size_t node) const {
    std::vector<double> off;
    for (std::size_t other = 0; other < set_.nodes.size(); ++other) {
      if (other == node || set_.nodes[other].faulty) continue;
      const double expected = 1.0 + ms_per_km_ * km_between(node, other);
      for (const double ms : {set_.rtt_ms(node, other), set_.rtt_ms(other, node)}) {
        if (!std::isnan(ms)) off.push_back(std::abs(std::log((ms + 1.0) / (expected + 1.0))));
      }
    }
    return off.empty() || median(std::move(off)) < std::log(1.6);
  }

 private:
  [[nodiscard]] double km_between(std::size_t a, std::size_t b) const {
    return geodesic_distance(set_.nodes[a].place, set_.nodes[b].place).km();
  }
  const RttSet& set_;
  double ms_per_km_ = 0.02;
};

bool far_from_land(LatLon place, const Borders& borders) {
  if (borders.country_at(place)) return false;
  const auto countries = borders.countries();
  return std::none_of(countries.begin(), countries.end(), [&](const Country& country) {
    return borders.distance_to_country(place, country.code) < MeshCheckOptions{}.country_tolerance;
  });
}

bool both_ways(const RttSet& set, std::size_t a, std::size_t b) {
  return !std::isnan(set.rtt_ms(a, b)) && !std::isnan(set.rtt_ms(b, a));
}

}  // namespace

std::vector<MeshSuspect> check_nodes(const RttSet& set, const std::vector<std::size_t>& nodes,
                                     const Borders& borders) {
  RttMesh mesh = mesh_of(set, nodes);
  std::vector<std::optional<CountryCode>> countries;
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    const EvalNode& node = set.nodes[nodes[a]];
    const bool perhaps = node.uncertainty_km > 0.0 &&
                         borders.distance_to_country(node.place, node.country).km() <= node.uncertainty_km;
    countries.push_back(perhaps ? std::nullopt : std::optional{node.country});
    for (std::size_t b = 0; b < nodes.size(); ++b) {
      const double km = node.uncertainty_km + set.nodes[nodes[b]].uncertainty_km;
      mesh.rtt_ms[a * nodes.size() + b] += 2e3 * km / kLightInFibre.km_s();
    }
  }
  return check_mesh(mesh, countries, borders);
}

std::string mark_misplaced(RttSet& set, const Borders& borders) {
  std::vector<std::size_t> nodes;
  for (std::size_t node = 0; node < set.nodes.size(); ++node) {
    if (!set.nodes[node].faulty) nodes.push_back(node);
  }
  std::optional<PlaceFit> fit;  // for the few sets that need it
  std::string text;
  const std::vector<MeshSuspect> suspects = check_nodes(set, nodes, borders);
  const auto elsewhere = [&](std::size_t node) {
    return std::any_of(suspects.begin(), suspects.end(),
                       [node](const MeshSuspect& s) { return s.node == node && s.country_differs; });
  };
  for (const MeshSuspect& suspect : suspects) {
    const std::size_t node = nodes[suspect.node];
    const auto& against = suspect.contradicts;
    const bool sure = against.size() >= kOneWayPairs ||
                      std::any_of(against.begin(), against.end(),
                                  [&](std::size_t other) { return both_ways(set, node, nodes[other]); });
    // Of a pair, the one whose label fits its place is believed.
    if (!suspect.country_differs && (!sure || std::all_of(against.begin(), against.end(), elsewhere)))
      continue;
    EvalNode& named = set.nodes[node];
    const bool at_sea = !sure && far_from_land(named.place, borders);
    if (!sure && !at_sea && !fit) fit.emplace(set);
    const bool misfit = fit && !sure && !at_sea && !fit->fits(node);
    named.doubt = sure || at_sea || misfit ? NodeDoubt::kPlace : NodeDoubt::kLabel;
    text += (text.empty() ? "" : ", ") + label_of(named);
    if (sure) {
      char km[32];
      std::snprintf(km, sizeof km, "%.0f", suspect.excess.km());
      text += ": place (" + std::to_string(suspect.contradicts.size()) + " others contradict it, by up to " +
              km + " km";
      if (suspect.or_else) text += "; or else " + label_of(set.nodes[nodes[*suspect.or_else]]) + " is wrong";
      text += ')';
    } else {
      text += std::string{at_sea || misfit ? ": place" : ": label"} + " (its place is " +
              (at_sea ? "at sea, far from " : "not in ") + std::string{named.country.view()} +
              (misfit ? ", and most of its round trips do not fit it)" : ")");
    }
  }
  if (text.empty()) return text;
  return "left out, neither anchors nor targets: " + text +
         "; correct nodes.csv, or move them to faulty_nodes.csv and run with --with-faulty";
}

}  // namespace chiploc
