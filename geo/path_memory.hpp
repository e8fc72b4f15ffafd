#pragma once
// What neighbouring anchors saw of the same paths: kriging of residuals of the delay law over the mesh.

#include <cstdint>
#include <span>
#include <vector>

#include "geo/delay_law.hpp"
#include "geo/mesh.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// A Gaussian process over pairs of places. With y = (z - mean(t)) / scale(t) from the delay law,
///
///     cov(y(a, x), y(a, x')) = k(x, x') + [x = x'],    k = c0 + c1 exp(-d(x, x') / L),
///
/// for the row of every anchor a, so what a will see of a new place x is a weighted mean of what it saw of
/// the anchors near x, with the same weights in every row. Rows are not independent: CommonErrors describes
/// how they err together.
///
/// Method    Missing entries (the diagonal first of all) take the value that the others of their row predict,
/// which leaves
///           every prediction as if they were left out. c0, c1 and L maximise the leave-one-out t(4)
///           likelihood over small lattices, with log-normal priors; scales by distance are then refitted to
///           the leave-one-out residuals.
/// Owns      Its matrices, n^2 each; immutable.
class PathMemory {
 public:
  /// Takes     A mesh, and where its anchors are on the auxiliary sphere.
  PathMemory(const RttMesh& mesh, std::vector<Vec3> places);

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] std::span<const Vec3> places() const { return places_; }

  /// Per point and row: the normal score of how far the round trip is from what is expected if the point is
  /// the place, and log d(score)/d(rtt).
  struct Scores {
    std::vector<double> score;      ///< points x rows
    std::vector<double> log_slope;  ///< points x rows
  };
  [[nodiscard]] Scores scores(std::span<const Vec3> points, std::span<const std::uint32_t> rows,
                              std::span<const double> rtt_ms) const;
  /// Round trip at the median of the prediction, per row.
  [[nodiscard]] std::vector<double> expected_ms(Vec3 point, std::span<const std::uint32_t> rows) const;

  /// Leave-one-out scores of the mesh itself, row = source; NaN where nothing was measured.
  [[nodiscard]] std::span<const double> own_scores() const { return own_scores_; }
  /// The mesh's round trips as used: the other direction where one is missing. NaN where both are.
  [[nodiscard]] std::span<const double> round_trips() const { return rtt_ms_; }

  [[nodiscard]] const DelayLaw& law() const { return law_; }
  struct Kernel {
    double constant = 0.5;
    double local = 1.6;
    double length_km = 1500.0;
  };
  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  [[nodiscard]] double freedom() const { return freedom_; }

 private:
  void learn();
  std::vector<Vec3> places_;
  std::vector<double> rtt_ms_;
  std::vector<double> precision_;  // inverse covariance, n x n
  std::vector<double> response_;   // residuals times precision, n x n
  std::vector<double> own_scores_;
  DelayLaw law_;
  DelayLaw::Knots noise_{};  // log scale of leave-one-out residuals in units of their kriging deviation
  Kernel kernel_;
  double freedom_ = 4.0;
};

/// Kilometres between points of the auxiliary sphere, within 0.2 %.
[[nodiscard]] double sphere_km(Vec3 a, Vec3 b);

}  // namespace chiploc
