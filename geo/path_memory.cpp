#include "geo/path_memory.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Index = Eigen::Index;

constexpr double kRadiusKm = 6367.4;  // the mean of WGS 84's semi-axes
constexpr double kKmPerMs = 100.0;    // of round trip, at two thirds of light
constexpr double kFreedom = 4.0;
constexpr double kMostDeviations = 6.0;  // beyond, a pair is a fault, and only its direction counts
constexpr std::size_t kFewestPairs = 8;
constexpr std::size_t kMostForSearch =
    100;  // anchors that the lattice search looks at; the rest is thinned out
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Matrix distances(std::span<const Vec3> a, std::span<const Vec3> b) {
  Matrix km(static_cast<Index>(a.size()), static_cast<Index>(b.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j)
      km(static_cast<Index>(i), static_cast<Index>(j)) = sphere_km(a[i], b[j]);
  }
  return km;
}

Matrix covariances(const Matrix& km, const PathMemory::Kernel& kernel) {
  return (kernel.constant + kernel.local * (-km.array() / kernel.length_km).exp()).matrix();
}

struct LeaveOneOut {
  Matrix precision;
  Matrix filled;    // residuals with the missing ones predicted
  Matrix error;     // of the prediction of every entry from the others of its row
  Matrix variance;  // of it
};

/// NaN entries of `y` are missing.
LeaveOneOut leave_one_out(const Matrix& y, Matrix covariance) {
  const Index n = y.rows();
  covariance.diagonal().array() += 1.0;
  LeaveOneOut out;
  out.precision = covariance.llt().solve(Matrix::Identity(n, n));
  out.precision = (0.5 * (out.precision + out.precision.transpose())).eval();
  const Eigen::VectorXd own = out.precision.diagonal();
  out.filled = y.array().isNaN().select(0.0, y);
  Matrix product;
  // One sweep is exact where a row lacks only its diagonal; the others converge geometrically.
  for (int sweep = 0; sweep < 6; ++sweep) {
    product.noalias() = out.filled * out.precision;
    bool again = false;
    for (Index a = 0; a < n; ++a) {
      int missing = 0;
      for (Index b = 0; b < n; ++b) {
        if (!std::isnan(y(a, b))) continue;
        out.filled(a, b) -= product(a, b) / own(b);
        again = again || ++missing > 1;
      }
    }
    if (!again) break;
  }
  product.noalias() = out.filled * out.precision;
  out.error.resize(n, n);
  out.variance.resize(n, n);
  for (Index a = 0; a < n; ++a) {
    for (Index b = 0; b < n; ++b) {
      // The row's own column is missing too, so it must not help: the Schur complement leaves it out.
      const double information =
          a == b ? own(b) : own(b) - out.precision(a, b) * out.precision(a, b) / own(a);
      out.error(a, b) = product(a, b) / information;
      out.variance(a, b) = 1.0 / information;
    }
  }
  return out;
}

double log_prior(double value, double usual, double spread) {
  const double x = (std::log(value) - std::log(usual)) / spread;
  return -0.5 * x * x;
}

/// Log likelihood of the leave-one-out errors at their best common scale, and the priors.
double objective(const Matrix& y, const Matrix& km, const PathMemory::Kernel& kernel) {
  const LeaveOneOut out = leave_one_out(y, covariances(km, kernel));
  std::vector<double> squares;
  double log_variances = 0.0;
  for (Index a = 0; a < y.rows(); ++a) {
    for (Index b = 0; b < y.cols(); ++b) {
      if (std::isnan(y(a, b))) continue;
      squares.push_back(out.error(a, b) * out.error(a, b) / out.variance(a, b));
      log_variances += std::log(out.variance(a, b));
    }
  }
  double scale2 = 1.0;
  for (int round = 0; round < 6 && !squares.empty(); ++round) {
    double sum = 0.0;
    for (const double q : squares) sum += (kFreedom + 1.0) / (kFreedom + q / scale2) * q;
    scale2 = std::max(1e-6, sum / static_cast<double>(squares.size()));
  }
  double total = -0.5 * (log_variances + std::log(scale2) * static_cast<double>(squares.size()));
  for (const double q : squares) total += log_student(std::sqrt(q / scale2), kFreedom);
  return 0.5 * total + log_prior(kernel.constant, 0.2, 1.2) + log_prior(kernel.local, 0.6, 1.2) +
         log_prior(kernel.length_km, 1500.0, 0.9);
}

