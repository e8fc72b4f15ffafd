#pragma once
// How the round trips to one chip err together: its access network, and the routes that its anchors share.

#include <cstdint>
#include <span>
#include <vector>

#include "geo/estimate/path_memory.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// Joint density of a chip's normal scores (path_memory.hpp): a mixture of normals with covariance
///
///     tau K + rho I,   K(a, b) = k0 + (1 - k0) exp(-d(a, b) / L),
///
/// over a lattice of rho, of each path's own part, and of tau / rho, how much more the common part is. Some
/// hosts are reached well or badly from everywhere: with one covariance for all of them, a host behind a
/// detour is explained away by moving it.
///
/// Method    Weights by expectation maximisation over the columns of the mesh (an anchor's leave-one-out
///           scores from its kNearest nearest others, as estimates use them), shrunk to a log-normal lattice
///           worth ten columns; k0 and L are the best of six, with priors.
class CommonErrors {
 public:
  /// Estimates use the round trips of this many anchors, the least ones: the far ones of a large mesh repeat
  /// each other, and cost more than they tell (README.md).
  static constexpr std::size_t kNearest = 64;

  explicit CommonErrors(const PathMemory& memory);

  /// For the anchors at hand, in the order in which they were given to among().
  class For {
   public:
    /// Takes     Points x anchors scores, and a weight for each anchor, of which there is at least one.
    /// Returns   Per point the log of the mixture of  prod p(score_i | scores before it)^weight_i.  With
    ///           weights of 1 that is the joint density, proper, with its constant; smaller ones take
    ///           evidence for less than it seems to be.
    [[nodiscard]] std::vector<double> log_densities(std::span<const double> scores,
                                                    std::span<const double> weights) const;

   private:
    friend class CommonErrors;
    std::size_t size_ = 0;
    std::vector<double> whitening_;    // per ratio tau / rho the inverse Cholesky factor of tau / rho K + I
    std::vector<double> log_scale_;    // per ratio and anchor, the log of its diagonal
    std::vector<double> log_weights_;  // per component
  };
  [[nodiscard]] For among(std::span<const Vec3> anchors) const;

  [[nodiscard]] double constant() const { return constant_; }
  [[nodiscard]] double length_km() const { return length_km_; }

 private:
  double constant_ = 0.3;
  double length_km_ = 1500.0;
  std::vector<double> weights_;
};

}  // namespace chiploc
