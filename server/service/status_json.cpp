#include "server/service/status_json.hpp"

#include "server/service/json_parts.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {
namespace {

Json ids_json(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  Json out = Json::array();
  for (const std::string& id : ids) out.push_back(hex_of(id));
  return out;
}

Json sealed_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of_absence(const v1::ChipAbsence& absence) {
  const std::string& certificate = absence.certificate_sha256();
  return object_of({{"from", iso_time(absence.from_unix_ns())},
                    {"until", iso_time(absence.until_unix_ns())},
                    {"kind", absence_kind_name(absence.kind())},
                    {"reason", sealed_text(absence.reason())},
                    {"declared_by", sealed_text(absence.declared_by())},
                    {"certificate_sha256", certificate.empty() ? Json(nullptr) : Json(hex_of(certificate))},
                    {"declared_at", iso_time(absence.declared_unix_ns())}});
}

Json json_of_past(const v1::ChipAbsence& absence) {
  Json out = json_of_absence(absence);
  const bool ended = absence.ended_unix_ns() != 0;
  out["ended_at"] = ended ? Json(iso_time(absence.ended_unix_ns())) : Json(nullptr);
  out["ended_by"] = sealed_text(absence.ended_by());
  return out;
}

}  // namespace

std::string chip_state_name(v1::ChipState state) {
  if (state == v1::CHIP_STATE_UNSPECIFIED || !v1::ChipState_IsValid(state)) return "unknown";
  return std::string{name_of(static_cast<ChipState>(state - v1::CHIP_PENDING))};
}

v1::ChipState chip_state_named(std::string_view name) {
  const auto state = chip_state_of(name);
  return state ? static_cast<v1::ChipState>(static_cast<int>(*state) + v1::CHIP_PENDING)
               : v1::CHIP_STATE_UNSPECIFIED;
}

std::string absence_kind_name(v1::AbsenceKind kind) {
  switch (kind) {
    case v1::ABSENT_IN_TRANSIT:
      return "transit";
    case v1::ABSENT_IN_STORAGE:
      return "storage";
    case v1::ABSENT_FOR_MAINTENANCE:
      return "maintenance";
    default:
      return "unknown";  // protobuf enums are open
  }
}

Json json_of(const v1::ChipStatus& status) {
  Json absences = Json::array();
  for (const auto& absence : status.absences()) absences.push_back(json_of_absence(absence));
  Json past = Json::array();
  for (const auto& absence : status.past_absences()) past.push_back(json_of_past(absence));
  const bool ends = status.next_unix_ns() != 0;
  return object_of({{"state", chip_state_name(status.state())},
                    {"since", iso_time(status.since_unix_ns())},
                    {"rests_on", ids_json(status.rests_on())},
                    {"why", status.why()},
                    {"ended_by", status.ended_by()},
                    {"next_at", ends ? Json(iso_time(status.next_unix_ns())) : Json(nullptr)},
                    {"next", ends ? Json(chip_state_name(status.next())) : Json(nullptr)},
                    {"in_dispute", status.in_dispute() == v1::CHIP_STATE_UNSPECIFIED
                                       ? Json(nullptr)
                                       : Json(chip_state_name(status.in_dispute()))},
                    {"absences", std::move(absences)},
                    {"past_absences", std::move(past)}});
}

Json json_of(const v1::ChipStatusRow& row) {
  Json out{{"chip_id", hex_of(row.chip_id())},
           {"device_id", hex_of(row.device_id())},
           {"serial", row.serial()},
           {"licence", row.licence()}};
  const Json status = json_of(row.status());
  for (const auto& [key, value] : status.items()) {
    if (key != "absences" && key != "past_absences") out[key] = value;  // of one chip that is asked for
  }
  return out;
}

Json json_of(const v1::ChipStatusChange& change) {
  return object_of({{"at", iso_time(change.at_unix_ns())},
                    {"chip_id", hex_of(change.chip_id())},
                    {"device_id", hex_of(change.device_id())},
                    {"serial", change.serial()},
                    {"licence", change.licence()},
                    {"from", chip_state_name(change.from())},
                    {"to", chip_state_name(change.to())},
                    {"rests_on", ids_json(change.rests_on())},
                    {"why", change.why()}});
}

Json chips_by_status(const v1::GetStatusResponse& status) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kChipStates; ++i) {
    const std::string name{name_of(static_cast<ChipState>(i))};
    const auto at = status.chips_by_status().find(name);
    out[name] = at == status.chips_by_status().end() ? 0 : at->second;
  }
  return out;
}

}  // namespace chiploc
