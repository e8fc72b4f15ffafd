#include "server/service/json_view.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "proto/base/bytes.hpp"
#include "server/service/json_parts.hpp"
#include "server/service/status_json.hpp"

namespace chiploc {
namespace {

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
  Json out =
      object_of({{"chip_id", hex_of(chip.chip_id())},
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
                 {"last_verdict", chip.has_last_verdict() ? json_of(chip.last_verdict()) : Json(nullptr)}},
                /*more=*/12);
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
          {"place", place_json(anchor.place())},
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

}  // namespace chiploc
