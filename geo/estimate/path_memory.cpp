#include "geo/estimate/path_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "geo/estimate/path_kernel.hpp"

namespace chiploc {
namespace {

constexpr double kRadiusKm = 6367.4;  // the mean of WGS 84's semi-axes
constexpr double kKmPerMs = 100.0;    // of round trip, at two thirds of light
constexpr double kFreedom = 4.0;
constexpr double kMostDeviations = 6.0;  // beyond, a pair is a fault, and only its direction counts
constexpr std::size_t kFewestPairs = 8;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// How many others are in each one's country.
std::vector<std::size_t> compatriots(std::span<const HostPlace> places) {
  std::vector<std::size_t> out;
  for (const HostPlace& place : places) {
    const auto same = std::count_if(places.begin(), places.end(),
                                    [&](const HostPlace& other) { return domestic(place, other); });
    out.push_back(static_cast<std::size_t>(std::max<std::ptrdiff_t>(same, 1)) - 1);
  }
  return out;
}

/// Numbers of the least distances seen, the least first; of equal ones the first seen.
struct Nearest {
  std::array<double, PathMemory::kAround> km{};
  std::array<std::size_t, PathMemory::kAround> number{};
  std::size_t size = 0;

  void add(double at_km, std::size_t its_number) {
    if (size == km.size() && at_km >= km.back()) return;
    std::size_t to = size < km.size() ? size++ : size - 1;
    for (; to > 0 && km[to - 1] > at_km; --to) {
      km[to] = km[to - 1];
      number[to] = number[to - 1];
    }
    km[to] = at_km;
    number[to] = its_number;
  }
};
constexpr auto kHeard = std::numeric_limits<std::size_t>::max();

/// log P(X > score), X standard normal.
double log_tail(double score) { return std::log(0.5 * std::erfc(score / std::numbers::sqrt2)); }

double best_freedom(std::span<const double> standard) {
  static constexpr std::array kFreedoms{3.0, 4.0, 5.0, 7.0, 10.0, 20.0};
  double best = -std::numeric_limits<double>::infinity();
  double chosen = kFreedom;
  for (const double freedom : kFreedoms) {
    const double off = std::log(freedom / 5.0) / 0.7;
    double value = -0.5 * off * off;
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

/// The mesh as the delay law sees it.
struct PathMemory::Seen {
  Between apart;
  std::vector<MsCurve::At> at;  ///< by pair

  explicit Seen(std::span<const HostPlace> places) : apart{between(places, places)} {
    for (Index i = 0; i < apart.km.size(); ++i) at.push_back(MsCurve::at(apart.km.data()[i] / kKmPerMs));
  }
  /// Residuals in units of their scale; NaN where nothing was measured.
  [[nodiscard]] Matrix residuals(const DelayLaw& law, std::span<const double> rtt_ms) const {
    Matrix y(apart.km.rows(), apart.km.cols());
    for (std::size_t i = 0; i < rtt_ms.size(); ++i) {
      const double flight = apart.km.data()[i] / kKmPerMs;
      const double z = DelayLaw::log_excess(rtt_ms[i], flight);
      const bool inland = apart.abroad.data()[i] == 0.0;
      y.data()[i] = std::isfinite(rtt_ms[i])
                        ? std::clamp((z - law.expected(at[i], inland)) / std::exp(law.log_scale.value(at[i])),
                                     -kMostDeviations, kMostDeviations)
                        : kNan;
    }
    return y;
  }
};

PathMemory::PathMemory(const RttMesh& mesh, std::vector<HostPlace> places, const Laws* known)
    : places_{std::move(places)} {
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
  if (known == nullptr) {
    learn();
  } else {
    laws_ = *known;
    apply();
  }
}

void PathMemory::apply() {
  const Seen seen{places_};
  const LeaveOneOut out =
      responses(seen.residuals(laws_.delay, rtt_ms_), covariances(seen.apart, laws_.kernel));
  precision_ = as_vector(out.precision);
  response_ = as_vector(out.response);
}

void PathMemory::learn() {
  const std::size_t n = places_.size();
  const Seen seen{places_};
  const auto others_at_home = compatriots(places_);
  std::vector<DelayLaw::Pair> pairs;
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a + 1; b < n; ++b) {
      if (!std::isfinite(rtt_ms_[a * n + b])) continue;
      const double flight = seen.apart.km(static_cast<Index>(a), static_cast<Index>(b)) / kKmPerMs;
      const bool inland = domestic(places_[a], places_[b]);
      pairs.push_back(
          {flight, rtt_ms_[a * n + b], inland ? 1.0 / static_cast<double>(others_at_home[a]) : 0.0});
    }
  }
  DelayLaw& law = laws_.delay;
  law = DelayLaw::fit(pairs.size() < kFewestPairs ? std::span<const DelayLaw::Pair>{} : pairs);

  LeaveOneOut out;
  // Twice: once the residuals' scale by distance is known, all pairs weigh as they should.
  for (int round = 0; round < 2; ++round) {
    const Matrix y = seen.residuals(law, rtt_ms_);
    if (pairs.size() >= kFewestPairs) laws_.kernel = best_kernel(y, seen.apart, laws_.kernel);
    out = leave_one_out(y, covariances(seen.apart, laws_.kernel));
    std::vector<ScaledResidual> residuals;
    for (std::size_t i = 0; i < n * n; ++i) {
      if (std::isfinite(rtt_ms_[i]))
        residuals.push_back({seen.at[i], out.error.data()[i] / std::sqrt(out.variance.data()[i])});
    }
    laws_.noise = fit_log_scales(residuals, -0.2, 6.0);
    if (round > 0) break;
    for (std::size_t k = 0; k < MsCurve::kKnots; ++k) law.log_scale.knots[k] += laws_.noise.knots[k];
  }

  std::vector<double> standard;
  own_scores_.assign(n * n, kNan);
  for (std::size_t i = 0; i < n * n; ++i) {
    if (!std::isfinite(rtt_ms_[i])) continue;
    own_scores_[i] =
        out.error.data()[i] / (std::sqrt(out.variance.data()[i]) * std::exp(laws_.noise.value(seen.at[i])));
    standard.push_back(own_scores_[i]);
  }
  laws_.freedom = best_freedom(standard);
  for (double& value : own_scores_) value = std::isnan(value) ? value : normal_score(value, laws_.freedom);
  precision_ = as_vector(out.precision);
  response_ = as_vector(out.response);
}

std::vector<std::uint32_t> PathMemory::least(std::uint32_t chip, std::size_t most) const {
  const std::size_t n = size();
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < n; ++row) {
    if (std::isfinite(rtt_ms_[row * n + chip])) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rtt_ms_[a * n + chip] < rtt_ms_[b * n + chip];
  });
  rows.resize(std::min(rows.size(), most));
  return rows;
}

