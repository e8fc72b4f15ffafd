#include "tests/bench/references.hpp"

#if CHIPLOC_BENCH_CERES
#include <ceres/ceres.h>

#include <algorithm>
#include <cmath>

namespace chiploc::bench {
namespace {

constexpr double kRadiusKm = 6367.4447;

struct Residual {
  double x, y, z, distance_km, sigma_km;
  template <class T>
  bool operator()(const T* place, const T* offset, T* out) const {
    using std::acos;
    using std::cos;
    using std::sin;
    const T across = cos(place[0]);
    T cosine = across * cos(place[1]) * x + across * sin(place[1]) * y + sin(place[0]) * z;
    if (cosine > T(1.0 - 1e-15)) cosine = T(1.0 - 1e-15);
    out[0] = (T(distance_km) - offset[0] - T(kRadiusKm) * acos(cosine)) / T(sigma_km);
    return true;
  }
};

}  // namespace

bool have_ceres() { return true; }

CeresFit ceres_fit(std::span<const FitInput> inputs) {
  constexpr double kRadians = 3.14159265358979323846 / 180.0;
  double mean[3] = {0, 0, 0};
  ceres::Problem::Options options;
  options.enable_fast_removal = false;
  ceres::Problem problem{options};
  double place[2];
  double offset = 0.0;
  std::vector<Residual> residuals;
  for (const FitInput& in : inputs) {
    // Reduced latitude, as ours: the same sphere, so that the costs can be compared.
    const double lat = std::atan(6356.752314 / 6378.137 * std::tan(in.place.lat_deg() * kRadians));
    const double lon = in.place.lon_deg() * kRadians;
    Residual r{std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat), in.distance_km,
               in.sigma_km};
    const double weight = 1.0 / std::max(in.distance_km * in.distance_km, 1.0);
    mean[0] += weight * r.x;
    mean[1] += weight * r.y;
    mean[2] += weight * r.z;
    residuals.push_back(r);
  }
  place[0] = std::atan2(mean[2], std::hypot(mean[0], mean[1]));
  place[1] = std::atan2(mean[1], mean[0]);
  for (const Residual& r : residuals) {
    problem.AddResidualBlock(new ceres::AutoDiffCostFunction<Residual, 1, 2, 1>(new Residual{r}),
                             new ceres::HuberLoss(1.345), place, &offset);
  }
  problem.SetParameterLowerBound(&offset, 0, 0.0);
  ceres::Solver::Options solve;
  solve.linear_solver_type = ceres::DENSE_NORMAL_CHOLESKY;
  solve.logging_type = ceres::SILENT;
  solve.max_num_iterations = 50;
  ceres::Solver::Summary summary;
  ceres::Solve(solve, &problem, &summary);
  return {place[0], place[1], offset, summary.final_cost};
}

}  // namespace chiploc::bench
#else
namespace chiploc::bench {
bool have_ceres() { return false; }
CeresFit ceres_fit(std::span<const FitInput>) { return {}; }
}  // namespace chiploc::bench
#endif
