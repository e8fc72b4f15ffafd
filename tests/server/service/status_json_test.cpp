#include "server/service/status_json.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

v1::ChipStatus drifted() {
  v1::ChipStatus status;
  status.set_state(v1::CHIP_DRIFTED);
  status.set_since_unix_ns(1'790'000'000'123'000'000);
  status.add_rests_on(std::string(16, '\x0a'));
  status.set_why("Proved outside.");
  status.set_ended_by("It ends.");
  return status;
}

TEST_CASE("status json: names go both ways, and what is newer is unknown", "[service]") {
  for (int state = v1::CHIP_PENDING; state <= v1::CHIP_ABSENT; ++state) {
    const std::string name = chip_state_name(static_cast<v1::ChipState>(state));
    CHECK(name != "unknown");
    CHECK(chip_state_named(name) == state);
  }
  CHECK(chip_state_name(v1::CHIP_PENDING) == "pending");
  CHECK(chip_state_name(v1::CHIP_ABSENT) == "absent");
  CHECK(chip_state_name(v1::CHIP_STATE_UNSPECIFIED) == "unknown");
  CHECK(chip_state_name(static_cast<v1::ChipState>(11)) == "unknown");
  CHECK(chip_state_named("green") == v1::CHIP_STATE_UNSPECIFIED);
  CHECK(absence_kind_name(v1::ABSENT_IN_TRANSIT) == "transit");
  CHECK(absence_kind_name(v1::ABSENT_IN_STORAGE) == "storage");
  CHECK(absence_kind_name(v1::ABSENT_FOR_MAINTENANCE) == "maintenance");
  CHECK(absence_kind_name(static_cast<v1::AbsenceKind>(9)) == "unknown");
}

TEST_CASE("status json: every key of a status is there, null where nothing is known", "[service]") {
  CHECK(
      json_of(drifted()).dump() ==
      R"({"state":"drifted","since":"2026-09-21T14:13:20.123Z","rests_on":["0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],)"
      R"("why":"Proved outside.","ended_by":"It ends.","next_at":null,"next":null,"in_dispute":null,"absences":[],)"
      R"("past_absences":[]})");
  v1::ChipStatus status = drifted();
  status.set_state(v1::CHIP_DISPUTED);
  status.set_in_dispute(v1::CHIP_DRIFTED);
  status.set_next(v1::CHIP_DRIFTED);
  status.set_next_unix_ns(1'790'000'001'000'000'000);
  v1::ChipAbsence& absence = *status.add_absences();
  absence.set_kind(v1::ABSENT_IN_STORAGE);
  absence.set_until_unix_ns(1'790'000'002'000'000'000);
  const Json json = json_of(status);
  CHECK(json["next"] == "drifted");
  CHECK(json["next_at"] == "2026-09-21T14:13:21.000Z");
  CHECK(json["in_dispute"] == "drifted");
  CHECK(
      json["absences"][0].dump() ==
      R"({"from":"1970-01-01T00:00:00.000Z","until":"2026-09-21T14:13:22.000Z","kind":"storage","reason":null,)"
      R"("declared_by":null,"certificate_sha256":null,"declared_at":"1970-01-01T00:00:00.000Z"})");
  absence.set_reason("moved");
  absence.set_declared_by("ada");
  absence.set_certificate_sha256("\x01");
  CHECK(json_of(status)["absences"][0]["reason"] == "moved");
  CHECK(json_of(status)["absences"][0]["declared_by"] == "ada");
  CHECK(json_of(status)["absences"][0]["certificate_sha256"] == "01");
  v1::ChipAbsence& past = *status.add_past_absences();
  past.set_kind(v1::ABSENT_IN_TRANSIT);
  CHECK(json_of(status)["past_absences"][0]["ended_at"].is_null());
  CHECK(json_of(status)["past_absences"][0]["ended_by"].is_null());
  past.set_ended_unix_ns(1'790'000'001'000'000'000);
  past.set_ended_by("rita");
  CHECK(json_of(status)["past_absences"][0]["ended_at"] == "2026-09-21T14:13:21.000Z");
  CHECK(json_of(status)["past_absences"][0]["ended_by"] == "rita");
}

TEST_CASE("status json: rows, changes and counts", "[service]") {
  v1::ChipStatusRow row;
  row.set_chip_id("\x0c");
  row.set_device_id("\x0d");
  row.set_serial("SN-1");
  row.set_licence("L-1");
  *row.mutable_status() = drifted();
  const Json json = json_of(row);
  CHECK(json["chip_id"] == "0c");
  CHECK(json["device_id"] == "0d");
  CHECK(json["serial"] == "SN-1");
  CHECK(json["licence"] == "L-1");
  CHECK(json["state"] == "drifted");
  CHECK_FALSE(json.contains("absences"));
  v1::ChipStatusChange change;
  change.set_from(v1::CHIP_COMPLIANT);
  change.set_to(v1::CHIP_DRIFTED);
  change.add_rests_on("\x01");
  change.set_why("W");
  CHECK(
      json_of(change).dump() ==
      R"({"at":"1970-01-01T00:00:00.000Z","chip_id":"","device_id":"","serial":"","licence":"","from":"compliant",)"
      R"("to":"drifted","rests_on":["01"],"why":"W"})");
  v1::GetStatusResponse status;
  (*status.mutable_chips_by_status())["silent"] = 3;
  const Json counts = chips_by_status(status);
  CHECK(counts.size() == 10);
  CHECK(counts["silent"] == 3);
  CHECK(counts["compliant"] == 0);
  CHECK(json_of(status)["chips_by_status"] == counts);
  v1::Chip chip;
  chip.set_certificate_pem("pem");
  CHECK(json_of(chip)["status"].is_null());
  *chip.mutable_status() = drifted();
  CHECK(json_of(chip)["status"]["state"] == "drifted");
}

}  // namespace
}  // namespace chiploc::test
