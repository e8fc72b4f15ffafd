#include "server/service/json_view.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/service/status_json.hpp"

namespace chiploc {
namespace {

template <class Repeated>
Json list_of(const Repeated& values) {
  Json out = Json::array();
  for (const auto& value : values) out.push_back(value);
  return out;
}

Json json_of(const v1::Position& place) {
  return {{"lat_deg", place.lat_deg()}, {"lon_deg", place.lon_deg()}};
}

Json time_or_null(std::int64_t unix_ns) { return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns)); }

/// 0 where there is none.
Json ns_or_null(std::int64_t ns) { return ns > 0 ? Json(ns) : Json(nullptr); }
Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const v1::Resolution& resolution) {
  Json by = Json::array();
  for (const auto& one : resolution.by()) {
    by.push_back({{"anchor", text_or_null(one.anchor())},
                  {"near", json_of(one.near())},
                  {"country", text_or_null(one.country())},
                  {"rtt_below_ns", ns_or_null(one.rtt_below_ns())},
                  {"rtt_usual_ns", one.rtt_usual_ns()},
                  {"rtt_has_ns", ns_or_null(one.rtt_has_ns())}});
  }
  return {{"anchors", resolution.anchors()},
          {"near", json_of(resolution.near())},
          {"rtt_below_ns", ns_or_null(resolution.rtt_below_ns())},
          {"kind", text_or_null(resolution.kind())},
          {"excludes", list_of(resolution.excludes())},
          {"settles", resolution.settles()},
          {"by", std::move(by)}};
}

Json json_of(const v1::Estimate& estimate) {
  return {{"converged", estimate.converged()},
          {"place", json_of(estimate.place())},
          {"offset_km", estimate.offset_km()},
          {"east_sd_km", estimate.east_sd_km()},
          {"north_sd_km", estimate.north_sd_km()},
          {"correlation", estimate.correlation()},
          {"nearest_country", estimate.nearest_country()},
          {"calibration", estimate.calibration()}};
}

Json json_of(const v1::Posterior& posterior) {
  Json countries = Json::array();
  for (const auto& country : posterior.countries())
    countries.push_back({{"country", country.country()}, {"probability", country.probability()}});
  return {{"place", json_of(posterior.place())},
          {"radius95_km", posterior.radius95_km()},
          {"countries", std::move(countries)},
          {"common_delay_ms", posterior.common_delay_ms()},
          {"relay_score", posterior.relay_score()},
          {"relay_delay_ms", posterior.relay_delay_ms()},
          {"method", posterior.method()}};
}

Json json_of(const v1::AnchorEvidence& anchor) {
  return {{"anchor", anchor.anchor()},
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
          {"place", anchor.has_place() ? json_of(anchor.place()) : Json(nullptr)}};
}

/// protobuf's maps have no order; readers want the same one every time.
template <class Counts>
Json counts_of(const Counts& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : std::map<std::string, std::uint64_t>{counts.begin(), counts.end()})
    out[name] = count;
  return out;
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
  return {{"centre", json_of(located.region_centre())},
          {"radius_km", located.region_radius_km()},
          {"geometry", geometry.is_discarded() ? Json(nullptr) : std::move(geometry)}};
}

Json json_of(const v1::KeyHolder& holder) {
  Json anchors = Json::array();
  for (const auto& anchor : holder.anchors()) anchors.push_back(json_of(anchor));
  return {{"round_id", hex_of(holder.round_id())},
          {"statement_sha256", text_or_null(hex_of(holder.statement_sha256()))},
          {"boot_count", holder.boot_count()},
          {"round_counter", holder.round_counter()},
          {"from", time_or_null(holder.from_unix_ns())},
          {"to", time_or_null(holder.to_unix_ns())},
          {"region", region_of(holder)},
          {"countries", list_of(holder.countries())},
          {"anchors", std::move(anchors)}};
}

std::tm utc_of(std::int64_t unix_ns, std::int64_t& milliseconds) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  std::int64_t seconds = unix_ns / kPerSecond;
  if (unix_ns % kPerSecond < 0) --seconds;
  // Not by taking the seconds off again: at the far end of the range their product does not fit.
  milliseconds = (unix_ns % kPerSecond + kPerSecond) % kPerSecond / 1'000'000;
  const std::time_t time = seconds;
  std::tm out{};
  ::gmtime_r(&time, &out);
  return out;
}

}  // namespace

