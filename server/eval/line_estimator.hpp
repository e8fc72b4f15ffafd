#pragma once
// An estimate from one delay line and least squares, until geo/place_estimator.hpp is there.

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "geo/borders.hpp"
#include "geo/delay_model.hpp"
#include "geo/fit.hpp"
#include "geo/mesh.hpp"

namespace chiploc {

struct LineEstimate {
  LatLon place;
  EastNorthCovariance covariance;
  std::vector<std::pair<CountryCode, double>> countries;
  [[nodiscard]] double probability(CountryCode code) const;
  [[nodiscard]] double credible_level(LatLon truth) const;
  [[nodiscard]] bool in_credible(LatLon truth, double level) const { return credible_level(truth) <= level; }
};

class LineEstimator {
 public:
  [[nodiscard]] static LineEstimator learn(const Mesh& mesh, const Borders& borders);
  [[nodiscard]] std::optional<LineEstimate> estimate(std::span<const double> rtt_ms,
                                                     const Region* region) const;
  [[nodiscard]] const std::string& version() const { return model_.version; }

 private:
  LineEstimator(std::vector<LatLon> places, DelayModel model, const Borders& borders)
      : places_{std::move(places)}, model_{std::move(model)}, borders_{&borders} {}
  std::vector<LatLon> places_;
  DelayModel model_;
  const Borders* borders_;
};

}  // namespace chiploc
