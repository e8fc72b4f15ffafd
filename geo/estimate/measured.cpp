#include "geo/estimate/measured.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "geo/estimate/common_errors.hpp"

namespace chiploc {
namespace {

// A round trip counts for min(1, kInformation / sqrt(c)), c being how many anchors have told as much before:
// itself, and each nearer one by exp(-distance between them / kAlikeKmPerMs of its round trip), half of how
// far the chip can be. Seen from afar, neighbours are one anchor: their paths repeat each other in ways that
// no covariance of scores describes (README.md has the measurement).
constexpr double kInformation = 0.6;
constexpr double kAlikeKmPerMs = 50.0;
constexpr double kFlightPerKm = 0.97 / 100.0;  // ms: 3 % off light in glass, and
constexpr double kSlackMs = 2.0;  // what misplaced hosts and candidates a cell's width off can make
constexpr std::size_t kContradictions = 1;

std::vector<double> weights_of(const Measured& measured) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < measured.places.size(); ++i) {
    const double reach_km = kAlikeKmPerMs * measured.used.rtt_ms[i];
    double alike = 1.0;
    for (std::size_t j = 0; j < i; ++j)
      alike += std::exp(-sphere_km(measured.places[i], measured.places[j]) / reach_km);
    weights.push_back(std::min(1.0, kInformation / std::sqrt(alike)));
  }
  return weights;
}

}  // namespace

Measured Measured::nearest(const PathMemory& memory, std::span<const double> rtt_ms) {
  std::vector<std::pair<double, std::uint32_t>> usable;
  for (std::uint32_t row = 0; row < rtt_ms.size(); ++row) {
    if (std::isfinite(rtt_ms[row]) && rtt_ms[row] > 0.0) usable.emplace_back(rtt_ms[row], row);
  }
  std::sort(usable.begin(), usable.end());
  Measured out;
  for (const auto& [rtt, row] : usable) {
    RoundTrips& to = out.places.size() < CommonErrors::kNearest ? out.used : out.others;
    to.rows.push_back(row);
    to.rtt_ms.push_back(rtt);
    if (&to == &out.used) out.places.push_back(memory.places()[row].at);
  }
  out.weights = weights_of(out);
  return out;
}

Measured Measured::less(double delay_ms, bool weigh_anew) const {
  Measured out = *this;
  for (double& rtt : out.used.rtt_ms) rtt -= delay_ms;
  for (double& rtt : out.others.rtt_ms) rtt -= delay_ms;
  if (weigh_anew) out.weights = weights_of(out);
  return out;
}

std::vector<std::uint32_t> possible(std::span<const PlaceCandidate> candidates,
                                    const std::vector<std::uint32_t>& chosen, const Measured& measured) {
  std::vector<double> least_cosine;
  for (const double rtt : measured.used.rtt_ms) {
    const double angle = (rtt + kSlackMs) / kFlightPerKm / 6367.4;
    least_cosine.push_back(angle >= 3.1415 ? -2.0 : std::cos(angle));
  }
  std::size_t fewest = measured.used.rows.size();
  std::vector<std::pair<std::uint32_t, std::size_t>> counted;
  for (const std::uint32_t i : chosen) {
    std::size_t count = 0;
    for (std::size_t k = 0; k < least_cosine.size() && count <= fewest + kContradictions; ++k) {
      if (dot(candidates[i].at, measured.places[k]) < least_cosine[k]) ++count;
    }
    if (count > fewest + kContradictions) continue;
    counted.emplace_back(i, count);
    fewest = std::min(fewest, count);
  }
  std::vector<std::uint32_t> out;
  for (const auto& [i, count] : counted) {
    if (count <= fewest + kContradictions) out.push_back(i);
  }
  return out;
}

}  // namespace chiploc
