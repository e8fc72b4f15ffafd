#include "geo/estimate/fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "geo/vec3.hpp"

namespace chiploc {
namespace {

// Mean of the two semi-axes: splits the 0.34 % between them, see lat_lon.hpp.
constexpr double kFitRadiusKm = (kEquatorialRadius.km() + kPolarRadius.km()) / 2.0;
constexpr double kSmallestStepKm = 1e-3;  // a metre; sigmas are kilometres at best
constexpr double kSmallestGain = 1e-9;    // relative decrease of the cost
constexpr double kLargestDamping = 1e10;
constexpr double kOutlierCurvature = 0.1;  // see normal_at; not 0, so that few inliers still give a matrix

struct Usable {
  Vec3 anchor;
  double distance_km;
  double weight;  // 1 / sigma^2
  double sigma_km;
  std::size_t index;
};

struct State {
  Vec3 place;
  double offset_km = 0.0;
};

struct Frame {
  Vec3 east;
  Vec3 north;
};

Frame frame_at(Vec3 place) {
  const double across = std::hypot(place.x, place.y);
  const Vec3 east = across > 1e-9 ? Vec3{-place.y / across, place.x / across, 0.0} : Vec3{0.0, 1.0, 0.0};
  return {east, cross(place, east)};
}

/// Good to 0.1 m at short distances, which is enough here, and three times as fast as angle_between().
double distance_km(double cosine) { return kFitRadiusKm * std::acos(std::clamp(cosine, -1.0, 1.0)); }

double huber_cost(double z, double k) {
  const double size = std::abs(z);
  return size <= k ? 0.5 * z * z : k * (size - 0.5 * k);
}

/// What one look at all inputs from one state gives: kept, so that the step that is taken need not look
/// again.
struct Seen {
  std::vector<double> residuals_km;
  double cost = 0.0;
};

void look(const State& state, std::span<const Usable> inputs, double huber, Seen& seen) {
  seen.residuals_km.resize(inputs.size());
  seen.cost = 0.0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Usable& in = inputs[i];
    const double r = in.distance_km - state.offset_km - distance_km(dot(state.place, in.anchor));
    seen.residuals_km[i] = r;
    seen.cost += huber_cost(r / in.sigma_km, huber);
  }
}

/// Weighted normal equations in (east km, north km, offset km): gradient and Gauss-Newton matrix of the cost.
struct Normal {
  Eigen::Matrix3d matrix = Eigen::Matrix3d::Zero();
  Eigen::Vector3d gradient = Eigen::Vector3d::Zero();
};

/// `outliers`: how much of an outlier's curvature goes into the matrix. 1 is the weight of the iteratively
/// reweighted fit, which the covariance wants; 0 is the second derivative of Huber's loss, which is flat
/// there, and with which the steps converge quadratically.
Normal normal_at(const Frame& frame, std::span<const Usable> inputs, const Seen& seen, double huber,
                 double outliers) {
  Normal normal;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Usable& in = inputs[i];
    // The frame is perpendicular to the place, so these are the parts of the direction towards the anchor,
    // times the sine of its angle.
    const double east = dot(in.anchor, frame.east);
    const double north = dot(in.anchor, frame.north);
    const double sine = std::sqrt(east * east + north * north);
    // At the anchor itself (or its antipode) the distance has no gradient: the apex of a cone.
    const double scale = sine > 1e-12 ? 1.0 / sine : 0.0;
    const Eigen::Vector3d jacobian{scale * east, scale * north, -1.0};
    const double residual = seen.residuals_km[i];
    const double size = std::abs(residual) / in.sigma_km;
    const double share = size > huber ? huber / size : 1.0;
    normal.gradient += (in.weight * share * residual) * jacobian;
    const double curvature = in.weight * (size > huber ? outliers * share : 1.0);
    if (curvature > 0.0) normal.matrix.noalias() += curvature * jacobian * jacobian.transpose();
  }
  return normal;
}

Eigen::Vector3d damped_step(const Normal& normal, double damping, bool offset_free) {
  Eigen::Matrix3d damped = normal.matrix;
  for (int i = 0; i < 3; ++i) damped(i, i) += damping * normal.matrix(i, i) + 1e-12;
  Eigen::Vector3d step = Eigen::Vector3d::Zero();
  if (offset_free) {
    step = -damped.llt().solve(normal.gradient);
  } else {
    const Eigen::Matrix2d plane = damped.topLeftCorner<2, 2>();
    const Eigen::Vector2d gradient = normal.gradient.head<2>();
    step.head<2>() = -plane.llt().solve(gradient);
  }
  return step;
}

State moved(const State& state, const Frame& frame, const Eigen::Vector3d& step) {
  // A step longer than a quarter of the Earth is no longer local; the tangent plane knows nothing about it.
  const double length = std::hypot(step.x(), step.y()) / kFitRadiusKm;
  const double shorten = length > 1.5 ? 1.5 / length : 1.0;
  const double angle = length * shorten;
  Vec3 place = state.place;
  if (angle > 0.0) {
    const Vec3 direction = normalized(frame.east * step.x() + frame.north * step.y());
    place = normalized(state.place * std::cos(angle) + direction * std::sin(angle));
  }
  return {place, std::max(0.0, state.offset_km + step.z())};
}

struct Run {
  State state;
  double cost = std::numeric_limits<double>::infinity();
  int iterations = 0;
  bool converged = false;
};

