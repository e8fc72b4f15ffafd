#include "geo/estimate/place_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "geo/estimate/delay_mixture.hpp"
#include "geo/estimate/median.hpp"
#include "geo/estimate/place_model.hpp"
#include "geo/estimate/posterior.hpp"

namespace chiploc {
namespace {

constexpr double kRelayDelaysMs[] = {2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0};

}  // namespace

struct PlaceEstimator::Model : PlaceModel {
  template <class... Laws>
  Model(const RttMesh& mesh, const Borders& borders, const EstimatorOptions& options, const Laws&... laws)
      : PlaceModel{mesh, borders, options.place_prior, laws...} {
    name(mesh, options);
  }

  void name(const RttMesh& mesh, const EstimatorOptions& options) {
    char text[256];
    std::snprintf(
        text, sizeof text,
        "kriging-rings-delay-7 anchors=%zu domestic=%.2g kernel=%.3g+%.3g/%.0fkm border=%.0fkm t=%.0f "
        "common=%.2g/%.0fkm prior=%s",
        mesh.size(), memory.law().domestic, memory.kernel().constant, memory.kernel().local,
        memory.kernel().length_km, memory.kernel().border_km, memory.freedom(), errors.constant(),
        errors.length_km(), options.place_prior ? "" : "land");
    version = text;
    if (options.place_prior) {
      std::snprintf(text, sizeof text, "cities^%.3g*addresses^%.3g, %.2g without anchors (%s)",
                    prior.city_exponent, prior.country_exponent, prior.elsewhere,
                    CityTable::world().version.c_str());
      version += text;
    }
  }

  /// What is used of one chip's round trips, and the law of their common errors; nothing where nothing is
  /// usable.
  [[nodiscard]] std::optional<std::pair<Measured, CommonErrors::For>> look(std::span<const double> rtt_ms,
                                                                           const Region* region) const {
    if (rtt_ms.size() != memory.size() || (region != nullptr && region->empty())) return std::nullopt;
    Measured measured = Measured::nearest(memory, rtt_ms);
    if (measured.used.rows.empty()) return std::nullopt;
    CommonErrors::For law = errors.among(measured.places);
    return std::pair{std::move(measured), std::move(law)};
  }

  /// Log of the tempered evidence for these round trips, wherever in the region the chip is; -infinity where
  /// no candidate lies in it.
  [[nodiscard]] double log_evidence(const Measured& measured, const Region* region,
                                    const CommonErrors::For& law) const {
    const auto chosen = possible(grid->candidates(), inside(region), measured);
    if (chosen.empty()) return -std::numeric_limits<double>::infinity();
    const Weighed places = groups_of(chosen, measured, law).weighed;
    std::vector<double> value = places.likelihood;
    for (std::size_t i = 0; i < value.size(); ++i) value[i] += places.prior[i];
    return normalise(value);
  }

  /// Stand-ins where the region is so small, or so far from land, that it holds no candidate.
  [[nodiscard]] std::vector<PlaceCandidate> stand_ins(const Region& region) const {
    std::vector<LatLon> places;
    if (const auto extent = region.extent(); extent && region.contains(extent->centre))
      places.push_back(extent->centre);
    if (places.empty()) places = region.representatives();
    std::vector<PlaceCandidate> out;
    for (const LatLon place : places) {
      const Vec3 at = to_sphere(place);
      const auto candidates = grid->candidates();
      const auto nearest_one = std::max_element(
          candidates.begin(), candidates.end(),
          [&](const PlaceCandidate& a, const PlaceCandidate& b) { return dot(a.at, at) < dot(b.at, at); });
      PlaceCandidate candidate = *nearest_one;
      candidate.at = at;
      candidate.place = place;
      candidate.cell = PlaceGrid::cell_of(place);
      candidate.area_km2 = 0.0;
      out.push_back(candidate);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const PlaceCandidate& a, const PlaceCandidate& b) { return a.cell < b.cell; });
    return out;
  }