std::string hex_of(std::string_view raw) { return to_hex(bytes_of(raw)); }

std::string iso_time(std::int64_t unix_ns) {
  std::int64_t milliseconds = 0;
  const std::tm utc = utc_of(unix_ns, milliseconds);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(milliseconds));
  return text.data();
}

std::string short_time(std::int64_t unix_ns) {
  if (unix_ns == 0) return "never";
  std::int64_t milliseconds = 0;
  const std::tm utc = utc_of(unix_ns, milliseconds);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &utc);
  return text.data();
}

std::string state_name(v1::VerdictState state) {
  return state != v1::VERDICT_STATE_UNSPECIFIED && v1::VerdictState_IsValid(state)
             ? v1::VerdictState_Name(state)
             : "UNKNOWN";
}

std::string source_name(v1::StampSource source) {
  switch (source) {
    case v1::STAMP_SOURCE_KERNEL_BOTH:
      return "kernel";
    case v1::STAMP_SOURCE_KERNEL_RECEIVE:
      return "kernel-receive";
    case v1::STAMP_SOURCE_USER_BOTH:
      return "user";
    case v1::STAMP_SOURCE_HARDWARE:
      return "hardware";
    case v1::STAMP_SOURCE_SIMULATED:
      return "simulated";
    default:
      return "";  // protobuf enums are open: a newer coordinator may know more
  }
}

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
  return {{"verdict_id", hex_of(verdict.verdict_id())},
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
          {"policy_version", verdict.policy_version()}};
}

Json json_of(const v1::CounterValues& counters) {
  return {{"boot_count", counters.boot_count()}, {"round_counter", counters.round_counter()}};
}

Json json_of(const v1::CounterStart& start) {
  return {{"at", iso_time(start.at_unix_ns())},
          {"started_by", start.started_by()},
          {"reason", start.reason().empty() ? Json(nullptr) : Json(start.reason())},
          {"signer_sha256", hex_of(start.signer_sha256())},
          {"before", start.has_before() ? json_of(start.before()) : Json(nullptr)}};
}

Json json_of(const v1::Chip& chip) {
  Json out{{"chip_id", hex_of(chip.chip_id())},
           {"device_id", hex_of(chip.device_id())},
           {"serial", chip.serial()},
           {"maker", chip.maker()},
           {"model", chip.model()},
           {"licence", chip.licence()},
           {"reach", chip.reach()},
           {"rounds", chip.rounds()},
           {"eccn", text_or_null(chip.eccn())},
           {"order", text_or_null(chip.order())},
           {"delivery", text_or_null(chip.delivery())},
           {"site", text_or_null(chip.site())},
           {"last_verdict", chip.has_last_verdict() ? json_of(chip.last_verdict()) : Json(nullptr)}};
  if (chip.certificate_pem().empty())
    return out;  // of a list: what follows is of one chip that was asked for
  out["certificate_pem"] = chip.certificate_pem();
  out["counters"] = chip.has_counters() ? json_of(chip.counters()) : Json(nullptr);
  Json starts = Json::array();
  for (const auto& start : chip.counter_starts()) starts.push_back(json_of(start));
  out["counter_starts"] = std::move(starts);
  out["issuers_pem"] = list_of(chip.issuers_pem());
  out["last_knock_at"] = time_or_null(chip.last_knock_unix_ns());
  out["last_proof_at"] = time_or_null(chip.last_proof_unix_ns());
  out["knocks_every_ns"] = chip.knocks_every_ns() == 0 ? Json(nullptr) : Json(chip.knocks_every_ns());
  Json last = Json::array();
  for (const auto& one : chip.last_of_state()) {
    last.push_back({{"state", state_name(one.state())},
                    {"decided_at", iso_time(one.decided_unix_ns())},
                    {"verdict_id", hex_of(one.verdict_id())}});
  }
  out["last_of_state"] = std::move(last);
  out["status"] = chip.has_status() ? json_of(chip.status()) : Json(nullptr);
  return out;
}

