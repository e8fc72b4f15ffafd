#include "server/verifier/sighting.hpp"

#include <cmath>

#include "server/verifier/decide.hpp"
#include "server/verifier/judged_state.hpp"

namespace chiploc {
namespace {

std::string whole(double value) { return std::to_string(static_cast<long long>(std::llround(value))); }

/// From the earliest moment of the one to the latest of the other.
Nanoseconds time_for(const Sighting& now, const Sighting& before) {
  return now.to.since_epoch - before.from.since_epoch;
}

}  // namespace

std::optional<Travel> impossible_travel(const Sighting& now, const Sighting& before) {
  const Nanoseconds between = time_for(now, before);
  if (now.from.since_epoch < before.to.since_epoch || between.count() <= 0) return std::nullopt;
  const Travel travel = travel_between(before.place, now.place, between);
  return travel.impossible ? std::optional{travel} : std::nullopt;
}

std::optional<Sighting> sighting_of(const Decision& decision, const RoundId& round, WallTime began) {
  const auto& region = decision.sealed.region;
  if (decision.finding.state == VerdictState::kInvalid || !region || region->is_everything())
    return std::nullopt;
  const auto extent = region->extent();
  if (!extent) return std::nullopt;
  Sighting out{round, *extent, began, decision.decided, {}};
  for (const AnchorFinding& finding : decision.sealed.anchors) {
    if (finding.used)
      out.basis.push_back({finding.anchor.id, finding.anchor.place, finding.anchor.uncertainty});
  }
  return out;
}

bool check_travel(Finding& finding, std::vector<std::string>& would_resolve, const Sighting& now,
                  const Sighting& before) {
  const auto travel = impossible_travel(now, before);
  if (!travel) return false;
  const Nanoseconds between = time_for(now, before);
  const double minutes = static_cast<double>(between.count()) / 6e10;
  Reason why{
      "impossible_travel",
      "Round " + before.round.hex() + " proved the key to be at least " + whole(travel->apart.km()) +
          " km from every place that this round allows, " + whole(std::ceil(minutes)) +
          " minutes or less before: no freight is that fast. Two holders of the key have answered, unless "
          "the coordinator's clock was set back in between."};
  const bool settled = trusts_the_key(finding.state);
  if (settled) {
    finding.state = VerdictState::kUnresolved;
    would_resolve.push_back(
        "An inspection of the chip, or a round at both places at once: a cloned key answers at one of them "
        "with a round counter that the other does not know.");
  }
  finding.reasons.insert(settled ? finding.reasons.begin() : finding.reasons.end(), std::move(why));
  return true;
}

}  // namespace chiploc
