#include "geo/place_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "geo/common_delay.hpp"
#include "geo/common_errors.hpp"
#include "geo/median.hpp"
#include "geo/path_memory.hpp"
#include "geo/place_grid.hpp"
#include "geo/place_prior.hpp"
#include "geo/posterior.hpp"
#include "geo/ring_law.hpp"

namespace chiploc {
namespace {

// A round trip counts for min(1, kInformation / sqrt(c)), c being how many anchors have told as much before:
// itself, and each nearer one by exp(-distance between them / kAlikeKmPerMs of its round trip), half of how
// far the chip can be. Seen from afar, neighbours are one anchor: their paths repeat each other in ways that
// no covariance of scores describes (README.md has the measurement).
constexpr double kInformation = 0.6;
constexpr double kAlikeKmPerMs = 50.0;
// What an anchor near a place, but not among the used ones, counts for that it does not hear of the chip
// sooner.
constexpr double kAgainst = 0.4;
constexpr double kFlightPerKm = 0.97 / 100.0;  // ms: 3 % off light in glass, and
constexpr double kSlackMs = 2.0;  // what misplaced hosts and candidates a cell's width off can make
constexpr std::size_t kContradictions = 1;
constexpr std::size_t kFewToEvaluate = 500;  // candidates; more are sorted out by groups first
// Candidates in groups that hold less than this of the probability are dropped.
constexpr double kLeastShare = 1e-5;
// The anchors nearest by round trip whose rings are looked at too. The geometric mean of these counts as one
// round trip.
constexpr std::size_t kRings = 4;
// So much of the probability is kept for that the round trips mislead: there they count for less, and the
// rings for nothing.
constexpr double kDoubt = 0.25;
constexpr double kInDoubt = 0.35;
constexpr double kRelayDelaysMs[] = {2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0};

struct RoundTrips {
  std::vector<std::uint32_t> rows;  // the least round trip first
  std::vector<double> rtt_ms;

