#pragma once
// What is learnt from one mesh, and what it says of places for one chip's round trips.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/common_errors.hpp"
#include "geo/estimate/measured.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/estimate/path_memory.hpp"
#include "geo/estimate/place_grid.hpp"
#include "geo/estimate/place_prior.hpp"
#include "geo/estimate/ring_law.hpp"
#include "geo/region.hpp"

namespace chiploc {

/// Logs to shares that sum to 1; returns the log of what they summed to.
double normalise(std::vector<double>& logs);

/// What a mesh teaches of networks and their hosts at large: all of a PlaceEstimator but its anchors' places and round
/// trips.
struct PlaceLaws {
  PathMemory::Laws paths;
  CommonErrors errors;
  RingLaw rings;
  double city_exponent = 1.0;
  double country_exponent = 0.5;
};

/// The parts of a PlaceEstimator. Immutable, shared by threads.
struct PlaceModel {
  PlaceModel(const RttMesh& mesh, const Borders& borders, bool place_prior);
  /// By laws that were learnt elsewhere.
  PlaceModel(const RttMesh& mesh, const Borders& borders, bool place_prior, const PlaceLaws& laws);

  static HostPlace host(const PlaceCandidate& candidate) { return {candidate.at, candidate.country}; }
  /// Candidates of the region, or all.
  [[nodiscard]] std::vector<std::uint32_t> inside(const Region* region) const;

  /// Tempered log likelihood of each place, for each of some delays taken off all round trips.
  [[nodiscard]] std::vector<std::vector<double>> log_likelihoods(const std::vector<HostPlace>& points,
                                                                 const Measured& measured,
                                                                 const CommonErrors::For& law,
                                                                 std::span<const double> delays_ms) const;
  [[nodiscard]] std::vector<double> log_likelihoods(const std::vector<HostPlace>& points,
                                                    const Measured& measured,
                                                    const CommonErrors::For& law) const;

  /// Places with the logs of their prior and of their tempered likelihood.
  struct Weighed {
    std::vector<HostPlace> points;
    std::vector<double> prior;
    std::vector<double> likelihood;
  };
  [[nodiscard]] Weighed weigh(std::span<const std::uint32_t> chosen, const Measured& measured,
                              const CommonErrors::For& law) const;

  /// Probability of each place: as the round trips have it, and with a share kept for that they mislead. Each
  /// sums to 1.
  struct Shares {
    std::vector<double> believed;
    std::vector<double> mass;
  };
  [[nodiscard]] Shares shares(const Weighed& places, const Measured& measured) const;

  /// Groups of the chosen candidates, each as its foremost candidate with the prior of all.
  struct Groups {
    std::vector<std::uint32_t> number;
    Weighed weighed;
  };
  [[nodiscard]] Groups groups_of(std::span<const std::uint32_t> chosen) const;
  [[nodiscard]] Groups groups_of(std::span<const std::uint32_t> chosen, const Measured& measured,
                                 const CommonErrors::For& law) const;
  /// Indices of candidates in groups whose foremost candidate is not hopeless.
  [[nodiscard]] std::vector<std::uint32_t> promising(std::vector<std::uint32_t> chosen, const Groups& groups,
                                                     const Measured& measured) const;

  std::shared_ptr<const PlaceGrid> grid;
  PathMemory memory;
  CommonErrors errors;
  RingLaw rings;
  PlacePrior prior;

 private:
  [[nodiscard]] std::vector<double> log_rings(std::span<const HostPlace> points,
                                              const Measured& measured) const;
};

}  // namespace chiploc
