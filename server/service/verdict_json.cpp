// Verdicts as JSON: with their proofs, as they come, and judged again.
#include <utility>

#include "server/service/json_parts.hpp"

namespace chiploc {
namespace {

Json json_of(const v1::Resolution& resolution) {
  Json by = Json::array();
  for (const auto& one : resolution.by()) {
    by.push_back({{"anchor", text_or_null(one.anchor())},
                  {"near", place_json(one.near())},
                  {"country", text_or_null(one.country())},
                  {"rtt_below_ns", ns_or_null(one.rtt_below_ns())},
                  {"rtt_usual_ns", one.rtt_usual_ns()},
                  {"rtt_has_ns", ns_or_null(one.rtt_has_ns())}});
  }
  return object_of({{"anchors", resolution.anchors()},
                    {"near", place_json(resolution.near())},
                    {"rtt_below_ns", ns_or_null(resolution.rtt_below_ns())},
                    {"kind", text_or_null(resolution.kind())},
                    {"excludes", list_of(resolution.excludes())},
                    {"settles", resolution.settles()},
                    {"by", std::move(by)}});
}

Json json_of(const v1::Estimate& estimate) {
  return object_of({{"converged", estimate.converged()},
                    {"place", place_json(estimate.place())},
                    {"offset_km", estimate.offset_km()},
                    {"east_sd_km", estimate.east_sd_km()},
                    {"north_sd_km", estimate.north_sd_km()},
                    {"correlation", estimate.correlation()},
                    {"nearest_country", estimate.nearest_country()},
                    {"calibration", estimate.calibration()}});
}

Json json_of(const v1::Posterior& posterior) {
  Json countries = Json::array();
  for (const auto& country : posterior.countries())
    countries.push_back({{"country", country.country()}, {"probability", country.probability()}});
  return object_of({{"place", place_json(posterior.place())},
                    {"radius95_km", posterior.radius95_km()},
                    {"countries", std::move(countries)},
                    {"common_delay_ms", posterior.common_delay_ms()},
                    {"relay_score", posterior.relay_score()},
                    {"relay_delay_ms", posterior.relay_delay_ms()},
                    {"method", posterior.method()}});
}

Json json_of(const v1::AnchorEvidence& anchor) {
  return object_of(
      {{"anchor", anchor.anchor()},
       {"anchor_id", hex_of(anchor.anchor_id())},
       {"answered", anchor.answered()},
       {"used", anchor.used()},
       {"samples", anchor.samples()},
       {"rtt_min_ns", anchor.rtt_min_ns() > 0 ? Json(anchor.rtt_min_ns()) : Json(nullptr)},
       {"counted_sequence", anchor.rtt_least_ns() > 0 ? Json(anchor.counted_sequence()) : Json(nullptr)},
       {"rtt_least_ns", anchor.rtt_least_ns() > 0 ? Json(anchor.rtt_least_ns()) : Json(nullptr)},
       {"rtt_next_ns", anchor.rtt_next_ns() > 0 ? Json(anchor.rtt_next_ns()) : Json(nullptr)},
       {"bound_km", anchor.rtt_min_ns() > 0 ? Json(anchor.bound_km()) : Json(nullptr)},
       {"source", source_name(anchor.source())},
       {"note", anchor.note()},
       {"residual_km", anchor.used() ? Json(anchor.residual_km()) : Json(nullptr)},
       {"place", anchor.has_place() ? place_json(anchor.place()) : Json(nullptr)}});
}

Json json_of(const v1::Silence& silence) {
  Json causes = Json::array();
  for (const auto& cause : silence.causes())
    causes.push_back({{"code", cause.code()}, {"text", cause.text()}});
  return {
      {"reached", silence.reached()},
      {"causes", std::move(causes)},
      {"knocks", silence.knocks()},
      {"waited_ns", silence.waited_ns()},
      {"last_knock_at", time_or_null(silence.last_knock_unix_ns())},
      {"last_proof_at", time_or_null(silence.last_proof_unix_ns())},
      {"knocks_every_ns", silence.knocks_every_ns() == 0 ? Json(nullptr) : Json(silence.knocks_every_ns())},
      {"anchors", silence.anchors()},
      {"anchors_reported", silence.anchors_reported()},
      {"anchors_rendezvous", silence.anchors_rendezvous()},
      {"knocks_seen", silence.knocks_seen()},
      {"proofs_seen", silence.proofs_seen()},
      {"proofs_refused", silence.proofs_refused()},
      {"tickets_sent", silence.tickets_sent()},
      {"opens_seen", silence.opens_seen()},
      {"sessions", silence.sessions()},
      {"pings_sent", silence.pings_sent()},
      {"pings_answered", silence.pings_answered()},
      {"rejects_by_chip", counts_of(silence.rejects_by_chip())},
      {"rejects_by_anchors", counts_of(silence.rejects_by_anchors())},
      {"anchors_twice", list_of(silence.anchors_twice())}};
}

/// Of a verdict, or of one of two holders.
template <class Located>
Json region_of(const Located& located) {
  if (!located.has_region_centre()) return nullptr;
  Json geometry = Json::parse(located.region_geojson(), nullptr, /*allow_exceptions=*/false);
  return object_of({{"centre", place_json(located.region_centre())},
                    {"radius_km", located.region_radius_km()},
                    {"geometry", geometry.is_discarded() ? Json(nullptr) : std::move(geometry)}});
}

Json json_of(const v1::KeyHolder& holder) {
  Json anchors = Json::array();
  for (const auto& anchor : holder.anchors()) anchors.push_back(json_of(anchor));
  return object_of({{"round_id", hex_of(holder.round_id())},
                    {"statement_sha256", text_or_null(hex_of(holder.statement_sha256()))},
                    {"boot_count", holder.boot_count()},
                    {"round_counter", holder.round_counter()},
                    {"from", time_or_null(holder.from_unix_ns())},
                    {"to", time_or_null(holder.to_unix_ns())},
                    {"region", region_of(holder)},
                    {"countries", list_of(holder.countries())},
                    {"anchors", std::move(anchors)}});
}

}  // namespace

Json json_of(const v1::Verdict& verdict) {
  Json reasons = Json::array();
  for (const auto& reason : verdict.reasons())
    reasons.push_back({{"code", reason.code()}, {"text", reason.text()}});
  Json codes = Json::array();  // the same once more, for spreadsheets
  for (const auto& reason : verdict.reasons()) codes.push_back(reason.code());
  Json anchors = Json::array();
  for (const auto& anchor : verdict.anchors()) anchors.push_back(json_of(anchor));
  Json resolutions = Json::array();
  for (const auto& resolution : verdict.resolutions()) resolutions.push_back(json_of(resolution));
  Json holders = Json::array();
  for (const auto& holder : verdict.holders()) holders.push_back(json_of(holder));
  Json margins = Json::array();
  for (const auto& margin : verdict.prohibited_margins())
    margins.push_back({{"territory", margin.territory()}, {"distance_km", margin.distance_km()}});
  Json areas = Json::object();
  for (const auto& [name, digest] : verdict.area_sha256()) areas[name] = hex_of(digest);
  return object_of({{"verdict_id", hex_of(verdict.verdict_id())},
                    {"round_id", hex_of(verdict.round_id())},
                    {"chip_id", hex_of(verdict.chip_id())},
                    {"serial", text_or_null(verdict.serial())},
                    {"licence", text_or_null(verdict.licence())},
                    {"licence_holder", text_or_null(verdict.licence_holder())},
                    {"state", state_name(verdict.state())},
                    {"reasons", std::move(reasons)},
                    {"reason_codes", std::move(codes)},
                    {"speed_km_s", verdict.speed_km_s()},
                    {"speed_name", verdict.speed_name()},
                    {"fault_budget", verdict.fault_budget()},
                    {"fault_budget_max", verdict.fault_budget_max()},
                    {"hinges", list_of(verdict.hinges())},
                    {"countries", list_of(verdict.countries())},
                    {"licensed", list_of(verdict.licensed())},
                    {"prohibited", list_of(verdict.prohibited())},
                    {"margin_km", verdict.margin_km() == 0 ? Json(nullptr) : Json(verdict.margin_km())},
                    {"prohibited_margins", std::move(margins)},
                    {"region", region_of(verdict)},
                    {"estimate", verdict.has_estimate() ? json_of(verdict.estimate()) : Json(nullptr)},
                    {"posterior", verdict.has_posterior() ? json_of(verdict.posterior()) : Json(nullptr)},
                    {"anchors", std::move(anchors)},
                    {"would_resolve", list_of(verdict.would_resolve())},
                    {"resolution", verdict.has_resolution() ? json_of(verdict.resolution()) : Json(nullptr)},
                    {"silence", verdict.has_silence() ? json_of(verdict.silence()) : Json(nullptr)},
                    {"resolutions", std::move(resolutions)},
                    {"holders", std::move(holders)},
                    {"decided_at", iso_time(verdict.decided_unix_ns())},
                    {"expires_at", iso_time(verdict.expires_unix_ns())},
                    {"software_version", verdict.software_version()},
                    {"borders_version", verdict.borders_version()},
                    {"area_sha256", std::move(areas)},
                    {"policy_version", verdict.policy_version()}});
}

Json json_of(const v1::VerifyEvent& event) {
  switch (event.body_case()) {
    case v1::VerifyEvent::kStarted:
      return {{"event", "started"},
              {"round_id", hex_of(event.started().round_id())},
              {"anchors", list_of(event.started().anchors())},
              {"knock_wait_ms", event.started().knock_wait_ms()},
              {"knock_note", event.started().knock_note()}};
    case v1::VerifyEvent::kProgress: {
      const auto& progress = event.progress();
      return {{"event", "progress"},
              {"anchor", progress.anchor()},
              {"stage", progress.stage()},
              {"pings_sent", progress.pings_sent()},
              {"pongs_received", progress.pongs_received()},
              {"rtt_min_ns", progress.rtt_min_ns() == 0 ? Json(nullptr) : Json(progress.rtt_min_ns())},
              {"twice", progress.twice()},
              {"refusals", progress.refusals()},
              {"refusal", progress.refusal()}};
    }
    case v1::VerifyEvent::kVerdict:
      return {{"event", "verdict"}, {"verdict", json_of(event.verdict())}};
    case v1::VerifyEvent::BODY_NOT_SET:
      break;
  }
  return {{"event", "unknown"}};
}

Json intent_json(const v1::RoundEvidence& evidence) {
  return object_of(
      {{"round_id", hex_of(evidence.round_id())},
       {"chip_id", hex_of(evidence.chip_id())},
       {"requested_by", evidence.requested_by()},
       {"requested_with",
        evidence.requested_with().empty() ? Json(nullptr) : Json(hex_of(evidence.requested_with()))},
       {"intent_at", iso_time(evidence.intent_unix_ns())},
       {"certificate_standing", evidence.certificate_standing()},
       {"certificate_problem", evidence.certificate_problem()}});
}

namespace {

std::string outcome_name(v1::ReplayOutcome outcome) {
  switch (outcome) {
    case v1::REPLAY_SAME:
      return "same";
    case v1::REPLAY_WRONG_DIGEST:
      return "wrong_digest";
    case v1::REPLAY_DIFFERS:
      return "differs";
    case v1::REPLAY_OTHER_POLICY:
      return "other_policy";
    case v1::REPLAY_CANNOT:
      return "cannot_be_judged";
    default:
      return "unknown";  // protobuf enums are open
  }
}

}  // namespace

Json json_of(const v1::ReplayVerdictResponse& replay) {
  return object_of({{"verdict_id", hex_of(replay.verdict_id())},
                    {"outcome", outcome_name(replay.outcome())},
                    {"wrong_digests", list_of(replay.wrong_digests())},
                    {"differences", list_of(replay.differences())},
                    {"cannot_because", text_or_null(replay.cannot_because())},
                    {"software_version", text_or_null(replay.software_version())},
                    {"other_software", replay.other_software()},
                    {"verdict", replay.has_verdict() ? json_of(replay.verdict()) : Json(nullptr)}});
}

}  // namespace chiploc
