#include "server/lab/forecast.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "proto/crypto/keys.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_reach.hpp"
#include "server/lab/lab_timeline.hpp"
#include "server/lab/network_model.hpp"

namespace chiploc {
namespace {

/// Countries of its own, and those of groups.
std::vector<CountryCode> countries_of(const LabFile& file, const LabPlaces& places) {
  std::vector<CountryCode> out = places.countries;
  for (const std::string& name : places.territories) {
    const auto& codes = file.territory(name)->countries;
    out.insert(out.end(), codes.begin(), codes.end());
  }
  return out;
}
std::vector<NamedArea> areas_of(const LabFile& file, const LabPlaces& places) {
  std::vector<NamedArea> out;
  for (const std::string& name : places.territories) {
    const LabTerritory& territory = *file.territory(name);
    if (territory.area) out.push_back({.name = name, .area = territory.area});
  }
  return out;
}

Claim claim_of(const LabFile& file, const LabChip& chip) {
  const LabPlaces& licensed = file.licence(chip.licence)->places;
  return {.licence = chip.licence,
          .licensed = countries_of(file, licensed),
          .prohibited = countries_of(file, file.prohibited),
          .licensed_areas = areas_of(file, licensed),
          .prohibited_areas = areas_of(file, file.prohibited)};
}

/// Evidence in perfect order: every anchor that is up and that anything reaches answered, every signature good.
CheckedEvidence evidence_of(const LabFile& file, const LabChip& chip, const PublicKey& any_key,
                            Nanoseconds overhead, Nanoseconds at) {
  const NetworkSite site = site_of(chip, false);
  CheckedEvidence evidence;
  evidence.outcome = EvidenceOutcome::kMeasured;
  for (const LabAnchor& anchor : file.anchors) {
    if (anchor.down) continue;
    const auto round_trip = least_round_trip(file, site, site_of(anchor), at);
    if (!round_trip) continue;
    AnchorFacts facts{.name = anchor.name,
                      .id = {},
                      .report_key = any_key,
                      .place = anchor.place,
                      .uncertainty = Kilometers{anchor.uncertainty_km},
                      .operator_name = anchor.operator_name,
                      .network = anchor.network};
    AnchorFinding finding{
        .anchor = std::move(facts), .reported = true, .answered = true, .used = true, .note = {}};
    finding.samples = static_cast<unsigned>(file.policy.pings);
    finding.rtt_min = *round_trip + chip.stall + overhead;
    finding.source = StampSource::kSimulated;
    evidence.anchors.push_back(std::move(finding));
  }
  std::vector<const AnchorFacts*> facts;
  for (const AnchorFinding& finding : evidence.anchors) facts.push_back(&finding.anchor);
  const auto numbers = number_perspectives(facts);
  for (std::size_t i = 0; i < numbers.size(); ++i) evidence.anchors[i].perspective = numbers[i];
  return evidence;
}

/// The lab as it is now; `begun`: as it began, which decides where its chips knock.
std::vector<ForecastRow> forecast_now(const LabFile& begun, const LabFile& file, const Borders& borders,
                                      Nanoseconds overhead, Nanoseconds at) {
  // The key stands in a field that the verdict does not look at.
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  Policy policy;
  policy.speed = file.policy.speed == "fibre" ? kLightInFibre : kLightInVacuum;
  policy.speed_name = file.policy.speed;
  policy.fault_budget = static_cast<unsigned>(file.policy.faults);
  policy.more_to_clear = static_cast<unsigned>(file.policy.more_to_clear);
  policy.more_to_accuse = static_cast<unsigned>(file.policy.more_to_accuse);
  std::vector<ForecastRow> rows;
  for (std::size_t i = 0; i < file.chips.size(); ++i) {
    const LabChip& chip = file.chips[i];
    if (chip.behaviour == Behaviour::kSilent) continue;
    RoundContext context{
        .realm = Realm::kSimulated, .coordinator_key = key->public_key(), .device_key = key->public_key()};
    context.policy = policy;
    context.claim = claim_of(file, chip);
    if (file.paths && is_cut_off(file, i, rendezvous_of(begun, begun.chips[i], false), at)) {
      rows.push_back({.chip = i, .state = VerdictState::kSilent});
      continue;
    }
    const CheckedEvidence evidence = evidence_of(file, chip, key->public_key(), overhead, at);
    rows.push_back(
        {.chip = i, .state = decide_checked(evidence, context, borders, WallTime{}).finding.state});
  }
  return rows;
}

}  // namespace

std::vector<ForecastRow> forecast_lab(const LabFile& file, const Borders& borders, Nanoseconds overhead,
                                      Nanoseconds at) {
  return forecast_now(file, file, borders, overhead, at);
}

LabForecast forecast_rounds(const LabFile& file, const Borders& borders, Nanoseconds overhead) {
  LabForecast out(file.chips.size());
  std::vector<std::string> states(file.chips.size());
  std::optional<std::size_t> known_after;  // so many events
  for (const LabRound& round : rounds_of(file)) {
    const auto come = static_cast<std::size_t>(std::count_if(
        file.events.begin(), file.events.end(), [&](const LabEvent& event) { return event.at <= round.at; }));
    if (known_after != come || file.paths) {  // a path model changes with time
      const LabFile now = lab_at(file, round.at);
      for (const ForecastRow& row : forecast_now(file, now, borders, overhead, round.at))
        states[row.chip] = name_of(row.state);
      for (std::size_t i = 0; i < now.chips.size(); ++i) {
        const Behaviour b = now.chips[i].behaviour;
        if (b == Behaviour::kSilent) states[i] = "SILENT";
        if (b == Behaviour::kCloned || b == Behaviour::kForged || b == Behaviour::kReplaying)
          states[i] = "INVALID";
      }
      known_after = come;
    }
    for (const std::size_t chip : round.chips) out[chip].push_back(states[chip]);
  }
  return out;
}

LabReport report_of(const LabPlan& plan, const LabForecast& forecast) {
  std::vector<LabSpan> carried_out;
  for (const LabEvent& event : plan.file.events)
    carried_out.push_back({.began = event.at, .ended = event.at});
  std::vector<LabSeen> seen;
  std::vector<std::size_t> next(plan.file.chips.size(), 0);
  const std::vector<LabRound> rounds = rounds_of(plan.file);
  for (std::size_t r = 0; r < rounds.size(); ++r) {
    for (const std::size_t chip : rounds[r].chips) {
      v1::VerdictState state = v1::UNRESOLVED;
      v1::VerdictState_Parse(forecast[chip][next[chip]++], &state);
      LabSeen one{.chip = chip, .round = r, .span = {.began = rounds[r].at, .ended = rounds[r].at}};
      one.verdict.emplace().set_state(state);
      seen.push_back(std::move(one));
    }
  }
  LabReport report;
  report.rows = rows_of(plan, carried_out, seen);
  return report;
}

}  // namespace chiploc