Json json_of(const v1::Licence& licence) {
  return {{"licence", licence.licence()},
          {"holder", licence.holder()},
          {"countries", list_of(licence.countries())},
          {"valid_from", licence.valid_from()},
          {"valid_to", licence.valid_to()},
          {"chips", licence.chips()},
          {"quantity", licence.quantity() == 0 ? Json(nullptr) : Json(licence.quantity())},
          {"end_user", text_or_null(licence.end_user())}};
}

Json json_of(const v1::Territory& territory) {
  const bool area = !territory.geojson_sha256().empty();
  return {{"territory", territory.territory()},
          {"countries", list_of(territory.countries())},
          {"area_km2", area ? Json(territory.area_km2()) : Json(nullptr)},
          {"geojson_sha256", area ? Json(hex_of(territory.geojson_sha256())) : Json(nullptr)}};
}

Json json_of(const v1::Anchor& anchor) {
  return {{"anchor", anchor.anchor()},
          {"anchor_id", hex_of(anchor.anchor_id())},
          {"place", json_of(anchor.place())},
          {"uncertainty_km", anchor.uncertainty_km()},
          {"operator_name", anchor.operator_name()},
          {"network", anchor.network()},
          {"address", anchor.address()},
          {"rendezvous", anchor.rendezvous()},
          {"connected", anchor.connected()},
          {"software_version", anchor.software_version()},
          {"last_seen_at", time_or_null(anchor.last_seen_unix_ns())},
          {"spool_dropped", anchor.spool_dropped()},
          {"place_problem", anchor.place_problem()},
          {"certificate_until", time_or_null(anchor.certificate_until_unix_ns())},
          {"refused", counts_of(anchor.refused())},
          {"twice_seen_at", time_or_null(anchor.twice_unix_ns())},
          {"twice_addresses", list_of(anchor.twice_at())}};
}

Json json_of(const v1::ImportFault& fault) {
  return {
      {"file", fault.file()}, {"line", fault.line()}, {"field", fault.field()}, {"problem", fault.problem()}};
}

namespace {

/// Every state, and what was never measured.
Json chips_by_state(const v1::GetStatusResponse& status) {
  Json out = Json::object();
  std::uint64_t measured = 0;
  for (int state = v1::VERIFIED; state <= v1::INVALID; ++state) {
    const std::string& name = v1::VerdictState_Name(static_cast<v1::VerdictState>(state));
    const auto at = status.chips_by_state().find(name);
    const std::uint64_t count = at == status.chips_by_state().end() ? 0 : at->second;
    out[name] = count;
    measured += count;
  }
  out["never_measured"] = status.chips() > measured ? status.chips() - measured : 0;
  return out;
}

}  // namespace

Json json_of(const v1::GetStatusResponse& status) {
  return {{"software_version", status.software_version()},
          {"borders_version", status.borders_version()},
          {"policy_version", status.policy_version()},
          {"calibration_version", status.calibration_version()},
          {"place_model_version", status.place_model_version()},
          {"anchors_connected", status.anchors_connected()},
          {"rounds_in_flight", status.rounds_in_flight()},
          {"started_at", time_or_null(status.started_unix_ns())},
          {"chips", status.chips()},
          {"chips_by_state", chips_by_state(status)},
          {"chips_by_status", chips_by_status(status)},
          {"gauges", counts_of(status.gauges())},
          {"counters", counts_of(status.counters())}};
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
  return {{"round_id", hex_of(evidence.round_id())},
          {"chip_id", hex_of(evidence.chip_id())},
          {"requested_by", evidence.requested_by()},
          {"requested_with",
           evidence.requested_with().empty() ? Json(nullptr) : Json(hex_of(evidence.requested_with()))},
          {"intent_at", iso_time(evidence.intent_unix_ns())},
          {"certificate_standing", evidence.certificate_standing()},
          {"certificate_problem", evidence.certificate_problem()}};
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
  return {{"verdict_id", hex_of(replay.verdict_id())},
          {"outcome", outcome_name(replay.outcome())},
          {"wrong_digests", list_of(replay.wrong_digests())},
          {"differences", list_of(replay.differences())},
          {"cannot_because", text_or_null(replay.cannot_because())},
          {"software_version", text_or_null(replay.software_version())},
          {"other_software", replay.other_software()},
          {"verdict", replay.has_verdict() ? json_of(replay.verdict()) : Json(nullptr)}};
}

}  // namespace chiploc
