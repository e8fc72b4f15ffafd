#include "server/picture/projection.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chiploc {
namespace {

constexpr double kFarthestReach = 3.1;
constexpr double kRimStep = 0.1;  // rad: a chord of the rim cuts 0.13 % of the reach
constexpr double kLongestPiece =
    0.02;  // rad: a straight piece of a great circle strays 0.3 km from it, far out
constexpr double kTiny = 1e-14;

}  // namespace

AzimuthalProjection::AzimuthalProjection(LatLon centre, double reach)
    : centre_{to_sphere(centre)},
      reach_{std::clamp(reach, 1e-9, kFarthestReach)},
      cos_reach_{std::cos(reach_)} {
  constexpr double kRadians = std::numbers::pi / 180.0;
  const double lon = centre.lon_deg() * kRadians;  // at the poles, too, it says which way is up
  east_ = {-std::sin(lon), std::cos(lon), 0.0};
  north_ = cross(centre_, east_);
}

PlanePoint AzimuthalProjection::project(Vec3 point) const {
  const double scale = kMeanRadiusKm * std::sqrt(2.0 / std::max(1.0 + dot(point, centre_), kTiny));
  return {scale * dot(point, east_), scale * dot(point, north_)};
}

double AzimuthalProjection::radius_km(double angle) { return 2.0 * kMeanRadiusKm * std::sin(angle / 2.0); }

double AzimuthalProjection::angle_of(double radius_km) {
  return 2.0 * std::asin(std::clamp(radius_km / (2.0 * kMeanRadiusKm), 0.0, 1.0));
}

double AzimuthalProjection::azimuth(Vec3 point) const {
  return std::atan2(dot(point, north_), dot(point, east_));
}

PlanePoint AzimuthalProjection::on_rim(double azimuth) const {
  const double r = radius_km(reach_);
  return {r * std::cos(azimuth), r * std::sin(azimuth)};
}

std::vector<PlanePoint> AzimuthalProjection::rim() const {
  std::vector<PlanePoint> circle;
  constexpr int kPoints = 128;
  for (int i = 0; i < kPoints; ++i) circle.push_back(on_rim(2.0 * std::numbers::pi * i / kPoints));
  return circle;
}

/// Follows a curve from point to point, inside the reach and along its rim. Its own class because both kinds
/// of curve go the same way and only differ in what they keep of the rim.
class CurveWalk {
 public:
  CurveWalk(const AzimuthalProjection& onto, bool along_rim) : onto_{onto}, along_rim_{along_rim} {}

  void begin(Vec3 point) {
    last_ = point;
    inside_ = onto_.within(point);
    if (inside_) {
      enter_at(onto_.project(point));
    } else {
      turned_ = emitted_ = onto_.azimuth(point);
      if (along_rim_) piece_.push_back(onto_.on_rim(emitted_));
    }
  }

  /// Along the great circle from the last point.
  void go_to(Vec3 point) {
    // Where it comes nearest to the centre, it may be inside though neither end is.
    const Vec3 normal = cross(last_, point);
    const double length = dot(normal, normal);
    if (!inside_ && !onto_.within(point) && length > 1e-24) {
      const Vec3 foot = onto_.centre_ - normal * (dot(onto_.centre_, normal) / length);
      if (dot(foot, foot) > 1e-24) {
        const Vec3 nearest = normalized(foot);
        const bool between =
            dot(cross(last_, nearest), normal) > 0.0 && dot(cross(nearest, point), normal) > 0.0;
        if (between && onto_.within(nearest)) step_to(nearest);
      }
    }
    step_to(point);
  }

  [[nodiscard]] bool was_inside() const { return was_inside_; }
  /// Full turns around the centre, along the rim.
  [[nodiscard]] double turns() const { return (turned_ - started_) / (2.0 * std::numbers::pi); }
  void start_counting() { started_ = turned_; }
  void end_piece() {
    if (piece_.size() > 1) pieces_.push_back(std::move(piece_));
    piece_.clear();
  }
  [[nodiscard]] std::vector<std::vector<PlanePoint>> take() { return std::move(pieces_); }

 private:
  /// To a point such that at most one end of the way lies in the reach, or all of the way does.
  void step_to(Vec3 point) {
    const bool inside = onto_.within(point);
    if (inside_ != inside) {
      const Vec3 edge = crossing(last_, point);
      if (inside) {
        turn_to(onto_.azimuth(edge));
        enter_at(onto_.on_rim(turned_));
        draw(edge, point);
      } else {
        draw(last_, edge);
        if (!along_rim_) end_piece();
        turned_ = emitted_ = onto_.azimuth(edge);
        turn_to(onto_.azimuth(point));
      }
    } else if (inside) {
      draw(last_, point);
    } else {
      turn_to(onto_.azimuth(point));
    }
    last_ = point;
    inside_ = inside;
  }

  void enter_at(PlanePoint point) {
    was_inside_ = true;
    piece_.push_back(point);
  }

  void draw(Vec3 from, Vec3 to) {
    was_inside_ = true;
    const double angle = angle_between(from, to);
    const int pieces = std::max(1, static_cast<int>(std::ceil(angle / kLongestPiece)));
    for (int k = 1; k <= pieces; ++k) {
      const double share = static_cast<double>(k) / pieces;
      const Vec3 mixed = from * std::sin((1.0 - share) * angle) + to * std::sin(share * angle);
      piece_.push_back(onto_.project(k == pieces || norm(mixed) < kTiny ? to : normalized(mixed)));
    }
  }

  void turn_to(double azimuth) {
    turned_ += std::remainder(azimuth - turned_, 2.0 * std::numbers::pi);
    while (std::abs(turned_ - emitted_) > kRimStep) {
      emitted_ += std::copysign(kRimStep, turned_ - emitted_);
      if (along_rim_) piece_.push_back(onto_.on_rim(emitted_));
    }
  }

  [[nodiscard]] Vec3 crossing(Vec3 a, Vec3 b) const {
    const bool a_inside = onto_.within(a);
    for (int i = 0; i < 50; ++i) {
      const Vec3 half = normalized(a + b);
      (onto_.within(half) == a_inside ? a : b) = half;
    }
    return b;
  }

  const AzimuthalProjection& onto_;
  bool along_rim_;
  Vec3 last_;
  bool inside_ = false;
  bool was_inside_ = false;
  double turned_ = 0.0;   // azimuth on the rim, counted on through full turns
  double emitted_ = 0.0;  // as far as points were kept
  double started_ = 0.0;
  std::vector<PlanePoint> piece_;
  std::vector<std::vector<PlanePoint>> pieces_;
};

std::vector<PlanePoint> AzimuthalProjection::ring(std::span<const Vec3> curve) const {
  if (curve.size() < 3) return {};
  CurveWalk walk{*this, true};
  walk.begin(curve.front());
  walk.start_counting();
  for (const Vec3 point : curve.subspan(1)) walk.go_to(point);
  walk.go_to(curve.front());
  if (!walk.was_inside()) return std::lround(walk.turns()) % 2 == 0 ? std::vector<PlanePoint>{} : rim();
  walk.end_piece();
  auto pieces = walk.take();
  return pieces.empty() ? std::vector<PlanePoint>{} : std::move(pieces.front());
}

std::vector<std::vector<PlanePoint>> AzimuthalProjection::line(std::span<const Vec3> curve) const {
  if (curve.size() < 2) return {};
  CurveWalk walk{*this, false};
  walk.begin(curve.front());
  for (const Vec3 point : curve.subspan(1)) walk.go_to(point);
  walk.end_piece();
  return walk.take();
}

}  // namespace chiploc