/// A few points, seen from all anchors.
struct PathMemory::Block {
  Between apart;
  Matrix covariance;
  Matrix weights;            // of kriging
  Eigen::VectorXd variance;  // of what it tells of each point
};

PathMemory::Expected PathMemory::expected(const Block& block, std::size_t point, std::uint32_t anchor,
                                          double kriged) const {
  const auto p = static_cast<Index>(point);
  const auto row = static_cast<Index>(anchor);
  const auto n = static_cast<Index>(size());
  const Eigen::Map<const Matrix> precision(precision_.data(), n, n);
  const double flight = block.apart.km(p, row) / kKmPerMs;
  const auto at = MsCurve::at(flight);
  const double scale = laws_.delay.log_scale.value(at);
  // The row's own column tells it nothing.
  const double own = block.weights(p, row) * block.weights(p, row) / precision(row, row);
  return {flight, laws_.delay.expected(at, block.apart.abroad(p, row) == 0.0) + kriged * std::exp(scale),
          scale + laws_.noise.value(at) + 0.5 * std::log(block.variance(p) + own)};
}

PathMemory::Deviation PathMemory::deviation(const Expected& expected, double rtt_ms) {
  return {(DelayLaw::log_excess(rtt_ms, expected.flight_ms) - expected.log_excess) *
              std::exp(-expected.log_scale),
          DelayLaw::log_slope(rtt_ms, expected.flight_ms) - expected.log_scale};
}

