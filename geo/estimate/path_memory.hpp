#pragma once
// What neighbouring anchors saw of the same paths: kriging of residuals of the delay law over the mesh.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/estimate/delay_law.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// Where a host is, as paths to it depend on it.
struct HostPlace {
  Vec3 at;  ///< on the auxiliary sphere
  std::optional<CountryCode> country;
};

/// A Gaussian process over pairs of places. With y = (z - expected) / scale(t) from the delay law,
///
///     cov(y(a, x), y(a, x')) = k(x, x') + [x = x'],    k = c0 + c1 exp(-d(x, x') / L),
///
/// d being their distance, and B more where they are in two countries,
/// for the row of every anchor a, so what a will see of a new place x is a weighted mean of what it saw of
/// the anchors near x, with the same weights in every row. Rows are not independent: CommonErrors describes
/// how they err together.
///
/// Method    Missing entries (the diagonal first of all) take the value that the others of their row predict,
///           which leaves every prediction as if they were left out. c0, c1, L and B maximise the
///           leave-one-out t(4) likelihood over small lattices, with log-normal priors (B: exponential);
///           scales by distance are then refitted to the leave-one-out residuals.
/// Owns      Its matrices, n^2 each; immutable.
class PathMemory {
 public:
  struct Kernel {
    double constant = 0.5;
    double local = 1.6;
    double length_km = 1500.0;
    double border_km = 0.0;  ///< B
  };
  /// What a mesh teaches of networks at large.
  struct Laws {
    DelayLaw delay;
    MsCurve noise;  ///< log scale of leave-one-out residuals in units of their kriging deviation
    Kernel kernel;
    double freedom = 4.0;
  };

  /// Takes     A mesh, and where its anchors are. `known`: laws that another mesh taught, instead of this one's.
  PathMemory(const RttMesh& mesh, std::vector<HostPlace> places, const Laws* known = nullptr);

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] std::span<const HostPlace> places() const { return places_; }

  /// Round trips by row of the mesh.
  struct Heard {
    std::span<const std::uint32_t> rows;
    std::span<const double> rtt_ms;
  };
  struct Scores {
    /// Points x rows: the normal score of how far the round trip is from what is expected if the point is the
    /// place, and log d(score)/d(rtt).
    std::vector<double> score;
    std::vector<double> log_slope;
    /// Per point, what the anchors around it say against it that only `others` have: of the kAround nearest
    /// of all, the sum of log P(round trip as long or longer | point) / rank. At most 0.
    std::vector<double> against;
  };
  static constexpr std::size_t kAround = 12;
  /// Takes     `others`: rows that are not scored, but that would have been heard sooner had the chip been
  ///           near them.
  [[nodiscard]] Scores scores(std::span<const HostPlace> points, const Heard& heard,
                              const Heard& others) const {
    static constexpr double kNone[]{0.0};
    return scores(points, heard, others, kNone).front();
  }
  /// The same for each of some delays, taken off all round trips: what is known of a point is worked out
  /// once.
  [[nodiscard]] std::vector<Scores> scores(std::span<const HostPlace> points, const Heard& heard,
                                           const Heard& others, std::span<const double> delays_ms) const;
  /// Round trip at the median of the prediction, per row.
  [[nodiscard]] std::vector<double> expected_ms(const HostPlace& point,
                                                std::span<const std::uint32_t> rows) const;

  /// Leave-one-out scores of the mesh itself, row = source; NaN where nothing was measured. None under known laws.
  [[nodiscard]] std::span<const double> own_scores() const { return own_scores_; }
  /// The mesh's round trips as used: the other direction where one is missing. NaN where both are.
  [[nodiscard]] std::span<const double> round_trips() const { return rtt_ms_; }

  /// The rows of the least round trips to an anchor, at most so many, the least first; of equal ones the
  /// first row.
  [[nodiscard]] std::vector<std::uint32_t> least(std::uint32_t chip, std::size_t most) const;

  [[nodiscard]] const Laws& laws() const { return laws_; }
  [[nodiscard]] const DelayLaw& law() const { return laws_.delay; }
  [[nodiscard]] const Kernel& kernel() const { return laws_.kernel; }
  [[nodiscard]] double freedom() const { return laws_.freedom; }

 private:
  struct Block;
  struct Seen;
  /// What is expected of a round trip, whatever it is.
  struct Expected {
    double flight_ms;
    double log_excess;
    double log_scale;
  };
  struct Deviation {
    double standard;   // in units of its own scale
    double log_slope;  // log d(standard)/d(rtt)
  };
  [[nodiscard]] static Deviation deviation(const Expected& expected, double rtt_ms);
  void learn();
  void apply();
  [[nodiscard]] Expected expected(const Block& block, std::size_t point, std::uint32_t anchor,
                                  double kriged) const;
  void add_against(const Block& block, std::size_t point, const Heard& heard, const Heard& others,
                   std::span<const double> delays_ms, std::vector<Scores>& to) const;
  std::vector<HostPlace> places_;
  std::vector<double> rtt_ms_;
  std::vector<double> precision_;  // inverse covariance, n x n
  std::vector<double> response_;   // residuals times precision, n x n
  std::vector<double> own_scores_;
  Laws laws_;
};

/// Kilometres between points of the auxiliary sphere, within 0.2 %.
[[nodiscard]] double sphere_km(Vec3 a, Vec3 b);

}  // namespace chiploc
