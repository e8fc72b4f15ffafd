#include "geo/travel.hpp"

#include <algorithm>
#include <limits>

#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

constexpr double kRadiusCare = 1.004;  // Region::extent: within 0.4 %
constexpr double kRoundingKm = 0.002;

}  // namespace

std::optional<Travel> travel_between(const Region& first, const Region& second,
                                     std::chrono::nanoseconds between, KmPerSecond fastest) {
  if (first.is_everything() || second.is_everything()) return std::nullopt;
  const auto a = first.extent();
  const auto b = second.extent();
  if (!a || !b) return std::nullopt;
  return travel_between(*a, *b, between, fastest);
}

Travel travel_between(const Region::Extent& first, const Region::Extent& second,
                      std::chrono::nanoseconds between, KmPerSecond fastest) {
  const double reach = (first.radius.km() + second.radius.km()) * kRadiusCare + kRoundingKm;
  Travel travel{.apart =
                    Kilometers{std::max(0.0, geodesic_distance(first.centre, second.centre).km() - reach)}};
  const double seconds = std::max(0.0, static_cast<double>(between.count()) * 1e-9);
  if (travel.apart.km() > 0.0) {
    travel.needed =
        KmPerSecond{seconds > 0.0 ? travel.apart.km() / seconds : std::numeric_limits<double>::infinity()};
  }
  travel.impossible = travel.needed.km_s() > fastest.km_s();
  return travel;
}

}  // namespace chiploc
