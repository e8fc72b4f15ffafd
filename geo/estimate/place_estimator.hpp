#pragma once
// The best guess of where a chip is, with honest odds. It ranks and explains; it proves nothing.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/borders/country_code.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/lat_lon.hpp"
#include "geo/region.hpp"

namespace chiploc {

struct EstimatorOptions {
  /// Weigh places by where machines stand (addresses of countries, people of cities). Off: every land is
  /// alike. A prior shapes the estimate, never the proof, and whoever shows an estimate says whether one was
  /// used.
  bool place_prior = true;
};

struct Posterior;
struct PlaceLaws;

/// A posterior over the Earth's land and what follows from it. A value; owns all it needs.
class PlaceEstimate {
 public:
  LatLon place;  ///< Point estimate.
  /// Probability per country as drawn (Borders::country_at), descending, then by code; sums to 1.
  std::vector<std::pair<CountryCode, double>> countries;
  double credible95_area_km2 = 0.0;   ///< Land in the smallest set of cells that holds 95 %.
  double credible95_radius_km = 0.0;  ///< A disk of this radius around `place` holds 95 %.
  double common_delay_ms =
      0.0;  ///< Round trip beyond what places like this see, the same towards all anchors; may be negative.

  /// 0 for a country that is not listed.
  [[nodiscard]] double probability(CountryCode code) const;
  /// The least level whose highest-density region holds the place; 1 where the posterior has no mass.
  [[nodiscard]] double credible_level(LatLon truth) const;
  /// The place lies in the highest-density region of that level (0.5, 0.95, ...).
  [[nodiscard]] bool in_credible(LatLon truth, double level) const { return credible_level(truth) < level; }

  /// Takes     At least one candidate, by cell, with masses that sum to 1 (geo/estimate/posterior.hpp).
  [[nodiscard]] static PlaceEstimate summarise(const Posterior& posterior);

 private:
  explicit PlaceEstimate(LatLon at) : place{at} {}
  std::vector<std::pair<std::uint32_t, double>> levels_;  // grid cell -> mass of all denser cells, by cell
};

/// Whether the round trips are told better by a chip behind a line that makes all of them longer.
struct RelaySuspicion {
  double gain =
      0.0;  ///< log of the evidence ratio, tempered as the posterior is; 0: none of the delays does better
  double delay_ms = 0.0;  ///< the delay that tells them best
};

/// Learnt from one mesh of anchors; the chip is never part of it. Immutable, shared by threads.
class PlaceEstimator {
 public:
  /// Fails     Never: with few or no pairs the hyperparameters stay at their documented defaults. Round trips
  ///           that are not positive and finite count as missing.
  [[nodiscard]] static PlaceEstimator learn(const RttMesh& mesh, const Borders& borders,
                                            const EstimatorOptions& options = {});

  /// What was learnt but for the anchors themselves: laws of delays, of how they err, of where hosts stand.
  [[nodiscard]] std::shared_ptr<const PlaceLaws> laws() const;
  /// An estimator over these anchors by laws that others taught: learning them is nearly all of learn()'s time. Fails
  /// as learn() does.
  [[nodiscard]] static PlaceEstimator with_laws(const PlaceLaws& laws, const RttMesh& mesh,
                                                const Borders& borders, const EstimatorOptions& options = {});

  /// Takes     One round trip per anchor of the mesh, in its order, anchor to chip; NaN where none was
  ///           measured. `region`: the hard region, or nullptr for no such restriction; no mass is ever
  ///           outside it.
  /// Fails     nullopt without any usable round trip, with another number of them than the mesh has anchors,
  ///           or when the region is empty.
  [[nodiscard]] std::optional<PlaceEstimate> estimate(std::span<const double> rtt_ms,
                                                      const Region* region) const;

  /// Compares a few common delays with none, over all places: a relay adds the same to every path, and what
  /// is left looks like an ordinary chip elsewhere. Takes some seven times as long as estimate().
  [[nodiscard]] std::optional<RelaySuspicion> suspect_relay(std::span<const double> rtt_ms,
                                                            const Region* region) const;

  /// Method, options and what was learnt, for the verdict's record.
  [[nodiscard]] const std::string& version() const;

  PlaceEstimator(PlaceEstimator&&) noexcept;
  PlaceEstimator& operator=(PlaceEstimator&&) noexcept;
  ~PlaceEstimator();

 private:
  struct Model;
  explicit PlaceEstimator(std::unique_ptr<const Model> model);
  std::unique_ptr<const Model> model_;
};

}  // namespace chiploc