PathMemory::Kernel search(const Matrix& y, const Matrix& km, PathMemory::Kernel kernel) {
  static constexpr std::array kConstants{0.1, 0.25, 0.5, 1.0};
  static constexpr std::array kLocals{0.2, 0.4, 0.8, 1.6, 3.2};
  static constexpr std::array kLengths{400.0, 800.0, 1500.0, 2500.0, 4000.0, 7000.0};
  double best = objective(y, km, kernel);
  const auto try_out = [&](PathMemory::Kernel other) {
    const double value = objective(y, km, other);
    if (value <= best + 1e-9) return;
    best = value;
    kernel = other;
  };
  for (int round = 0; round < 2; ++round) {
    const PathMemory::Kernel before = kernel;
    for (const double local : kLocals) try_out({kernel.constant, local, kernel.length_km});
    for (const double length : kLengths) try_out({kernel.constant, kernel.local, length});
    for (const double constant : kConstants) try_out({constant, kernel.local, kernel.length_km});
    if (before.constant == kernel.constant && before.local == kernel.local &&
        before.length_km == kernel.length_km)
      break;
  }
  return kernel;
}

Matrix thinned(const Matrix& full, Index stride) {
  const Index n = (full.rows() + stride - 1) / stride;
  Matrix part(n, n);
  for (Index a = 0; a < n; ++a) {
    for (Index b = 0; b < n; ++b) part(a, b) = full(a * stride, b * stride);
  }
  return part;
}

double best_freedom(std::span<const double> standard) {
  static constexpr std::array kFreedoms{3.0, 4.0, 5.0, 7.0, 10.0, 20.0};
  double best = -std::numeric_limits<double>::infinity();
  double chosen = kFreedom;
  for (const double freedom : kFreedoms) {
    double value = log_prior(freedom, 5.0, 0.7);
    for (const double x : standard) value += 0.5 * log_student(x, freedom);
    if (value <= best) continue;
    best = value;
    chosen = freedom;
  }
  return chosen;
}

std::vector<double> as_vector(const Matrix& m) { return {m.data(), m.data() + m.size()}; }

}  // namespace

double sphere_km(Vec3 a, Vec3 b) { return kRadiusKm * std::acos(std::clamp(dot(a, b), -1.0, 1.0)); }

PathMemory::PathMemory(const RttMesh& mesh, std::vector<Vec3> places) : places_{std::move(places)} {
  const std::size_t n = places_.size();
  rtt_ms_.assign(n * n, kNan);
  const auto usable = [](double rtt) { return std::isfinite(rtt) && rtt > 0.0; };
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      if (a == b) continue;
      const double there = mesh.rtt(a, b);
      const double back = mesh.rtt(b, a);
      if (usable(there)) {
        rtt_ms_[a * n + b] = there;
      } else if (usable(back)) {
        rtt_ms_[a * n + b] = back;
      }
    }
  }
  learn();
}

void PathMemory::learn() {
  const std::size_t n = places_.size();
  const auto rows = static_cast<Index>(n);
  const Matrix km = distances(places_, places_);
  std::vector<DelayLaw::Pair> pairs;
  std::vector<DelayLaw::Weights> at(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      const double flight = km(static_cast<Index>(a), static_cast<Index>(b)) / kKmPerMs;
      at[a * n + b] = DelayLaw::weights(flight);
      if (a < b && std::isfinite(rtt_ms_[a * n + b])) pairs.push_back({flight, rtt_ms_[a * n + b]});
    }
  }
  law_ = DelayLaw::fit(pairs.size() < kFewestPairs ? std::span<const DelayLaw::Pair>{} : pairs);

  Matrix y(rows, rows);
  LeaveOneOut out;
  const Index stride = std::max<Index>(
      1, (rows + static_cast<Index>(kMostForSearch) - 1) / static_cast<Index>(kMostForSearch));
  // Twice: once the residuals' scale by distance is known, all pairs weigh as they should.
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < n * n; ++i) {
      const double flight = km.data()[i] / kKmPerMs;
      const double z = DelayLaw::log_excess(rtt_ms_[i], flight);
      y.data()[i] = std::isfinite(rtt_ms_[i]) ? std::clamp((z - DelayLaw::at(law_.mean, at[i])) /
                                                               std::exp(DelayLaw::at(law_.log_scale, at[i])),
                                                           -kMostDeviations, kMostDeviations)
                                              : kNan;
    }
    if (pairs.size() >= kFewestPairs) kernel_ = search(thinned(y, stride), thinned(km, stride), kernel_);
    out = leave_one_out(y, covariances(km, kernel_));
    std::vector<ScaledResidual> residuals;
    for (std::size_t i = 0; i < n * n; ++i) {
      if (std::isfinite(rtt_ms_[i]))
        residuals.push_back({at[i], out.error.data()[i] / std::sqrt(out.variance.data()[i])});
    }
    noise_ = fit_log_scales(residuals, -0.2, 6.0);
    if (round > 0) break;
    for (std::size_t k = 0; k < DelayLaw::kKnots; ++k) law_.log_scale[k] += noise_[k];
  }

  std::vector<double> standard;
  own_scores_.assign(n * n, kNan);
  for (std::size_t i = 0; i < n * n; ++i) {
    if (!std::isfinite(rtt_ms_[i])) continue;
    own_scores_[i] =
        out.error.data()[i] / (std::sqrt(out.variance.data()[i]) * std::exp(DelayLaw::at(noise_, at[i])));
    standard.push_back(own_scores_[i]);
  }
  freedom_ = best_freedom(standard);
  for (double& value : own_scores_) value = std::isnan(value) ? value : normal_score(value, freedom_);
  precision_ = as_vector(out.precision);
  const Matrix response = out.filled * out.precision;
  response_ = as_vector(response);
}