  [[nodiscard]] PathMemory::Heard heard() const { return {rows, rtt_ms}; }
};

struct Measured {
  RoundTrips used;
  std::vector<Vec3> places;     // of the used ones
  std::vector<double> weights;  // how much each of them counts
  RoundTrips others;            // speak only against places near their anchors
};

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

Measured nearest(const PathMemory& memory, std::span<const double> rtt_ms) {
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

/// As if a chip with that delay off all its round trips had been measured. The weights stay, unless asked
/// for.
Measured less(const Measured& measured, double delay_ms, bool weigh_anew) {
  Measured out = measured;
  for (double& rtt : out.used.rtt_ms) rtt -= delay_ms;
  for (double& rtt : out.others.rtt_ms) rtt -= delay_ms;
  if (weigh_anew) out.weights = weights_of(out);
  return out;
}

/// Candidates that contradict no more than one round trip beyond the fewest, at the speed of light in glass:
/// a path that is faster, or an anchor that lies, must not leave wrong places alone.
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

/// Logs to shares that sum to 1; returns the log of what they summed to.
double normalise(std::vector<double>& logs) {
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (double& value : logs) sum += value = std::exp(value - top);
  for (double& value : logs) value /= sum;
  return top + std::log(sum);
}

}  // namespace

struct PlaceEstimator::Model {
  Model(const RttMesh& mesh, const Borders& borders, const EstimatorOptions& options)
      : grid{PlaceGrid::of(borders)},
        memory{mesh, hosts(*grid, borders, mesh.places)},
        errors{memory},
        rings{RingLaw::learn(memory)},
        prior{options.place_prior ? PlacePrior::learn(*grid, borders, mesh.places)
                                  : PlacePrior::even(*grid)} {
    char text[256];
    std::snprintf(
        text, sizeof text,
        "kriging-rings-delay-6 anchors=%zu domestic=%.2g kernel=%.3g+%.3g/%.0fkm border=%.0fkm t=%.0f "
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

  static std::vector<HostPlace> hosts(const PlaceGrid& grid, const Borders& borders,
                                      const std::vector<LatLon>& places) {
    std::vector<HostPlace> out;
    for (const LatLon place : places) out.push_back({to_sphere(place), grid.country_of(borders, place)});
    return out;
  }
  static HostPlace host(const PlaceCandidate& candidate) { return {candidate.at, candidate.country}; }

  /// What is used of one chip's round trips, and the law of their common errors; nothing where nothing is
  /// usable.
  [[nodiscard]] std::optional<std::pair<Measured, CommonErrors::For>> look(std::span<const double> rtt_ms,
                                                                           const Region* region) const {
    if (rtt_ms.size() != memory.size() || (region != nullptr && region->empty())) return std::nullopt;
    Measured measured = nearest(memory, rtt_ms);
    if (measured.used.rows.empty()) return std::nullopt;
    CommonErrors::For law = errors.among(measured.places);
    return std::pair{std::move(measured), std::move(law)};
  }

  /// Tempered log likelihood of each place, for each of some delays taken off all round trips.
  [[nodiscard]] std::vector<std::vector<double>> log_likelihoods(const std::vector<HostPlace>& points,
                                                                 const Measured& measured,
                                                                 const CommonErrors::For& law,
                                                                 std::span<const double> delays_ms) const {
    const std::size_t n = measured.used.rows.size();
    std::vector<std::vector<double>> all;
    for (const auto& scores :
         memory.scores(points, measured.used.heard(), measured.others.heard(), delays_ms)) {
      std::vector<double>& out = all.emplace_back(law.log_densities(scores.score, measured.weights));
      for (std::size_t i = 0; i < points.size(); ++i) {
        out[i] += kAgainst * scores.against[i];
        for (std::size_t k = 0; k < n; ++k) out[i] += measured.weights[k] * scores.log_slope[i * n + k];
      }
    }
    return all;
  }
  [[nodiscard]] std::vector<double> log_likelihoods(const std::vector<HostPlace>& points,
                                                    const Measured& measured,
                                                    const CommonErrors::For& law) const {
    static constexpr double kNone[]{0.0};
    return std::move(log_likelihoods(points, measured, law, kNone).front());
  }

  /// log of the geometric mean of the rings around the nearest anchors.
  [[nodiscard]] std::vector<double> log_rings(std::span<const HostPlace> points,
                                              const Measured& measured) const {
    std::vector<double> out(points.size());
    const std::size_t n = std::min(measured.places.size(), kRings);
    for (std::size_t k = 0; k < n; ++k) {
      const RingLaw::Ring ring = rings.ring(measured.used.rtt_ms[k]);
      for (std::size_t i = 0; i < points.size(); ++i)
        out[i] += ring.log_density(sphere_km(points[i].at, measured.places[k])) / static_cast<double>(n);
    }
    return out;
  }

  /// Places with the logs of their prior and of their tempered likelihood.
  struct Weighed {
    std::vector<HostPlace> points;
    std::vector<double> prior;
    std::vector<double> likelihood;
  };

  /// Probability of each place: as the round trips have it, and with a share kept for that they mislead. Each
  /// sums to 1.
  struct Shares {
    std::vector<double> believed;
    std::vector<double> mass;
  };
  [[nodiscard]] Shares shares(const Weighed& places, const Measured& measured) const {
    Shares out{log_rings(places.points, measured), places.likelihood};
    for (std::size_t i = 0; i < places.points.size(); ++i) {
      out.believed[i] += places.prior[i] + places.likelihood[i];
      out.mass[i] = places.prior[i] + kInDoubt * out.mass[i];
    }
    normalise(out.believed);
    normalise(out.mass);
    for (std::size_t i = 0; i < out.mass.size(); ++i)
      out.mass[i] = kDoubt * out.mass[i] + (1.0 - kDoubt) * out.believed[i];
    return out;
  }

  /// Groups of the chosen candidates, each as its foremost candidate with the prior of all.
  struct Groups {
    std::vector<std::uint32_t> number;
    Weighed weighed;
  };
  [[nodiscard]] Groups groups_of(std::span<const std::uint32_t> chosen) const {
    const auto candidates = grid->candidates();
    constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> foremost(grid->groups(), kNone);
    std::vector<double> weight(grid->groups());
    for (const std::uint32_t i : chosen) {
      std::uint32_t& first = foremost[candidates[i].group];
      if (first == kNone || prior.weight[i] > prior.weight[first]) first = i;
      weight[candidates[i].group] += prior.weight[i];
    }
    Groups out;
    for (std::uint32_t g = 0; g < foremost.size(); ++g) {
      if (foremost[g] == kNone) continue;
      out.number.push_back(g);
      out.weighed.points.push_back(host(candidates[foremost[g]]));
      out.weighed.prior.push_back(std::log(weight[g]));
    }
    return out;
  }
  [[nodiscard]] Groups groups_of(std::span<const std::uint32_t> chosen, const Measured& measured,
                                 const CommonErrors::For& law) const {
    Groups out = groups_of(chosen);
    out.weighed.likelihood = log_likelihoods(out.weighed.points, measured, law);
    return out;
  }

  /// Indices of candidates in groups whose foremost candidate is not hopeless.
  [[nodiscard]] std::vector<std::uint32_t> promising(std::vector<std::uint32_t> chosen, const Groups& groups,
                                                     const Measured& measured) const {
    if (chosen.size() <= kFewToEvaluate) return chosen;
    const std::vector<double> share = shares(groups.weighed, measured).mass;
    std::vector<char> kept(grid->groups());
    for (std::size_t k = 0; k < share.size(); ++k) kept[groups.number[k]] = share[k] >= kLeastShare;
    std::erase_if(chosen, [&](std::uint32_t i) { return !kept[grid->candidates()[i].group]; });
    return chosen;
  }

  /// Shares of kCommonDelaysMs; leaves in `groups`, of the chosen candidates, the likelihood without delay.
  [[nodiscard]] std::vector<double> delay_shares(std::span<const std::uint32_t> chosen, Groups& groups,
                                                 const Measured& measured,
                                                 const CommonErrors::For& law) const {
    constexpr double kLeft = 0.1;  // ms of the least round trip
    std::vector<double> evidence(kCommonDelaysMs.size(), -std::numeric_limits<double>::infinity());
    const auto look_at = [&](bool first) {
      std::vector<std::size_t> numbers;
      std::vector<double> delays;
      for (std::size_t k = 0; k < kCommonDelaysMs.size(); ++k) {
        if (tried_first(k) != first || (k > 0 && kCommonDelaysMs[k] > measured.used.rtt_ms.front() - kLeft))
          continue;
        numbers.push_back(k);
        delays.push_back(kCommonDelaysMs[k]);
      }
      if (delays.empty()) return;
      auto likelihoods = log_likelihoods(groups.weighed.points, measured, law, delays);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        evidence[numbers[i]] = log_sum(groups, likelihoods[i], chosen, less(measured, delays[i], false));
        if (numbers[i] == 0) groups.weighed.likelihood = std::move(likelihoods[i]);
      }
    };
    look_at(true);
    std::vector<double> shares = common_delay_shares(evidence, true);
    if (shares[0] >= kSurelyDirect) return shares;
    look_at(false);
    return common_delay_shares(evidence, false);
  }

  /// log of the sum over the groups of prior and likelihood, of the prior only what is possible.
  [[nodiscard]] double log_sum(const Groups& groups, const std::vector<double>& likelihood,
                               std::span<const std::uint32_t> chosen, const Measured& measured) const {
    std::vector<double> weight(grid->groups());
    const auto left = possible(grid->candidates(), {chosen.begin(), chosen.end()}, measured);
    for (const std::uint32_t i : left) weight[grid->candidates()[i].group] += prior.weight[i];
    std::vector<double> logs;
    for (std::size_t g = 0; g < groups.number.size(); ++g) {
      const double of_group = weight[groups.number[g]];
      if (of_group > 0.0) logs.push_back(std::log(of_group) + likelihood[g]);
    }
    return logs.empty() ? -std::numeric_limits<double>::infinity() : normalise(logs);
  }

  [[nodiscard]] std::vector<std::uint32_t> inside(const Region* region) const {
    const auto candidates = grid->candidates();
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
      if (region == nullptr || region->cap_set().contains(candidates[i].at)) out.push_back(i);
    }
    return out;
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

  /// Adds a share of the posterior for these round trips to the candidates' sums; to what is believed, too,
  /// if the place is to be told from it.
  struct Sums {
    std::vector<double> mass;
    std::vector<double> believed;
  };
  void add(const std::vector<std::uint32_t>& chosen, const Measured& measured, const CommonErrors::For& law,
           double share, bool believed, Sums& sums) const {
    Weighed weighed;
    for (const std::uint32_t i : chosen) {
      weighed.points.push_back(host(grid->candidates()[i]));
      weighed.prior.push_back(std::log(prior.weight[i]));
    }
    weighed.likelihood = log_likelihoods(weighed.points, measured, law);
    const Shares found = shares(weighed, measured);
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      sums.mass[chosen[k]] += share * found.mass[k];
      if (believed) sums.believed[chosen[k]] += found.believed[k];
    }
  }