void PathMemory::add_against(const Block& block, std::size_t point, const Heard& heard, const Heard& others,
                             std::span<const double> delays_ms, std::vector<Scores>& to) const {
  std::vector<double> sums(delays_ms.size());
  if (!others.rows.empty()) {
    const auto p = static_cast<Index>(point);
    const auto n = static_cast<Index>(size());
    const Eigen::Map<const Matrix> responses(response_.data(), n, n);
    Nearest around;
    for (const std::uint32_t row : heard.rows) around.add(block.apart.km(p, row), kHeard);
    for (std::size_t i = 0; i < others.rows.size(); ++i) around.add(block.apart.km(p, others.rows[i]), i);
    for (std::size_t rank = 0; rank < around.size; ++rank) {
      const std::size_t i = around.number[rank];
      if (i == kHeard) continue;
      const double kriged = block.covariance.row(p).dot(responses.row(others.rows[i]));
      const Expected to_it = expected(block, point, others.rows[i], kriged);
      for (std::size_t k = 0; k < delays_ms.size(); ++k) {
        const double x = deviation(to_it, others.rtt_ms[i] - delays_ms[k]).standard;
        sums[k] += log_tail(normal_score(x, laws_.freedom)) / static_cast<double>(rank + 1);
      }
    }
  }
  for (std::size_t k = 0; k < delays_ms.size(); ++k) to[k].against.push_back(sums[k]);
}

std::vector<PathMemory::Scores> PathMemory::scores(std::span<const HostPlace> points, const Heard& heard,
                                                   const Heard& others,
                                                   std::span<const double> delays_ms) const {
  constexpr std::size_t kBlock = 64;  // points at a time: matrices stay in the cache
  const auto n = static_cast<Index>(size());
  const std::size_t used = heard.rows.size();
  const Eigen::Map<const Matrix> precision(precision_.data(), n, n);
  const Eigen::Map<const Matrix> all_responses(response_.data(), n, n);
  Matrix response(static_cast<Index>(used), n);
  for (std::size_t i = 0; i < used; ++i)
    response.row(static_cast<Index>(i)) = all_responses.row(heard.rows[i]);

  std::vector<Scores> all(delays_ms.size());
  for (Scores& out : all) {
    out.score.resize(points.size() * used);
    out.log_slope.resize(points.size() * used);
  }
  for (std::size_t begin = 0; begin < points.size(); begin += kBlock) {
    const auto some = points.subspan(begin, std::min(kBlock, points.size() - begin));
    Block block{between(some, places_), {}, {}, {}};
    block.covariance = covariances(block.apart, laws_.kernel);
    block.weights = block.covariance * precision;
    block.variance = laws_.kernel.constant + laws_.kernel.local + 1.0 -
                     block.weights.cwiseProduct(block.covariance).rowwise().sum().array();
    const Matrix mean = block.covariance * response.transpose();
    for (std::size_t p = 0; p < some.size(); ++p) {
      for (std::size_t i = 0; i < used; ++i) {
        const Expected path =
            expected(block, p, heard.rows[i], mean(static_cast<Index>(p), static_cast<Index>(i)));
        const std::size_t at = (begin + p) * used + i;
        for (std::size_t k = 0; k < delays_ms.size(); ++k) {
          const auto [x, log_slope] = deviation(path, heard.rtt_ms[i] - delays_ms[k]);
          all[k].score[at] = normal_score(x, laws_.freedom);
          all[k].log_slope[at] = log_normal_score_slope(x, laws_.freedom) + log_slope;
        }
      }
      add_against(block, p, heard, others, delays_ms, all);
    }
  }
  return all;
}

std::vector<double> PathMemory::expected_ms(const HostPlace& point,
                                            std::span<const std::uint32_t> rows) const {
  const auto n = static_cast<Index>(size());
  const Eigen::Map<const Matrix> response(response_.data(), n, n);
  const Between apart = between({&point, 1}, places_);
  const Matrix c = covariances(apart, laws_.kernel);
  std::vector<double> expected;
  for (const std::uint32_t row : rows) {
    const double flight = apart.km(0, row) / kKmPerMs;
    const auto at = MsCurve::at(flight);
    const double y = c.row(0).dot(response.row(row));
    expected.push_back(DelayLaw::round_trip(
        laws_.delay.expected(at, apart.abroad(0, row) == 0.0) + y * std::exp(laws_.delay.log_scale.value(at)),
        flight));
  }
  return expected;
}

}  // namespace chiploc