  [[nodiscard]] Posterior among_stand_ins(const Measured& measured, const Region& region,
                                          const CommonErrors::For& law) const {
    Posterior out;
    out.places = stand_ins(region);
    Weighed weighed;
    weighed.prior.assign(out.places.size(), 0.0);
    for (const PlaceCandidate& place : out.places) weighed.points.push_back(host(place));
    weighed.likelihood = log_likelihoods(weighed.points, measured, law);
    Shares found = shares(weighed, measured);
    out.mass = std::move(found.mass);
    out.believed = std::move(found.believed);
    return out;
  }

  [[nodiscard]] Posterior posterior(const Measured& measured, const Region* region,
                                    const CommonErrors::For& law) const {
    std::vector<std::uint32_t> chosen = inside(region);
    if (chosen.empty()) return among_stand_ins(measured, *region, law);
    return mix_over_delays(*this, std::move(chosen), measured, law);
  }

  std::string version;  // see PlaceEstimator::version()
};

PlaceEstimator PlaceEstimator::learn(const RttMesh& mesh, const Borders& borders,
                                     const EstimatorOptions& options) {
  return PlaceEstimator{std::make_unique<const Model>(mesh, borders, options)};
}

PlaceEstimator PlaceEstimator::with_laws(const PlaceLaws& laws, const RttMesh& mesh, const Borders& borders,
                                         const EstimatorOptions& options) {
  return PlaceEstimator{std::make_unique<const Model>(mesh, borders, options, laws)};
}

std::shared_ptr<const PlaceLaws> PlaceEstimator::laws() const {
  return std::make_shared<const PlaceLaws>(PlaceLaws{.paths = model_->memory.laws(),
                                                     .errors = model_->errors,
                                                     .rings = model_->rings,
                                                     .city_exponent = model_->prior.city_exponent,
                                                     .country_exponent = model_->prior.country_exponent});
}

std::optional<PlaceEstimate> PlaceEstimator::estimate(std::span<const double> rtt_ms,
                                                      const Region* region) const {
  const auto looked = model_->look(rtt_ms, region);
  if (!looked) return std::nullopt;
  const auto& [measured, law] = *looked;
  PlaceEstimate estimate = PlaceEstimate::summarise(model_->posterior(measured, region, law));

  const HostPlace at{to_sphere(estimate.place), model_->grid->country_near(estimate.place)};
  const auto expected = model_->memory.expected_ms(at, measured.used.rows);
  std::vector<double> beyond;
  for (std::size_t i = 0; i < expected.size(); ++i) beyond.push_back(measured.used.rtt_ms[i] - expected[i]);
  estimate.common_delay_ms = median(std::move(beyond));
  return estimate;
}

std::optional<RelaySuspicion> PlaceEstimator::suspect_relay(std::span<const double> rtt_ms,
                                                            const Region* region) const {
  const auto looked = model_->look(rtt_ms, region);
  if (!looked) return std::nullopt;
  const auto& [measured, law] = *looked;
  const double direct = model_->log_evidence(measured, region, law);
  if (!std::isfinite(direct)) return std::nullopt;
  RelaySuspicion out;
  for (const double delay : kRelayDelaysMs) {
    if (delay >= measured.used.rtt_ms.front()) break;
    const double gain = model_->log_evidence(measured.less(delay, false), region, law) - direct;
    if (gain <= out.gain) continue;
    out.gain = gain;
    out.delay_ms = delay;
  }
  return out;
}

const std::string& PlaceEstimator::version() const { return model_->version; }

PlaceEstimator::PlaceEstimator(std::unique_ptr<const Model> model) : model_{std::move(model)} {}
PlaceEstimator::PlaceEstimator(PlaceEstimator&&) noexcept = default;
PlaceEstimator& PlaceEstimator::operator=(PlaceEstimator&&) noexcept = default;
PlaceEstimator::~PlaceEstimator() = default;

}  // namespace chiploc
