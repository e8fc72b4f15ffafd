#include "geo/estimate/path_kernel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace chiploc {
namespace {

constexpr double kFreedom = 4.0;
constexpr double kUsualBorderKm = 1000.0;
constexpr Index kMostForSearch = 100;  // anchors; the rest is thinned out

double log_prior(double value, double usual, double spread) {
  const double x = (std::log(value) - std::log(usual)) / spread;
  return -0.5 * x * x;
}

/// Log likelihood of the leave-one-out errors at their best common scale, and the priors.
double objective(const Matrix& y, const Between& apart, const PathMemory::Kernel& kernel) {
  const LeaveOneOut out = leave_one_out(y, covariances(apart, kernel));
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
         log_prior(kernel.length_km, 1500.0, 0.9) - kernel.border_km / kUsualBorderKm;
}

PathMemory::Kernel search(const Matrix& y, const Between& apart, PathMemory::Kernel kernel) {
  using Kernel = PathMemory::Kernel;
  static constexpr std::array kConstants{0.1, 0.25, 0.5, 1.0};
  static constexpr std::array kLocals{0.2, 0.4, 0.8, 1.6, 3.2};
  static constexpr std::array kLengths{400.0, 800.0, 1500.0, 2500.0, 4000.0, 7000.0};
  static constexpr std::array kBorders{0.0, 150.0, 300.0, 600.0, 1200.0, 2400.0};
  double best = objective(y, apart, kernel);
  bool better = true;
  const auto try_out = [&](const auto& values, double Kernel::*part) {
    for (const double value : values) {
      Kernel other = kernel;
      other.*part = value;
      const double there = objective(y, apart, other);
      if (there <= best + 1e-9) continue;
      best = there;
      kernel = other;
      better = true;
    }
  };
  for (int round = 0; round < 2 && better; ++round) {
    better = false;
    try_out(kLocals, &Kernel::local);
    try_out(kLengths, &Kernel::length_km);
    try_out(kBorders, &Kernel::border_km);
    try_out(kConstants, &Kernel::constant);
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

Between thinned(const Between& full, Index stride) {
  return {thinned(full.km, stride), thinned(full.abroad, stride)};
}

}  // namespace

bool domestic(const HostPlace& a, const HostPlace& b) { return a.country && a.country == b.country; }

Between between(std::span<const HostPlace> a, std::span<const HostPlace> b) {
  Between out{{static_cast<Index>(a.size()), static_cast<Index>(b.size())},
              {static_cast<Index>(a.size()), static_cast<Index>(b.size())}};
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      out.km(static_cast<Index>(i), static_cast<Index>(j)) = sphere_km(a[i].at, b[j].at);
      out.abroad(static_cast<Index>(i), static_cast<Index>(j)) = domestic(a[i], b[j]) ? 0.0 : 1.0;
    }
  }
  return out;
}

Matrix covariances(const Between& apart, const PathMemory::Kernel& kernel) {
  const auto km = apart.km.array() + kernel.border_km * apart.abroad.array();
  return (kernel.constant + kernel.local * (-km / kernel.length_km).exp()).matrix();
}

LeaveOneOut responses(const Matrix& y, Matrix covariance) {
  const Index n = y.rows();
  covariance.diagonal().array() += 1.0;
  LeaveOneOut out;
  out.precision = covariance.llt().solve(Matrix::Identity(n, n));
  out.precision = (0.5 * (out.precision + out.precision.transpose())).eval();
  const Eigen::VectorXd own = out.precision.diagonal();
  Matrix filled = y.array().isNaN().select(0.0, y);
  // One sweep is exact where a row lacks only its diagonal; the others converge geometrically.
  for (int sweep = 0; sweep < 6; ++sweep) {
    out.response.noalias() = filled * out.precision;
    bool again = false;
    for (Index a = 0; a < n; ++a) {
      int missing = 0;
      for (Index b = 0; b < n; ++b) {
        if (!std::isnan(y(a, b))) continue;
        filled(a, b) -= out.response(a, b) / own(b);
        again = again || ++missing > 1;
      }
    }
    if (!again) break;
  }
  out.response.noalias() = filled * out.precision;
  return out;
}

LeaveOneOut leave_one_out(const Matrix& y, Matrix covariance) {
  const Index n = y.rows();
  LeaveOneOut out = responses(y, std::move(covariance));
  const Eigen::VectorXd own = out.precision.diagonal();
  out.error.resize(n, n);
  out.variance.resize(n, n);
  for (Index a = 0; a < n; ++a) {
    for (Index b = 0; b < n; ++b) {
      // The row's own column is missing too, so it must not help: the Schur complement leaves it out.
      const double information =
          a == b ? own(b) : own(b) - out.precision(a, b) * out.precision(a, b) / own(a);
      out.error(a, b) = out.response(a, b) / information;
      out.variance(a, b) = 1.0 / information;
    }
  }
  return out;
}

PathMemory::Kernel best_kernel(const Matrix& residuals, const Between& apart, PathMemory::Kernel start) {
  const Index stride = std::max<Index>(1, (residuals.rows() + kMostForSearch - 1) / kMostForSearch);
  return search(thinned(residuals, stride), thinned(apart, stride), start);
}

}  // namespace chiploc
