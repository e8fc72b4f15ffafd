#include "server/verifier/verdict_record.hpp"

#include <cmath>

#include "geo/geojson.hpp"

namespace chiploc {
namespace {

void fill_position(LatLon place, v1::Position& out) {
  out.set_lat_deg(place.lat_deg());
  out.set_lon_deg(place.lon_deg());
}

void fill_anchors(const Verdict& verdict, v1::Verdict& out) {
  for (std::size_t i = 0; i < verdict.anchors.size(); ++i) {
    const AnchorFinding& finding = verdict.anchors[i];
    v1::AnchorEvidence& anchor = *out.add_anchors();
    anchor.set_anchor(finding.anchor.name);
    anchor.set_anchor_id(string_of(finding.anchor.id.bytes));
    anchor.set_answered(finding.answered);
    anchor.set_used(finding.used);
    anchor.set_note(finding.note);
    fill_position(finding.anchor.place, *anchor.mutable_place());
    anchor.set_samples(finding.samples);
    if (!finding.used) continue;
    anchor.set_rtt_min_ns(finding.rtt_min.count());
    anchor.set_source(static_cast<v1::StampSource>(finding.source));
    anchor.set_counted_sequence(finding.counted_sequence);
    anchor.set_rtt_least_ns(finding.rtt_least.count());
    anchor.set_rtt_next_ns(finding.rtt_next.count());
    anchor.set_bound_km(verdict.bounds[i].km());
    if (std::isfinite(verdict.residuals_km[i])) anchor.set_residual_km(verdict.residuals_km[i]);
  }
}

void fill_estimate(const FitReport& fit, const VerdictContext& context, v1::Estimate& out) {
  out.set_converged(fit.converged);
  fill_position(fit.place, *out.mutable_place());
  out.set_offset_km(fit.offset_km);
  const double east = std::sqrt(std::max(0.0, fit.covariance.east_east));
  const double north = std::sqrt(std::max(0.0, fit.covariance.north_north));
  out.set_east_sd_km(east);
  out.set_north_sd_km(north);
  if (east > 0.0 && north > 0.0) out.set_correlation(fit.covariance.east_north / (east * north));
  if (const auto country = context.borders.country_at(fit.place)) out.set_nearest_country(country->text());
  out.set_calibration(context.calibration.version);
}

void fill_region(const Region& region, v1::Verdict& out) {
  if (region.is_everything()) return;
  if (const auto extent = region.extent()) {
    fill_position(extent->centre, *out.mutable_region_centre());
    out.set_region_radius_km(extent->radius.km());
  }
  out.set_region_geojson(region_geojson(region));
}

}  // namespace

v1::Posterior to_record(const Suggestion& suggestion) {
  constexpr double kWorthNaming = 0.001;
  v1::Posterior out;
  fill_position(suggestion.places.place, *out.mutable_place());
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

v1::Verdict to_record(const Verdict& verdict, const VerdictContext& context) {
  v1::Verdict out;
  out.set_verdict_id(string_of(context.verdict_id));
  out.set_round_id(string_of(context.round.bytes));
  out.set_chip_id(string_of(context.chip.bytes));
  out.set_state(static_cast<v1::VerdictState>(verdict.state));
  for (const Reason& reason : verdict.reasons) {
    v1::Reason& r = *out.add_reasons();
    r.set_code(reason.code);
    r.set_text(reason.text);
  }
  out.set_speed_km_s(context.policy.speed.km_s());
  out.set_speed_name(context.policy.speed_name);
  out.set_fault_budget(verdict.proof.fault_budget);
  out.set_fault_budget_max(verdict.proof.fault_budget_max);
  for (const std::string& hinge : verdict.proof.hinges) out.add_hinges(hinge);
  fill_anchors(verdict, out);
  for (const CountryCode code : verdict.proof.countries) out.add_countries(code.text());
  for (const CountryCode code : context.claim.licensed) out.add_licensed(code.text());
  for (const CountryCode code : context.claim.prohibited) out.add_prohibited(code.text());
  const auto fill_areas = [&out](const std::vector<NamedArea>& areas, auto add) {
    for (const NamedArea& area : areas) {
      add(area.name);
      (*out.mutable_area_sha256())[area.name] = string_of(area.geojson_sha256.bytes);
    }
  };
  fill_areas(context.claim.licensed_areas, [&out](const std::string& name) { out.add_licensed(name); });
  fill_areas(context.claim.prohibited_areas, [&out](const std::string& name) { out.add_prohibited(name); });
  out.set_margin_km(verdict.proof.margin.km());
  if (verdict.region) fill_region(*verdict.region, out);
  if (verdict.estimate) fill_estimate(*verdict.estimate, context, *out.mutable_estimate());
  out.set_decided_unix_ns(verdict.decided.since_epoch.count());
  out.set_expires_unix_ns(verdict.expires.since_epoch.count());
  out.set_software_version(CHIPLOC_VERSION);
  out.set_borders_version(std::string{context.borders.version()});
  out.set_policy_version(context.policy.version);
  for (const std::string& hint : verdict.would_resolve) out.add_would_resolve(hint);
  for (const TerritoryMargin& margin : verdict.proof.margins) {
    v1::TerritoryMargin& m = *out.add_prohibited_margins();
    m.set_territory(margin.territory);
    m.set_distance_km(margin.distance.km());
  }
  if (const auto& resolution = verdict.proof.resolution) {
    v1::Resolution& r = *out.mutable_resolution();
    r.set_anchors(resolution->perspectives);
    fill_position(resolution->place, *r.mutable_near());
    r.set_rtt_below_ns(resolution->rtt_below.count());
  }
  return out;
}

}  // namespace chiploc
