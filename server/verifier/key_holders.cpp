#include "server/verifier/key_holders.hpp"

#include "geo/path_bound.hpp"
#include "server/verifier/context.hpp"
#include "server/verifier/decide.hpp"

namespace chiploc {
namespace {

void locate(KeyHolder& holder, const Policy& policy, const Borders& borders) {
  std::vector<AnchorBound> bounds;
  for (const AnchorFinding& anchor : holder.anchors) {
    const auto radius = path_bound(anchor.rtt_min + oscillator_allowance(anchor.rtt_min), policy.speed);
    holder.bounds.push_back(radius.value_or(kLongestGeodesic));
    bounds.push_back(
        {anchor.anchor.place, anchor.anchor.uncertainty, holder.bounds.back(), anchor.perspective});
  }
  holder.region = Region::from_bounds(bounds, policy.faults_to_accuse());
  if (holder.region->is_everything()) return;
  holder.place = holder.region->extent();
  const CountrySet met = borders.countries_met(*holder.region);
  holder.countries.assign(met.begin(), met.end());
}

}  // namespace

std::vector<KeyHolder> holders_of(const CheckedEvidence& evidence, const RoundContext& context,
                                  const Borders& borders, WallTime now) {
  std::vector<KeyHolder> out;
  for (const HolderEvidence& one : evidence.holders) {
    KeyHolder& holder = out.emplace_back(KeyHolder{.round = context.round,
                                                   .statement_sha256 = one.statement_sha256,
                                                   .boot_count = one.boot_count,
                                                   .round_counter = one.round_counter,
                                                   .from = context.intent,
                                                   .to = now});
    for (const AnchorFinding& anchor : one.anchors) {
      if (anchor.used) holder.anchors.push_back(anchor);
    }
    locate(holder, context.policy, borders);
  }
  return out;
}

std::vector<KeyHolder> travelled_holders(const Decision& decision, const RoundContext& context) {
  KeyHolder here{.round = context.round, .from = context.intent, .to = decision.decided};
  if (decision.statement) {
    here.boot_count = decision.statement->boot_count;
    here.round_counter = decision.statement->round_counter;
  }
  for (const std::size_t i : decision.proved_by) {
    here.anchors.push_back(decision.sealed.anchors[i]);
    here.bounds.push_back(decision.sealed.bounds[i]);
  }
  here.region = decision.sealed.region;
  here.place = decision.sighting->place;
  here.countries = decision.finding.proof.countries;
  const Sighting& before = *context.seen_before;
  return {std::move(here),
          KeyHolder{.round = before.round, .place = before.place, .from = before.from, .to = before.to}};
}

}  // namespace chiploc