PathMemory::Scores PathMemory::scores(std::span<const Vec3> points, std::span<const std::uint32_t> rows,
                                      std::span<const double> rtt_ms) const {
  constexpr std::size_t kBlock = 64;  // points at a time: matrices stay in the cache
  const auto n = static_cast<Index>(size());
  const Eigen::Map<const Matrix> precision(precision_.data(), n, n);
  const Eigen::Map<const Matrix> all_responses(response_.data(), n, n);
  Matrix response(static_cast<Index>(rows.size()), n);
  for (std::size_t i = 0; i < rows.size(); ++i)
    response.row(static_cast<Index>(i)) = all_responses.row(rows[i]);

  Scores out;
  out.score.resize(points.size() * rows.size());
  out.log_slope.resize(points.size() * rows.size());
  const double most_variance = kernel_.constant + kernel_.local + 1.0;
  for (std::size_t begin = 0; begin < points.size(); begin += kBlock) {
    const auto block = points.subspan(begin, std::min(kBlock, points.size() - begin));
    const Matrix km = distances(block, places_);
    const Matrix c = covariances(km, kernel_);
    const Matrix w = c * precision;
    const Matrix mean = c * response.transpose();
    for (std::size_t p = 0; p < block.size(); ++p) {
      const auto point = static_cast<Index>(p);
      const double variance = most_variance - w.row(point).dot(c.row(point));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<Index>(rows[i]);
        const double flight = km(point, row) / kKmPerMs;
        const auto at = DelayLaw::weights(flight);
        // The row's own column tells it nothing.
        const double own = w(point, row) * w(point, row) / precision(row, row);
        const double log_scale =
            DelayLaw::at(law_.log_scale, at) + DelayLaw::at(noise_, at) + 0.5 * std::log(variance + own);
        const double y = (DelayLaw::log_excess(rtt_ms[i], flight) - DelayLaw::at(law_.mean, at)) -
                         mean(point, static_cast<Index>(i)) * std::exp(DelayLaw::at(law_.log_scale, at));
        const double x = y * std::exp(-log_scale);
        const std::size_t to = (begin + p) * rows.size() + i;
        out.score[to] = normal_score(x, freedom_);
        out.log_slope[to] =
            log_normal_score_slope(x, freedom_) - log_scale + DelayLaw::log_slope(rtt_ms[i], flight);
      }
    }
  }
  return out;
}

std::vector<double> PathMemory::expected_ms(Vec3 point, std::span<const std::uint32_t> rows) const {
  const auto n = static_cast<Index>(size());
  const Eigen::Map<const Matrix> response(response_.data(), n, n);
  const Matrix km = distances({&point, 1}, places_);
  const Matrix c = covariances(km, kernel_);
  std::vector<double> expected;
  for (const std::uint32_t row : rows) {
    const double flight = km(0, row) / kKmPerMs;
    const auto at = DelayLaw::weights(flight);
    const double y = c.row(0).dot(response.row(row));
    expected.push_back(DelayLaw::round_trip(
        DelayLaw::at(law_.mean, at) + y * std::exp(DelayLaw::at(law_.log_scale, at)), flight));
  }
  return expected;
}

}  // namespace chiploc
