#include "server/verifier/verdict_view.hpp"

namespace chiploc {
namespace {

void view(const v1::Finding& finding, v1::Verdict& out) {
  out.set_state(finding.state());
  *out.mutable_reasons() = finding.reasons();
  out.set_speed_km_s(finding.speed_km_s());
  out.set_speed_name(finding.speed_name());
  out.set_fault_budget(finding.fault_budget());
  out.set_fault_budget_max(finding.fault_budget_max());
  *out.mutable_hinges() = finding.hinges();
  *out.mutable_countries() = finding.countries();
  *out.mutable_licensed() = finding.licensed();
  *out.mutable_prohibited() = finding.prohibited();
  for (const v1::NamedDigest& area : finding.areas())
    (*out.mutable_area_sha256())[area.name()] = area.sha256();
  out.set_margin_km(finding.margin_km());
  *out.mutable_prohibited_margins() = finding.prohibited_margins();
  out.set_software_version(finding.software_version());
  out.set_borders_version(finding.borders_version());
  out.set_policy_version(finding.policy_version());
}

void view(const v1::Sealed& sealed, v1::Verdict& out) {
  for (const v1::Sealed::Anchor& from : sealed.anchors()) {
    v1::AnchorEvidence& anchor = *out.add_anchors();
    anchor.set_anchor(from.name());
    anchor.set_anchor_id(from.id());
    anchor.set_answered(from.answered());
    anchor.set_used(from.used());
    anchor.set_note(from.note());
    *anchor.mutable_place() = from.place();
    anchor.set_samples(from.samples());
    anchor.set_rtt_min_ns(from.rtt_min_ns());
    anchor.set_source(from.source());
    anchor.set_counted_sequence(from.counted_sequence());
    anchor.set_rtt_least_ns(from.rtt_least_ns());
    anchor.set_rtt_next_ns(from.rtt_next_ns());
    anchor.set_bound_km(from.bound_km());
  }
  if (sealed.has_region_centre()) *out.mutable_region_centre() = sealed.region_centre();
  out.set_region_radius_km(sealed.region_radius_km());
  out.set_region_geojson(sealed.region_geojson());
  *out.mutable_holders() = sealed.holders();
}

void view(const v1::Explanation& explanation, v1::Verdict& out) {
  out.mutable_reasons()->MergeFrom(explanation.suspicions());
  if (explanation.has_estimate()) *out.mutable_estimate() = explanation.estimate();
  for (const v1::Explanation::Residual& residual : explanation.residuals()) {
    if (residual.anchor() < static_cast<std::uint32_t>(out.anchors_size()))
      out.mutable_anchors(static_cast<int>(residual.anchor()))->set_residual_km(residual.km());
  }
  if (explanation.has_posterior()) *out.mutable_posterior() = explanation.posterior();
  *out.mutable_would_resolve() = explanation.would_resolve();
  *out.mutable_resolutions() = explanation.resolutions();
  if (explanation.has_resolution()) *out.mutable_resolution() = explanation.resolution();
  if (explanation.has_silence()) *out.mutable_silence() = explanation.silence();
  if (!out.resolutions().empty()) *out.mutable_resolution() = out.resolutions(0);
}

}  // namespace

v1::Verdict to_verdict(const v1::VerdictRecord& record) {
  v1::Verdict out;
  out.set_verdict_id(record.verdict_id());
  out.set_round_id(record.round_id());
  out.set_chip_id(record.chip_id());
  out.set_decided_unix_ns(record.decided_unix_ns());
  out.set_expires_unix_ns(record.expires_unix_ns());
  out.set_serial(record.serial());
  out.set_licence(record.licence());
  out.set_licence_holder(record.licence_holder());
  view(record.finding(), out);
  view(record.sealed(), out);
  view(record.explanation(), out);
  return out;
}

bool read_verdict(const std::string& bytes, unsigned format, v1::Verdict& out) {
  if (format == 0) return out.ParseFromString(bytes);
  v1::VerdictRecord record;
  if (format != 1 || !record.ParseFromString(bytes)) return false;
  out = to_verdict(record);
  return true;
}

}  // namespace chiploc
