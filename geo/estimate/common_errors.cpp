#include "geo/estimate/common_errors.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace chiploc {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Index = Eigen::Index;

constexpr std::array kRatios{0.1, 0.3, 0.6, 1.2, 2.5, 5.0, 10.0};
constexpr std::array kRhos{0.3, 0.6, 1.0, 1.8, 3.5};
constexpr std::size_t kComponents = kRatios.size() * kRhos.size();
constexpr double kPriorColumns = 10.0;
constexpr std::size_t kMostColumns = 120;  // a column costs an eigenproblem per kernel

constexpr double rho_of(std::size_t component) { return kRhos[component % kRhos.size()]; }
constexpr double tau_of(std::size_t component) {
  return kRatios[component / kRhos.size()] * rho_of(component);
}

double square(double x) { return x * x; }

std::vector<double> prior_weights() {
  std::vector<double> weights(kComponents);
  double sum = 0.0;
  for (std::size_t k = 0; k < kComponents; ++k) {
    weights[k] =
        std::exp(-0.5 * square(std::log(tau_of(k) / 0.6)) - 0.5 * square(std::log(rho_of(k) / 0.8) / 0.7));
    sum += weights[k];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

Matrix kernel(std::span<const Vec3> places, double constant, double length_km) {
  const auto n = static_cast<Index>(places.size());
  Matrix k(n, n);
  for (Index a = 0; a < n; ++a) {
    k(a, a) = 1.0;
    for (Index b = 0; b < a; ++b) {
      const double km = sphere_km(places[static_cast<std::size_t>(a)], places[static_cast<std::size_t>(b)]);
      k(a, b) = k(b, a) = constant + (1.0 - constant) * std::exp(-km / length_km);
    }
  }
  return k;
}

/// Sum of logs of mixture densities at the weights found, and the Dirichlet prior's part.
double maximise(const std::vector<std::array<double, kComponents>>& columns, std::vector<double>& weights) {
  const std::vector<double> prior = prior_weights();
  weights = prior;
  const auto shares = [&](const std::array<double, kComponents>& logs,
                          std::array<double, kComponents>& share) {
    const double top = *std::max_element(logs.begin(), logs.end());
    double sum = 0.0;
    for (std::size_t k = 0; k < kComponents; ++k) sum += share[k] = weights[k] * std::exp(logs[k] - top);
    for (double& s : share) s /= sum;
    return top + std::log(sum);
  };
  std::array<double, kComponents> share{};
  for (int round = 0; round < 30; ++round) {
    std::vector<double> next(kComponents);
    for (std::size_t k = 0; k < kComponents; ++k) next[k] = kPriorColumns * prior[k];
    for (const auto& logs : columns) {
      shares(logs, share);
      for (std::size_t k = 0; k < kComponents; ++k) next[k] += share[k];
    }
    const double total = std::accumulate(next.begin(), next.end(), 0.0);
    for (double& weight : next) weight /= total;
    weights = std::move(next);
  }
  double value = 0.0;
  for (const auto& logs : columns) value += shares(logs, share);
  for (std::size_t k = 0; k < kComponents; ++k) value += kPriorColumns * prior[k] * std::log(weights[k]);
  return value;
}

struct Column {
  std::vector<Vec3> places;
  Eigen::VectorXd scores;
};

/// What the nearest others saw of each anchor, at most kMostColumns of them.
std::vector<Column> columns_of(const PathMemory& memory) {
  const std::size_t n = memory.size();
  const auto own = memory.own_scores();
  std::vector<Column> columns;
  const std::size_t stride = (n + kMostColumns - 1) / kMostColumns;
  for (std::size_t b = 0; b < n; b += stride) {
    const auto rows = memory.least(static_cast<std::uint32_t>(b), CommonErrors::kNearest);
    if (rows.empty()) continue;
    Column column;
    column.scores.resize(static_cast<Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      column.places.push_back(memory.places()[rows[i]].at);
      column.scores(static_cast<Index>(i)) = own[rows[i] * n + b];
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace

CommonErrors::CommonErrors(const PathMemory& memory) : weights_{prior_weights()} {
  static constexpr std::array kConstants{0.0, 0.3};
  static constexpr std::array kLengths{500.0, 1500.0, 5000.0};
  const std::vector<Column> columns = columns_of(memory);
  if (columns.empty()) return;
  double best = -std::numeric_limits<double>::infinity();
  for (const double constant : kConstants) {
    for (const double length : kLengths) {
      std::vector<std::array<double, kComponents>> logs;
      for (const Column& column : columns) {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(kernel(column.places, constant, length));
        const Eigen::VectorXd turned = solver.eigenvectors().transpose() * column.scores;
        auto& out = logs.emplace_back();
        for (std::size_t k = 0; k < kComponents; ++k) {
          double value = 0.0;
          for (Index i = 0; i < turned.size(); ++i) {
            const double precision = 1.0 / (tau_of(k) * std::max(0.0, solver.eigenvalues()(i)) + rho_of(k));
            value += 0.5 * std::log(precision) - 0.5 * precision * square(turned(i));
          }
          out[k] = value;
        }
      }
      std::vector<double> weights;
      const double value = maximise(logs, weights) - 0.5 * square(std::log(length / 2000.0) / 0.8) -
                           0.5 * square((constant - 0.15) / 0.3);
      if (value <= best) continue;
      best = value;
      constant_ = constant;
      length_km_ = length;
      weights_ = std::move(weights);
    }
  }
}

CommonErrors::For CommonErrors::among(std::span<const Vec3> anchors) const {
  const auto n = static_cast<Index>(anchors.size());
  const Matrix k = kernel(anchors, constant_, length_km_);
  For out;
  out.size_ = anchors.size();
  for (const double ratio : kRatios) {
    Matrix covariance = ratio * k;
    covariance.diagonal().array() += 1.0;
    const Matrix whitening = covariance.llt().matrixL().solve(Matrix::Identity(n, n));
    out.whitening_.insert(out.whitening_.end(), whitening.data(), whitening.data() + whitening.size());
    for (Index i = 0; i < n; ++i) out.log_scale_.push_back(std::log(whitening(i, i)));
  }
  for (const double weight : weights_) out.log_weights_.push_back(std::log(weight));
  return out;
}

std::vector<double> CommonErrors::For::log_densities(std::span<const double> scores,
                                                     std::span<const double> weights) const {
  constexpr Index kBlock = 64;  // points at a time: matrices stay in the cache
  const auto n = static_cast<Index>(size_);
  const Eigen::Map<const Eigen::VectorXd> weight(weights.data(), n);
  const Eigen::Map<const Matrix> all(scores.data(), static_cast<Index>(scores.size()) / n, n);
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(all.rows()));
  Matrix innovations;
  Eigen::VectorXd squares;
  Eigen::MatrixXd logs;
  for (Index begin = 0; begin < all.rows(); begin += kBlock) {
    const auto block = all.middleRows(begin, std::min(kBlock, all.rows() - begin));
    logs.resize(block.rows(), static_cast<Index>(kComponents));
    for (std::size_t t = 0; t < kRatios.size(); ++t) {
      const auto ratio = static_cast<Index>(t);
      const Eigen::Map<const Matrix> whitening(whitening_.data() + ratio * n * n, n, n);
      const Eigen::Map<const Eigen::VectorXd> log_scale(log_scale_.data() + ratio * n, n);
      innovations.noalias() = block * whitening.transpose().triangularView<Eigen::Upper>();
      squares.noalias() = innovations.cwiseAbs2() * weight;
      for (std::size_t c = t * kRhos.size(); c < (t + 1) * kRhos.size(); ++c) {
        const double normal = -0.5 * std::log(2.0 * std::numbers::pi * rho_of(c)) * weight.sum();
        logs.col(static_cast<Index>(c)) =
            (-0.5 / rho_of(c) * squares.array() + log_weights_[c] + weight.dot(log_scale) + normal).matrix();
      }
    }
    for (Index p = 0; p < block.rows(); ++p) {
      const double top = logs.row(p).maxCoeff();
      out.push_back(top + std::log((logs.row(p).array() - top).exp().sum()));
    }
  }
  return out;
}

}  // namespace chiploc
