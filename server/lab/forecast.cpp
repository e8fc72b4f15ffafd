#include "server/lab/forecast.hpp"

#include <algorithm>
#include <memory>

#include "proto/crypto/keys.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/network_model.hpp"

namespace chiploc {
namespace {

/// Evidence in perfect order: every anchor answered, every signature good.
CheckedEvidence evidence_of(const LabFile& file, const LabChip& chip, const PublicKey& any_key,
                            Nanoseconds overhead) {
  const NetworkSite site{.name = chip.serial,
                         .place = chip.at,
                         .last_mile = chip.last_mile,
                         .via = chip.via,
                         .via_last_mile = {}};
  CheckedEvidence evidence;
  evidence.outcome = EvidenceOutcome::kMeasured;
  for (const LabAnchor& anchor : file.anchors) {
    const NetworkSite far{.name = anchor.name,
                          .place = anchor.place,
                          .last_mile = anchor.last_mile,
                          .via = {},
                          .via_last_mile = {}};
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
    finding.rtt_min = round_trip_delay(file.network, site, far) + chip.stall + overhead;
    finding.source = StampSource::kSimulated;
    evidence.anchors.push_back(std::move(finding));
  }
  std::vector<const AnchorFacts*> facts;
  for (const AnchorFinding& finding : evidence.anchors) facts.push_back(&finding.anchor);
  const auto numbers = number_perspectives(facts);
  for (std::size_t i = 0; i < numbers.size(); ++i) evidence.anchors[i].perspective = numbers[i];
  return evidence;
}

}  // namespace

std::vector<ForecastRow> forecast_lab(const LabFile& file, const Borders& borders, Nanoseconds overhead) {
  // The key stands in a field that the verdict does not look at.
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  Policy policy;
  policy.speed = file.policy.speed == "fibre" ? kLightInFibre : kLightInVacuum;
  policy.speed_name = file.policy.speed;
  policy.fault_budget = static_cast<unsigned>(file.policy.faults);
  std::vector<ForecastRow> rows;
  for (std::size_t i = 0; i < file.chips.size(); ++i) {
    const LabChip& chip = file.chips[i];
    if (chip.behaviour == Behaviour::kSilent) continue;
    RoundContext context{
        .realm = Realm::kSimulated, .coordinator_key = key->public_key(), .device_key = key->public_key()};
    context.policy = policy;
    Claim& claim = context.claim;
    claim.licence = chip.licence;
    claim.licensed = file.licence(chip.licence)->countries;
    claim.prohibited.assign(file.prohibited.begin(), file.prohibited.end());
    const CheckedEvidence evidence = evidence_of(file, chip, key->public_key(), overhead);
    rows.push_back(
        {.chip = i, .state = decide_checked(evidence, context, borders, WallTime{}).finding.state});
  }
  return rows;
}

FleetForecast forecast_fleet(LabFile file, std::uint64_t seed, const Borders& borders, Nanoseconds overhead) {
  file.network.seed = seed;
  FleetForecast out;
  out.seed = seed;
  for (const ForecastRow& row : forecast_lab(file, borders, overhead)) {
    const LabChip& chip = file.chips[row.chip];
    const bool fails_anyway = chip.behaviour == Behaviour::kCloned || chip.behaviour == Behaviour::kForged ||
                              chip.behaviour == Behaviour::kReplaying;
    const auto expected = expected_states(chip, *file.licence(chip.licence), file.prohibited);
    if (!fails_anyway && std::find(expected.begin(), expected.end(), name_of(row.state)) == expected.end())
      ++out.unexpected;
    if (chip.behaviour != Behaviour::kHonest) continue;
    ++out.honest;
    out.verified += row.state == VerdictState::kVerified ? 1 : 0;
    out.cleared += row.state == VerdictState::kCleared ? 1 : 0;
    out.flagged += row.state == VerdictState::kOutside || row.state == VerdictState::kProhibited ? 1 : 0;
  }
  return out;
}

}  // namespace chiploc
