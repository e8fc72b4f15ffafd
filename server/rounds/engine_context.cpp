// RoundEngine: what is frozen as a round begins, so that anybody can judge it again.
#include <algorithm>

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

/// A certificate's subject, quoted whole, may be longer than a context's texts: cut between two characters.
std::string clipped(std::string text) {
  if (text.size() <= kContextTextMax) return text;
  std::size_t end = kContextTextMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

/// The registered anchors, by id; beyond what a calibration keeps, the last ones are left out.
std::vector<KnownAnchor> known_anchors(const Registry& registry) {
  std::vector<KnownAnchor> out;
  for (const auto& [name, anchor] : registry.anchors()) {
    const auto place = LatLon::from_degrees(anchor->place);
    if (place)
      out.push_back({anchor->id, name, *place, anchor->uncertainty, anchor->operator_name, anchor->network});
  }
  std::sort(out.begin(), out.end(), [](const KnownAnchor& a, const KnownAnchor& b) { return a.id < b.id; });
  if (out.size() > kKnownAnchorsMax) out.erase(out.begin() + kKnownAnchorsMax, out.end());
  return out;
}

}  // namespace

/// As the registry stands now. What only the store knows (counters, where the key was seen) is added with the
/// intent.
void RoundEngine::freeze(ActiveRound& active, Claim claim, const CertificateFault* fault) {
  const ChipId& chip = active.round.chip();
  const std::string site = site_of(claim);
  auto context = std::make_shared<RoundContext>(RoundContext{.realm = options_.realm,
                                                             .coordinator_key = parts_.key.public_key(),
                                                             .device_key = active.evidence.device_key});
  context->round = active.round.id();
  context->chip = chip;
  context->intent = active.intent.intent;
  context->requested_by = clipped(active.intent.requested_by);
  context->certificate = active.intent.device_certificate;
  context->issuers = active.intent.device_issuers;
  if (fault != nullptr) context->certificate_fault = CertificateFault{fault->code, clipped(fault->text)};
  context->anchors = active.anchors;
  context->claim = std::move(claim);
  if (const ChipRecord* const record = registry_followed_->chip(chip)) context->serial = record->serial;
  if (const LicenceRecord* const licence = registry_followed_->licence(context->claim.licence))
    context->licence_holder = licence->holder;
  context->policy = options_.policy;
  if (!site.empty()) context->cohort = site_cohorts_.others(site, chip, steady());
  active.calibration = calibration();
  context->calibration_sha256 = active.calibration->sha256;
  context->contact = contact_of(active);
  complete(*context, parts_.borders);
  active.context = std::move(context);
}

/// But for its last proof, which the store knows.
Contact RoundEngine::contact_of(const ActiveRound& active) const {
  const auto rhythm = knock_book_.of(active.round.chip());
  Contact out;
  out.knocks = active.inbound_address.empty();
  if (rhythm) {
    out.last_knock = rhythm->last;
    out.every = rhythm->every;
  }
  if (!out.knocks) return out;
  out.wait = knock_wait_within(active.round.options());
  out.limit = options_.round.knock_wait;
  out.rendezvous = static_cast<std::uint32_t>(active.rendezvous.size());
  return out;
}

/// Made anew only when the mesh has taught something else.
std::shared_ptr<const RoundCalibration> RoundEngine::calibration() {
  if (frozen_) return frozen_;
  static const AnchorMesh kNone;
  RoundCalibration made{calibration_->line, places_, known_anchors(*registry_followed_), {}, {}};
  if (registry_followed_->anchors().size() > made.known.size()) count("anchors_beyond_known");
  made.bytes = calibration_bytes(made.line, places_from_ ? places_from_->mesh : kNone, made.known);
  made.sha256 = sha256(made.bytes);
  frozen_ = std::make_shared<const RoundCalibration>(std::move(made));
  return frozen_;
}

/// Drawings and a mesh take megabytes: rounds that begin together share them, and each work of the store copies its own
/// when its turn has come.
std::function<void(RoundIntent&)> RoundEngine::what_to_keep(const ActiveRound& active,
                                                            Registry::Snapshot registry) const {
  auto calibration = kept_.contains(active.calibration->sha256) ? nullptr : active.calibration;
  std::vector<std::pair<std::string, Digest>> areas;
  for (const NamedArea* area : areas_of(active.context->claim)) {
    if (!kept_.contains(area->geojson_sha256)) areas.emplace_back(area->name, area->geojson_sha256);
  }
  return [calibration = std::move(calibration), areas = std::move(areas),
          registry = std::move(registry)](RoundIntent& intent) {
    if (calibration) intent.calibration = KeptCalibration{calibration->sha256, calibration->bytes};
    for (const auto& [name, sha256] : areas) {
      const TerritoryRecord* record = registry->territory(name);
      if (record != nullptr) intent.areas.push_back({sha256, record->geojson});
    }
  };
}

/// They are on the disk, and stay there: no later round need bring them.
void RoundEngine::note_kept(const RoundContext& context) {
  if (kept_.size() > kKeptMax) kept_.clear();
  kept_.insert(context.calibration_sha256);
  for (const NamedArea* area : areas_of(context.claim)) kept_.insert(area->geojson_sha256);
}

}  // namespace chiploc
