// RoundEngine: what is frozen as a round begins, so that anybody can judge it again.
#include "proto/crypto/digest.hpp"
#include "server/rounds/claim.hpp"
#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {

/// Digests that are remembered as kept; beyond, the store is given everything once more.
constexpr std::size_t kKeptMax = 10'000;

std::vector<const NamedArea*> areas_of(const Claim& claim) {
  std::vector<const NamedArea*> out;
  for (const NamedArea& area : claim.licensed_areas) out.push_back(&area);
  for (const NamedArea& area : claim.prohibited_areas) out.push_back(&area);
  return out;
}

}  // namespace

/// As the registry stands now. What only the store knows (counters, where the key was seen) is added with the
/// intent.
void RoundEngine::freeze(ActiveRound& active, Claim claim, const CertificateFault* fault,
                         const Registry& registry) {
  const ChipId& chip = active.round.chip();
  const std::string site = site_of(claim);
  auto context = std::make_shared<RoundContext>(RoundContext{.realm = options_.realm,
                                                             .coordinator_key = parts_.key.public_key(),
                                                             .device_key = active.evidence.device_key});
  context->round = active.round.id();
  context->chip = chip;
  context->intent = active.intent.intent;
  context->requested_by = active.intent.requested_by;
  context->certificate = active.intent.device_certificate;
  context->issuers = active.intent.device_issuers;
  if (fault != nullptr) context->certificate_fault = *fault;
  context->anchors = active.anchors;
  context->claim = std::move(claim);
  context->policy = options_.policy;
  if (!site.empty()) context->cohort = site_cohorts_.others(site, chip, steady());
  active.calibration = calibration();
  context->calibration_sha256 = active.calibration->sha256;
  complete(*context, parts_.borders);

  if (!kept_.contains(active.calibration->sha256))
    active.intent.calibration = KeptCalibration{active.calibration->sha256, active.calibration->bytes};
  for (const NamedArea* area : areas_of(context->claim)) {
    const TerritoryRecord* record = registry.territory(area->name);
    if (record != nullptr && !kept_.contains(area->geojson_sha256))
      active.intent.areas.push_back({area->geojson_sha256, record->geojson});
  }
  active.context = std::move(context);
}

/// Made anew only when the mesh has taught something else.
std::shared_ptr<const RoundCalibration> RoundEngine::calibration() {
  if (frozen_) return frozen_;
  static const AnchorMesh kNone;
  RoundCalibration made{calibration_->line, places_, {}, {}};
  made.bytes = calibration_bytes(made.line, places_from_ ? places_from_->mesh : kNone);
  made.sha256 = sha256(made.bytes);
  frozen_ = std::make_shared<const RoundCalibration>(std::move(made));
  return frozen_;
}

/// They are on the disk, and stay there: no later round need bring them.
void RoundEngine::note_kept(const RoundIntent& intent) {
  if (kept_.size() > kKeptMax) kept_.clear();
  if (intent.calibration) kept_.insert(intent.calibration->sha256);
  for (const KeptArea& area : intent.areas) kept_.insert(area.sha256);
}

}  // namespace chiploc