  /// The mixture over the delays that the round trips may have in common. The place is told from the one that
  /// is most probable: from none, unless some are more probable together.
  [[nodiscard]] Posterior posterior(const Measured& measured, const Region* region,
                                    const CommonErrors::For& law) const {
    std::vector<std::uint32_t> chosen = inside(region);
    if (chosen.empty()) return among_stand_ins(measured, *region, law);
    const auto candidates = grid->candidates();
    chosen = possible(candidates, chosen, measured);
    Groups groups = groups_of(chosen);
    std::vector<double> delays = delay_shares(chosen, groups, measured, law);
    const std::size_t most =
        delays[0] >= 0.5
            ? 0
            : static_cast<std::size_t>(std::max_element(delays.begin() + 1, delays.end()) - delays.begin());
    double total = 0.0;
    for (std::size_t k = 0; k < delays.size(); ++k) {
      if (k != most && delays[k] < kLeastDelayShare) delays[k] = 0.0;
      total += delays[k];
    }
    Sums sums{std::vector<double>(candidates.size()), std::vector<double>(candidates.size())};
    for (std::size_t k = 0; k < delays.size(); ++k) {
      if (delays[k] == 0.0) continue;
      if (k == 0) {
        add(promising(chosen, groups, measured), measured, law, delays[k] / total, k == most, sums);
        continue;
      }
      const Measured behind = less(measured, kCommonDelaysMs[k], true);
      std::vector<std::uint32_t> left = possible(candidates, chosen, behind);
      if (left.empty()) continue;  // cannot be: it would have no evidence
      const Groups of_left = groups_of(left, behind, law);
      add(promising(std::move(left), of_left, behind), behind, law, delays[k] / total, k == most, sums);
    }
    Posterior out;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (sums.mass[i] == 0.0) continue;
      out.places.push_back(candidates[i]);
      out.mass.push_back(sums.mass[i]);
      out.believed.push_back(sums.believed[i]);
    }
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

  std::shared_ptr<const PlaceGrid> grid;
  PathMemory memory;
  CommonErrors errors;
  RingLaw rings;
  PlacePrior prior;
  std::string version;
};

PlaceEstimator PlaceEstimator::learn(const RttMesh& mesh, const Borders& borders,
                                     const EstimatorOptions& options) {
  return PlaceEstimator{std::make_unique<const Model>(mesh, borders, options)};
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
    const double gain = model_->log_evidence(less(measured, delay, false), region, law) - direct;
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
