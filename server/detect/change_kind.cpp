#include "server/detect/change_kind.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

/// Of what is not empty; puts the values into another order.
double middle_of_doubles(std::span<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

/// The median over the rounds, anchor by anchor; NaN where no round measured.
void take_medians(std::span<const double> rounds_ms, std::span<double> medians) {
  std::array<double, kMostRounds> column;
  for (std::size_t a = 0; a < medians.size(); ++a) {
    std::size_t n = 0;
    for (std::size_t at = a; at < rounds_ms.size(); at += medians.size()) {
      if (!std::isnan(rounds_ms[at])) column[n++] = rounds_ms[at];
    }
    medians[a] =
        n == 0 ? std::numeric_limits<double>::quiet_NaN() : middle_of_doubles(std::span{column}.first(n));
  }
}

std::size_t share_of(std::size_t anchors, double share) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(anchors)));
}

std::optional<PlacePattern> pattern_of(std::span<const std::optional<PathLaw>> baseline,
                                       std::span<const double> medians, const ChangePlaces& places,
                                       const PlaceOptions& options) {
  if (places.anchors.size() != medians.size()) return std::nullopt;
  std::array<double, kMostPaths> changes;
  for (std::size_t a = 0; a < medians.size(); ++a) {
    changes[a] = baseline[a].has_value() ? medians[a] - static_cast<double>(baseline[a]->centre_ms)
                                         : std::numeric_limits<double>::quiet_NaN();
  }
  return find_place_pattern(places.site, places.anchors, std::span{changes}.first(medians.size()), options);
}

}  // namespace

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kNone:
      return "none";
    case ChangeKind::kReroute:
      return "reroute";
    case ChangeKind::kRelay:
      return "relay";
    case ChangeKind::kUniformStall:
      return "uniform_stall";
    case ChangeKind::kSelectiveStall:
      return "selective_stall";
    case ChangeKind::kMove:
      return "move";
    case ChangeKind::kNearer:
      return "nearer";
  }
  return "none";
}

std::optional<ChangeReport> classify_change(std::span<const std::optional<PathLaw>> baseline,
                                            std::span<const double> rounds_ms,
                                            const std::optional<ChangePlaces>& places,
                                            const KindOptions& options) {
  const std::size_t anchors = baseline.size();
  if (anchors == 0 || anchors > kMostPaths || rounds_ms.size() % anchors != 0) return std::nullopt;
  if (rounds_ms.size() / anchors > kMostRounds) return std::nullopt;
  if (std::any_of(rounds_ms.begin(), rounds_ms.end(), [](double ms) { return ms < 0.0 || std::isinf(ms); }))
    return std::nullopt;
  std::array<double, kMostPaths> medians_room;
  const std::span medians = std::span{medians_room}.first(anchors);
  take_medians(rounds_ms, medians);
  const auto scores = compare_with_baseline(baseline, medians, options.change);
  if (!scores) return std::nullopt;

  ChangeReport report;
  report.scores = *scores;
  std::array<double, kMostRounds> commons;
  for (std::size_t at = 0; at < rounds_ms.size(); at += anchors) {
    const auto one = compare_with_baseline(baseline, rounds_ms.subspan(at, anchors), options.change);
    if (one) commons[report.rounds++] = one->common_ms;
  }
  if (report.rounds > 0) {
    const std::span seen = std::span{commons}.first(report.rounds);
    std::sort(seen.begin(), seen.end());
    report.wander_ms = seen[report.rounds - 1 - report.rounds / 4] - seen[report.rounds / 4];
  }

  const std::size_t n = scores->anchors;
  const std::size_t changed = scores->longer + scores->shorter;
  const bool common = scores->common_z > options.common_z;
  if (changed <= share_of(n, options.few) && !common) {
    report.kind = changed == 0 ? ChangeKind::kNone : ChangeKind::kReroute;
    return report;
  }
  const bool same =
      scores->spread_ms <= std::max(options.same_ms, options.same_share * std::abs(scores->common_ms));
  if (places && scores->spread_ms > options.same_ms)
    report.place = pattern_of(baseline, medians, *places, options.place);
  const bool as_a_place = report.place && report.place->p_value <= options.place_level;
  const bool both_ways =
      scores->shorter >= share_of(n, options.some) && scores->longer >= share_of(n, options.some);
  if (changed >= share_of(n, options.many) && (places ? as_a_place : both_ways && !same)) {
    report.kind = ChangeKind::kMove;
  } else if (scores->shorter >= share_of(n, 1.0 - options.few) && same) {
    report.kind = ChangeKind::kNearer;
  } else if (common && same) {
    const bool wanders = report.rounds > 2 && report.wander_ms > std::max(options.change.floor_ms * 2.0,
                                                                          options.wander * scores->common_ms);
    report.kind = wanders ? ChangeKind::kUniformStall : ChangeKind::kRelay;
  } else if (scores->shorter <= share_of(n, options.some)) {
    report.kind = ChangeKind::kSelectiveStall;
  } else {
    report.kind = ChangeKind::kReroute;  // many routes at once, and no place that explains it
  }
  return report;
}

}  // namespace chiploc
