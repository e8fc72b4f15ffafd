#include "server/verifier/verdict_record.hpp"

#include <cmath>

#include "geo/geojson.hpp"
#include "server/policy/canonical.hpp"

namespace chiploc {
namespace {

void fill(LatLon place, v1::Position& out) {
  out.set_lat_deg(place.lat_deg());
  out.set_lon_deg(place.lon_deg());
}

void fill(const std::vector<Reason>& reasons, google::protobuf::RepeatedPtrField<v1::Reason>& out) {
  for (const Reason& reason : reasons) {
    v1::Reason& r = *out.Add();
    r.set_code(reason.code);
    r.set_text(reason.text);
  }
}

void fill(const Finding& finding, v1::Finding& out) {
  out.set_state(static_cast<v1::VerdictState>(finding.state));
  fill(finding.reasons, *out.mutable_reasons());
  out.set_realm(static_cast<v1::Realm>(finding.realm));
  out.set_speed_km_s(finding.speed.km_s());
  out.set_speed_name(finding.speed_name);
  out.set_fault_budget(finding.proof.fault_budget);
  out.set_fault_budget_max(finding.proof.fault_budget_max);
  for (const std::string& hinge : finding.proof.hinges) out.add_hinges(hinge);
  for (const CountryCode code : finding.proof.countries) out.add_countries(code.text());
  out.set_margin_km(finding.proof.margin.km());
  for (const TerritoryMargin& margin : finding.proof.margins) {
    v1::TerritoryMargin& m = *out.add_prohibited_margins();
    m.set_territory(margin.territory);
    m.set_distance_km(margin.distance.km());
  }
  for (const std::string& name : finding.licensed) out.add_licensed(name);
  for (const std::string& name : finding.prohibited) out.add_prohibited(name);
  for (const auto& [name, digest] : finding.areas) {
    v1::NamedDigest& area = *out.add_areas();
    area.set_name(name);
    area.set_sha256(string_of(digest.bytes));
  }
  out.set_software_version(finding.software_version);
  out.set_borders_version(finding.borders_version);
  out.set_policy_version(finding.policy_version);
}

void fill(const FitReport& fit, const Explanation& explanation, v1::Estimate& out) {
  out.set_converged(fit.converged);
  fill(fit.place, *out.mutable_place());
  out.set_offset_km(fit.offset_km);
  const double east = std::sqrt(std::max(0.0, fit.covariance.east_east));
  const double north = std::sqrt(std::max(0.0, fit.covariance.north_north));
  out.set_east_sd_km(east);
  out.set_north_sd_km(north);
  if (east > 0.0 && north > 0.0) out.set_correlation(fit.covariance.east_north / (east * north));
  if (explanation.nearest_country) out.set_nearest_country(explanation.nearest_country->text());
  out.set_calibration(explanation.calibration);
}

void fill(const Heard& heard, v1::Explanation::Heard& out) {
  out.set_knocks(heard.knocks);
  out.set_knocks_elsewhere(heard.elsewhere);
  out.set_proofs(heard.proofs);
  out.set_proofs_refused(heard.proofs_refused);
  out.set_last_knock_unix_ns(heard.last_knock.since_epoch.count());
  out.set_last_proof_unix_ns(heard.last_proof.since_epoch.count());
  for (const std::string& name : heard.anchors_twice) out.add_anchors_twice(name);
}

void fill(const Resolution& resolution, v1::Resolution& out) {
  const Resolution::By& first = resolution.by.front();
  out.set_anchors(resolution.anchors);
  fill(first.place, *out.mutable_near());
  out.set_rtt_below_ns(first.below.value_or(Nanoseconds{0}).count());
  out.set_kind(std::string{name_of(resolution.kind)});
  for (const std::string& name : resolution.excludes) out.add_excludes(name);
  out.set_settles(resolution.settles);
  for (const Resolution::By& one : resolution.by) {
    v1::ResolutionAnchor& by = *out.add_by();
    by.set_anchor(one.anchor);
    fill(one.place, *by.mutable_near());
    if (one.country) by.set_country(one.country->text());
    by.set_rtt_below_ns(one.below.value_or(Nanoseconds{0}).count());
    by.set_rtt_usual_ns(one.usual.count());
    by.set_rtt_has_ns(one.has.value_or(Nanoseconds{0}).count());
  }
}

void fill(const Explanation& explanation, const Sealed& sealed, v1::Explanation& out) {
  if (explanation.estimate) fill(*explanation.estimate, explanation, *out.mutable_estimate());
  for (std::size_t i = 0; i < explanation.residuals_km.size(); ++i) {
    if (!sealed.anchors[i].used || !std::isfinite(explanation.residuals_km[i])) continue;
    v1::Explanation::Residual& residual = *out.add_residuals();
    residual.set_anchor(static_cast<std::uint32_t>(i));
    residual.set_km(explanation.residuals_km[i]);
  }
  if (explanation.posterior) *out.mutable_posterior() = to_record(*explanation.posterior);
  out.set_posterior_left_out(explanation.posterior_left_out);
  for (const std::string& hint : explanation.would_resolve) out.add_would_resolve(hint);
  if (const auto& resolution = explanation.resolution_before) {
    v1::Resolution& r = *out.mutable_resolution();
    r.set_anchors(resolution->perspectives);
    fill(resolution->place, *r.mutable_near());
    r.set_rtt_below_ns(resolution->rtt_below.count());
  }
  for (const Resolution& resolution : explanation.resolutions) fill(resolution, *out.add_resolutions());
  fill(explanation.suspicions, *out.mutable_suspicions());
  if (explanation.silence) {
    fill(explanation.silence->seen.heard, *out.mutable_heard());
    *out.mutable_silence() = to_record(*explanation.silence);
  }
}

void fill(const AnchorFinding& finding, Kilometers bound, v1::Sealed::Anchor& out) {
  out.set_name(finding.anchor.name);
  out.set_id(string_of(finding.anchor.id.bytes));
  fill(finding.anchor.place, *out.mutable_place());
  out.set_answered(finding.answered);
  out.set_used(finding.used);
  out.set_samples(finding.samples);
  out.set_note(finding.note);
  if (!finding.used) return;
  out.set_rtt_min_ns(finding.rtt_min.count());
  out.set_rtt_least_ns(finding.rtt_least.count());
  out.set_rtt_next_ns(finding.rtt_next.count());
  out.set_counted_sequence(finding.counted_sequence);
  out.set_source(static_cast<v1::StampSource>(finding.source));
  out.set_bound_km(bound.km());
}

void fill(const AnchorFinding& finding, Kilometers bound, v1::AnchorEvidence& out) {
  out.set_anchor(finding.anchor.name);
  out.set_anchor_id(string_of(finding.anchor.id.bytes));
  fill(finding.anchor.place, *out.mutable_place());
  out.set_answered(true);
  out.set_used(true);
  out.set_samples(finding.samples);
  out.set_rtt_min_ns(finding.rtt_min.count());
  out.set_rtt_least_ns(finding.rtt_least.count());
  out.set_rtt_next_ns(finding.rtt_next.count());
  out.set_counted_sequence(finding.counted_sequence);
  out.set_source(static_cast<v1::StampSource>(finding.source));
  out.set_bound_km(bound.km());
}

void fill(const KeyHolder& holder, v1::KeyHolder& out) {
  out.set_round_id(string_of(holder.round.bytes));
  if (holder.statement_sha256) out.set_statement_sha256(string_of(holder.statement_sha256->bytes));
  out.set_boot_count(holder.boot_count);
  out.set_round_counter(holder.round_counter);
  for (std::size_t i = 0; i < holder.anchors.size(); ++i)
    fill(holder.anchors[i], holder.bounds[i], *out.add_anchors());
  if (holder.place) {
    fill(holder.place->centre, *out.mutable_region_centre());
    out.set_region_radius_km(holder.place->radius.km());
    if (holder.region) out.set_region_geojson(region_geojson(*holder.region));
  }
  for (const CountryCode code : holder.countries) out.add_countries(code.text());
  out.set_from_unix_ns(holder.from.since_epoch.count());
  out.set_to_unix_ns(holder.to.since_epoch.count());
}

/// The region's extent takes a tenth of a verdict: it is the sighting's place already, where there is one.
std::optional<Region::Extent> extent_of(const Decision& decision) {
  if (decision.sighting) return decision.sighting->place;
  return decision.sealed.region->extent();
}

void fill_sealed(const Decision& decision, v1::Sealed& out) {
  const Sealed& sealed = decision.sealed;
  for (std::size_t i = 0; i < sealed.anchors.size(); ++i)
    fill(sealed.anchors[i], sealed.bounds[i], *out.add_anchors());
  for (const KeyHolder& holder : sealed.holders) fill(holder, *out.add_holders());
  if (!sealed.region || sealed.region->is_everything()) return;
  if (const auto extent = extent_of(decision)) {
    fill(extent->centre, *out.mutable_region_centre());
    out.set_region_radius_km(extent->radius.km());
  }
  out.set_region_geojson(region_geojson(*sealed.region));
}

void fill(const EvidenceIndex& index, v1::EvidenceIndex& out) {
  for (const Digest& ticket : index.tickets) out.add_tickets(string_of(ticket.bytes));
  if (index.close_order) out.set_close_order(string_of(index.close_order->bytes));
  for (const auto& [anchor, digest] : index.reports) {
    v1::EvidenceIndex::Report& report = *out.add_reports();
    report.set_anchor_id(string_of(anchor.bytes));
    report.set_sha256(string_of(digest.bytes));
  }
  for (const Digest& statement : index.statements) out.add_statements(string_of(statement.bytes));
}

}  // namespace

v1::Posterior to_record(const Suggestion& suggestion) {
  constexpr double kWorthNaming = 0.001;
  v1::Posterior out;
  fill(suggestion.places.place, *out.mutable_place());
  out.set_radius95_km(suggestion.places.credible95_radius_km);
  for (const auto& [code, probability] : suggestion.places.countries) {
    if (probability < kWorthNaming) break;
    v1::Posterior::Country& country = *out.add_countries();
    country.set_country(code.text());
    country.set_probability(probability);
  }
  out.set_common_delay_ms(suggestion.places.common_delay_ms);
  out.set_relay_score(suggestion.relay.gain);
  out.set_relay_delay_ms(suggestion.relay.delay_ms);
  out.set_method(suggestion.method);
  return out;
}

Heard heard_from(const v1::Explanation::Heard& record) {
  return {.knocks = record.knocks(),
          .elsewhere = record.knocks_elsewhere(),
          .proofs = record.proofs(),
          .proofs_refused = record.proofs_refused(),
          .last_knock = WallTime{Nanoseconds{record.last_knock_unix_ns()}},
          .last_proof = WallTime{Nanoseconds{record.last_proof_unix_ns()}},
          .anchors_twice = {record.anchors_twice().begin(), record.anchors_twice().end()}};
}

VerdictNames names_of(const RoundContext& context, const ByteArray<16>& verdict_id,
                      const Digest& context_sha256) {
  VerdictNames out{.verdict_id = verdict_id,
                   .round = context.round,
                   .chip = context.chip,
                   .context_sha256 = context_sha256};
  if (context.explained_by == kExplainedBefore) return out;
  out.serial = context.serial;
  out.licence = context.claim.licence;
  out.licence_holder = context.licence_holder;
  return out;
}

v1::VerdictRecord to_record(const Decision& decision, const Explanation& explanation,
                            const VerdictNames& names) {
  v1::VerdictRecord out;
  out.set_verdict_id(string_of(names.verdict_id));
  out.set_round_id(string_of(names.round.bytes));
  out.set_chip_id(string_of(names.chip.bytes));
  out.set_decided_unix_ns(decision.decided.since_epoch.count());
  out.set_expires_unix_ns(decision.expires.since_epoch.count());
  out.set_context_sha256(string_of(names.context_sha256.bytes));
  fill(decision.judged, *out.mutable_judged());
  fill(decision.finding, *out.mutable_finding());
  fill(explanation, decision.sealed, *out.mutable_explanation());
  fill_sealed(decision, *out.mutable_sealed());
  out.set_serial(names.serial);
  out.set_licence(names.licence);
  out.set_licence_holder(names.licence_holder);
  return out;
}

ByteVector record_bytes(const v1::VerdictRecord& record) { return canonical_bytes(record); }

}  // namespace chiploc
