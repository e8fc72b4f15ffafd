#include "server/verifier/sighting.hpp"

#include <cmath>

#include "geo/travel.hpp"

namespace chiploc {
namespace {

std::string whole(double value) { return std::to_string(static_cast<long long>(std::llround(value))); }

}  // namespace

std::optional<Sighting> sighting_of(const Verdict& verdict, const RoundId& round, WallTime began) {
  if (verdict.state == VerdictState::kInvalid || !verdict.region || verdict.region->is_everything())
    return std::nullopt;
  const auto extent = verdict.region->extent();
  if (!extent) return std::nullopt;
  Sighting out{round, *extent, began, verdict.decided, {}};
  for (const AnchorFinding& finding : verdict.anchors) {
    if (finding.used)
      out.basis.push_back({finding.anchor.id, finding.anchor.place, finding.anchor.uncertainty});
  }
  return out;
}

void check_travel(Verdict& verdict, const Sighting& now, const Sighting& before) {
  const Nanoseconds between = now.to.since_epoch - before.from.since_epoch;
  if (now.from.since_epoch < before.to.since_epoch || between.count() <= 0) return;
  const Travel travel = travel_between(before.place, now.place, between);
  if (!travel.impossible) return;
  const double minutes = static_cast<double>(between.count()) / 6e10;
  Reason why{
      "impossible_travel",
      "Round " + before.round.hex() + " proved the key to be at least " + whole(travel.apart.km()) +
          " km from every place that this round allows, " + whole(std::ceil(minutes)) +
          " minutes or less before: no freight is that fast. Two holders of the key have answered, unless "
          "the coordinator's clock was set back in between."};
  const bool settled = verdict.state == VerdictState::kVerified || verdict.state == VerdictState::kCleared;
  if (settled) {
    verdict.state = VerdictState::kUnresolved;
    verdict.would_resolve.push_back(
        "An inspection of the chip, or a round at both places at once: a cloned key answers at one of them "
        "with a "
        "round counter that the other does not know.");
  }
  verdict.reasons.insert(settled ? verdict.reasons.begin() : verdict.reasons.end(), std::move(why));
}

}  // namespace chiploc
