#pragma once
// Lengths and speeds that carry their unit in their type. Time is std::chrono.

#include <compare>

namespace chiploc {

/// A length in kilometres. Nothing converts to or from it silently.
class Kilometers {
 public:
  constexpr explicit Kilometers(double km) : km_{km} {}
  [[nodiscard]] constexpr double km() const { return km_; }

  friend constexpr auto operator<=>(Kilometers, Kilometers) = default;
  friend constexpr Kilometers operator+(Kilometers a, Kilometers b) { return Kilometers{a.km_ + b.km_}; }
  friend constexpr Kilometers operator-(Kilometers a, Kilometers b) { return Kilometers{a.km_ - b.km_}; }
  friend constexpr Kilometers operator*(Kilometers a, double factor) { return Kilometers{a.km_ * factor}; }
  friend constexpr Kilometers operator*(double factor, Kilometers a) { return Kilometers{a.km_ * factor}; }

 private:
  double km_;
};

/// A signal speed in kilometres per second.
class KmPerSecond {
 public:
  constexpr explicit KmPerSecond(double km_s) : km_s_{km_s} {}
  [[nodiscard]] constexpr double km_s() const { return km_s_; }
  friend constexpr auto operator<=>(KmPerSecond, KmPerSecond) = default;

 private:
  double km_s_;
};

/// Exact, by the definition of the metre. The only speed that proves anything without assumptions.
inline constexpr KmPerSecond kLightInVacuum{299'792.458};

/// Two thirds of it: glass with a refractive index of 1.5. Hollow-core fibre, microwave and satellite links
/// are faster, so a bound at this speed is an assumption that every verdict built on it has to name.
inline constexpr KmPerSecond kLightInFibre{299'792.458 * 2.0 / 3.0};

}  // namespace chiploc
