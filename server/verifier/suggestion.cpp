#include "server/verifier/suggestion.hpp"

#include <algorithm>
#include <limits>

namespace chiploc {

bool worth_suggesting(const Decision& decision) {
  const VerdictState state = decision.finding.state;
  const auto& region = decision.sealed.region;
  const bool settled = state == VerdictState::kVerified || state == VerdictState::kCleared;
  return !settled && region && !region->empty();
}

std::optional<Suggestion> suggest(const Decision& decision, const MeshModel& model) {
  const auto& proved = decision.sealed.region;
  if (!proved) return std::nullopt;
  std::vector<double> rtt_ms(model.anchors.size(), std::numeric_limits<double>::quiet_NaN());
  for (const AnchorFinding& finding : decision.sealed.anchors) {
    if (!finding.used) continue;
    const auto at = std::lower_bound(model.anchors.begin(), model.anchors.end(), finding.anchor.id);
    if (at == model.anchors.end() || *at != finding.anchor.id) continue;
    rtt_ms[static_cast<std::size_t>(at - model.anchors.begin())] =
        static_cast<double>(finding.rtt_min.count()) / 1e6;
  }
  const Region* region = proved->is_everything() ? nullptr : &*proved;
  auto places = model.estimator.estimate(rtt_ms, region);
  if (!places) return std::nullopt;
  const auto relay = model.estimator.suspect_relay(rtt_ms, region);
  return Suggestion{std::move(*places), relay.value_or(RelaySuspicion{}), model.estimator.version()};
}

}  // namespace chiploc
