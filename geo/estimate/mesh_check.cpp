#include "geo/estimate/mesh_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "geo/estimate/median.hpp"
#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

constexpr double kUnmeasured = std::numeric_limits<double>::quiet_NaN();

class MeshCheck {
 public:
  MeshCheck(const RttMesh& mesh, const MeshCheckOptions& options)
      : mesh_{mesh},
        options_{options},
        count_{mesh.size()},
        km_(count_ * count_, 0.0),
        removed_(count_, false) {
    for (std::size_t a = 0; a < count_; ++a) {
      for (std::size_t b = a + 1; b < count_; ++b)
        km_[a * count_ + b] = km_[b * count_ + a] = geodesic_distance(mesh.places[a], mesh.places[b]).km();
    }
  }

  [[nodiscard]] std::vector<MeshSuspect> run() {
    std::vector<MeshSuspect> suspects;
    for (;;) {
      std::optional<MeshSuspect> worst;
      for (std::size_t node = 0; node < count_; ++node) {
        if (removed_[node]) continue;
        MeshSuspect suspect = contradictions_of(node);
        if (suspect.contradicts.empty()) continue;
        const bool more =
            !worst || suspect.contradicts.size() > worst->contradicts.size() ||
            (suspect.contradicts.size() == worst->contradicts.size() && suspect.excess > worst->excess);
        if (more) worst = std::move(suspect);
      }
      if (!worst) return suspects;
      if (worst->contradicts.size() == 1) settle_pair(*worst);
      removed_[worst->node] = true;
      suspects.push_back(std::move(*worst));
    }
  }

 private:
  /// The longer of the two directions, the one there is, or NaN.
  [[nodiscard]] double rtt(std::size_t a, std::size_t b) const {
    return std::fmax(mesh_.rtt(a, b), mesh_.rtt(b, a));
  }
  [[nodiscard]] double km(std::size_t a, std::size_t b) const { return km_[a * count_ + b]; }

  [[nodiscard]] MeshSuspect contradictions_of(std::size_t node) const {
    MeshSuspect suspect;
    suspect.node = node;
    for (std::size_t other = 0; other < count_; ++other) {
      const double ms = other == node || removed_[other] ? kUnmeasured : rtt(node, other);
      if (!(ms > 0.0)) continue;
      const double excess =
          km(node, other) - ms * options_.speed.km_s() / 2000.0 - 2.0 * options_.tolerance.km();
      if (excess <= 0.0) continue;
      suspect.contradicts.push_back(other);
      suspect.excess = std::max(suspect.excess, Kilometers{excess});
    }
    return suspect;
  }

  /// Both nodes are near each other: at the place of which of them do the round trips of both look more
  /// usual?
  void settle_pair(MeshSuspect& suspect) const {
    const std::size_t a = suspect.node;
    const std::size_t b = suspect.contradicts.front();
    suspect.or_else = b;
    if (strangeness(a, b, /*place=*/a) < strangeness(a, b, /*place=*/b)) {
      std::swap(suspect.node, suspect.contradicts.front());
      suspect.or_else = a;
    }
  }
  [[nodiscard]] double strangeness(std::size_t a, std::size_t b, std::size_t place) const {
    std::vector<double> usual;
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t j = i + 1; j < count_; ++j) {
        if (!removed_[i] && !removed_[j] && i != a && i != b && j != a && j != b)
          add_detour(usual, i, j, km(i, j));
      }
    }
    const double centre = median(usual);
    std::vector<double> off;
    for (std::size_t other = 0; other < count_; ++other) {
      if (removed_[other] || other == a || other == b) continue;
      add_detour(off, a, other, km(place, other));
      add_detour(off, b, other, km(place, other));
    }
    for (double& value : off) value = std::abs(value - centre);
    return median(off);
  }
  /// log of how much longer than a straight line the path seems; near pairs say more of last miles.
  void add_detour(std::vector<double>& out, std::size_t a, std::size_t b, double distance_km) const {
    const double ms = rtt(a, b);
    if (ms > 0.0 && distance_km > 100.0) out.push_back(std::log(ms / distance_km));
  }

  const RttMesh& mesh_;
  MeshCheckOptions options_;
  std::size_t count_;
  std::vector<double> km_;
  std::vector<bool> removed_;
};

}  // namespace

std::vector<MeshSuspect> check_mesh(const RttMesh& mesh,
                                    std::span<const std::optional<CountryCode>> countries,
                                    const Borders& borders, const MeshCheckOptions& options) {
  std::vector<MeshSuspect> suspects = MeshCheck{mesh, options}.run();
  for (std::size_t node = 0; node < std::min(countries.size(), mesh.size()); ++node) {
    if (!countries[node]) continue;
    // Infinite for a code that is not drawn: then the borders cannot tell.
    const double km = borders.distance_to_country(mesh.places[node], *countries[node]).km();
    if (!(km > options.country_tolerance.km()) || std::isinf(km)) continue;
    const auto known = std::find_if(suspects.begin(), suspects.end(),
                                    [node](const MeshSuspect& s) { return s.node == node; });
    if (known != suspects.end()) {
      known->country_differs = true;
    } else {
      MeshSuspect suspect;
      suspect.node = node;
      suspect.country_differs = true;
      suspects.push_back(std::move(suspect));
    }
  }
  return suspects;
}

}  // namespace chiploc
