#include "server/verifier/suggestion.hpp"

#include <algorithm>
#include <limits>

namespace chiploc {

bool worth_suggesting(const Verdict& verdict) {
  const bool settled = verdict.state == VerdictState::kVerified || verdict.state == VerdictState::kCleared;
  return !settled && verdict.region && !verdict.region->empty();
}

std::optional<Suggestion> suggest(const Verdict& verdict, const PlaceModel& model) {
  if (!verdict.region) return std::nullopt;
  std::vector<double> rtt_ms(model.anchors.size(), std::numeric_limits<double>::quiet_NaN());
  for (const AnchorFinding& finding : verdict.anchors) {
    if (!finding.used) continue;
    const auto at = std::lower_bound(model.anchors.begin(), model.anchors.end(), finding.anchor.id);
    if (at == model.anchors.end() || *at != finding.anchor.id) continue;
    rtt_ms[static_cast<std::size_t>(at - model.anchors.begin())] =
        static_cast<double>(finding.rtt_min.count()) / 1e6;
  }
  const Region* region = verdict.region->is_everything() ? nullptr : &*verdict.region;
  auto places = model.estimator.estimate(rtt_ms, region);
  if (!places) return std::nullopt;
  const auto relay = model.estimator.suspect_relay(rtt_ms, region);
  return Suggestion{std::move(*places), relay.value_or(RelaySuspicion{}), model.estimator.version()};
}

}  // namespace chiploc