Run minimise(State state, std::span<const Usable> inputs, const FitOptions& options, bool fit_offset) {
  Seen here;
  Seen there;
  look(state, inputs, options.huber_sigmas, here);
  Run run{.state = state, .cost = here.cost};
  double damping = 1e-3;
  while (run.iterations < options.max_iterations && !run.converged) {
    ++run.iterations;
    const Frame frame = frame_at(run.state.place);
    const Normal normal = normal_at(frame, inputs, here, options.huber_sigmas, kOutlierCurvature);
    // The offset stays at 0 as long as the cost wants it below.
    const bool offset_free = fit_offset && (run.state.offset_km > 0.0 || normal.gradient.z() < 0.0);
    for (;;) {
      const Eigen::Vector3d step = damped_step(normal, damping, offset_free);
      if (!step.allFinite()) return run;
      // What the quadratic model promises; below that, trying costs more than it can bring.
      if (-normal.gradient.dot(step) <= kSmallestGain * run.cost) {
        run.converged = true;
        break;
      }
      const State next = moved(run.state, frame, step);
      look(next, inputs, options.huber_sigmas, there);
      if (there.cost <= run.cost) {
        const bool small_gain = run.cost - there.cost <= kSmallestGain * run.cost;
        run.converged = step.norm() < kSmallestStepKm || small_gain;
        run.state = next;
        run.cost = there.cost;
        std::swap(here, there);
        damping = std::max(damping / 10.0, 1e-12);
        break;
      }
      damping *= 10.0;
      if (step.norm() < kSmallestStepKm || damping > kLargestDamping) {
        run.converged = true;  // no step of any length improves: a minimum to within rounding
        break;
      }
    }
  }
  return run;
}

std::vector<Usable> usable_inputs(std::span<const FitInput> inputs) {
  std::vector<Usable> usable;
  usable.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const FitInput& in = inputs[i];
    if (!std::isfinite(in.distance_km) || !std::isfinite(in.sigma_km) || in.sigma_km <= 0.0) continue;
    usable.push_back(
        {to_sphere(in.place), in.distance_km, 1.0 / (in.sigma_km * in.sigma_km), in.sigma_km, i});
  }
  return usable;
}

std::vector<Vec3> starting_places(std::span<const Usable> inputs, int count) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return inputs[a].distance_km < inputs[b].distance_km; });
  Vec3 mean;
  for (const Usable& in : inputs) {
    const double near = std::max(in.distance_km, 1.0);
    mean = mean + in.anchor * (1.0 / (near * near));
  }
  std::vector<Vec3> places;
  if (norm(mean) > 1e-12) places.push_back(normalized(mean));
  for (const std::size_t i : order) {
    if (places.size() >= static_cast<std::size_t>(std::max(count, 1))) break;
    // Beside the anchor, in the direction of the mean: on it the distance has no gradient.
    const Vec3 beside =
        inputs[i].anchor + (places.empty() ? any_perpendicular(inputs[i].anchor) : places[0]) * 0.01;
    if (norm(beside) > 1e-9) places.push_back(normalized(beside));
  }
  return places;
}

EastNorthCovariance covariance_of(const Run& run, std::span<const Usable> inputs, const FitOptions& options,
                                  bool fit_offset) {
  Seen seen;
  look(run.state, inputs, options.huber_sigmas, seen);
  const Normal normal = normal_at(frame_at(run.state.place), inputs, seen, options.huber_sigmas, 1.0);
  const bool with_offset = fit_offset && run.state.offset_km > 0.0;
  Eigen::Matrix2d plane = normal.matrix.topLeftCorner<2, 2>();
  if (with_offset) {
    // Marginalising over the offset: the Schur complement.
    const Eigen::Vector2d mixed = normal.matrix.topRightCorner<2, 1>();
    plane -= mixed * mixed.transpose() / normal.matrix(2, 2);
  }
  const double freedom = static_cast<double>(inputs.size()) - (with_offset ? 3.0 : 2.0);
  const double scale = freedom > 0.0 ? std::max(1.0, 2.0 * run.cost / freedom) : 1.0;
  const Eigen::Matrix2d covariance = scale * plane.inverse();
  return {covariance(0, 0), covariance(0, 1), covariance(1, 1)};
}

}  // namespace

std::optional<FitReport> fit_place(std::span<const FitInput> inputs, const FitOptions& options) {
  const std::vector<Usable> usable = usable_inputs(inputs);
  if (usable.size() < 3) return std::nullopt;
  const bool fit_offset = options.fit_offset && usable.size() >= 4;

  Run best;
  int iterations = 0;
  for (const Vec3 start : starting_places(usable, options.starts)) {
    const Run run = minimise({.place = start}, usable, options, fit_offset);
    iterations += run.iterations;
    if (run.cost < best.cost) best = run;
  }
  FitReport report{
      .converged = best.converged,
      .place = from_sphere(best.state.place),
      .offset_km = best.state.offset_km,
      .covariance = covariance_of(best, usable, options, fit_offset),
      .residuals_km = std::vector<double>(inputs.size(), std::numeric_limits<double>::quiet_NaN()),
      .cost = best.cost,
      .iterations = iterations};
  for (const Usable& in : usable) {
    report.residuals_km[in.index] =
        in.distance_km - best.state.offset_km - kFitRadiusKm * angle_between(best.state.place, in.anchor);
  }
  return report;
}

}  // namespace chiploc
