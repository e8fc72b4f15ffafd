#include "server/notices/ocsf.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

using nlohmann::json;

json line_of(const Notice& notice) { return json::parse(ocsf_line(notice, some_coordinator())); }
json line_of_kind(NoticeKind kind) { return line_of(one_of_each()[static_cast<std::size_t>(kind) - 1]); }
/// "Create New Critical"
std::string words_of_line(const json& line) {
  return line["activity_name"].get<std::string>() + "/" + line["status"].get<std::string>() + "/" +
         line["severity"].get<std::string>();
}
json status_change(ChipState from, ChipState to) {
  return line_of({ChipId{}.hex(), 1, noon(0), ChipStatusChanged{from, to, "so", {}}});
}

}  // namespace

TEST_CASE("ocsf: a case as a Detection Finding, whole", "[notices]") {
  const json line = line_of_kind(NoticeKind::kCaseOpened);
  json expected = json::parse(R"({
    "category_uid": 2, "category_name": "Findings", "class_uid": 2004, "class_name": "Detection Finding",
    "activity_id": 1, "activity_name": "Create", "type_uid": 200401, "type_name": "Detection Finding: Create",
    "status_id": 1, "status": "New", "severity_id": 5, "severity": "Critical", "time": 1796126400000,
    "message": "2 chips of L-JP are proved outside their licence",
    "finding_info": {"uid": "case/C-17", "title": "chiploc case: elsewhere",
      "desc": "2 chips of L-JP are proved outside their licence", "created_time": 1796126400000,
      "modified_time": 1796126400000, "types": ["case.opened"]},
    "metadata": {"version": "1.3.0", "uid": "0dffa4a31c88056e589ba28ee8a7348c", "sequence": 1, "log_name": "notices",
      "product": {"name": "chiploc", "vendor_name": "chiploc", "uid": "urn:chiploc:coordinator:c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"}},
    "resources": [{"uid": "11111111111111111111111111111111", "type": "chip"},
      {"uid": "12121212121212121212121212121212", "type": "chip"}],
    "unmapped": {"about": "elsewhere", "chips_count": 2, "due": "2026-12-04T12:00:00Z", "licence": "L-JP",
      "opened": "2026-12-01T12:00:00Z", "severity": "critical",
      "summary": "2 chips of L-JP are proved outside their licence"}})");
  expected["metadata"]["product"]["version"] = CHIPLOC_VERSION;
  CHECK(line == expected);
}

TEST_CASE("ocsf: what the class requires is in every line", "[notices][property]") {
  // events/findings/finding.json and detection_finding.json, objects/{finding_info,metadata,product}.json of 1.3.0.
  holds("required attributes", [] {
    const Notice notice = any_notice();
    const std::string text = ocsf_line(notice, some_coordinator());
    RC_ASSERT(text.find('\n') == std::string::npos);
    for (const char c : text) RC_ASSERT(c >= 0x20 && c < 0x7f);
    const json line = json::parse(text);
    for (const char* name : {"activity_id", "category_uid", "class_uid", "finding_info", "metadata",
                             "severity_id", "time", "type_uid"})
      RC_ASSERT(line.count(name) == 1U);
    RC_ASSERT(line["type_uid"] == line["class_uid"].get<int>() * 100 + line["activity_id"].get<int>());
    RC_ASSERT(line["finding_info"]["uid"] == subject_of(notice));
    RC_ASSERT(line["finding_info"]["title"].is_string());
    RC_ASSERT(line["metadata"]["product"]["vendor_name"] == "chiploc");
    RC_ASSERT(line["metadata"]["version"] == "1.3.0");
    RC_ASSERT(line["metadata"]["uid"] == id_of(notice).hex());
    RC_ASSERT(line["time"].get<std::int64_t>() == static_cast<std::int64_t>(unix_seconds(notice.at)) * 1'000);
    static const std::vector<std::string> kActivities{"", "Create", "Update", "Close"};
    static const std::vector<std::string> kStatuses{"", "New", "In Progress", "Suppressed", "Resolved"};
    static const std::vector<std::string> kSeverities{"",       "Informational", "Low",
                                                      "Medium", "High",          "Critical"};
    RC_ASSERT(line["activity_name"] == kActivities.at(line["activity_id"].get<std::size_t>()));
    RC_ASSERT(line["status"] == kStatuses.at(line["status_id"].get<std::size_t>()));
    RC_ASSERT(line["severity"] == kSeverities.at(line["severity_id"].get<std::size_t>()));
  });
}

TEST_CASE("ocsf: activity, status and severity of each kind", "[notices]") {
  using enum NoticeKind;
  CHECK(words_of_line(line_of_kind(kCaseOpened)) == "Create/New/Critical");
  CHECK(words_of_line(line_of_kind(kCaseUpdated)) == "Update/In Progress/Critical");
  CHECK(words_of_line(line_of_kind(kCaseDisputed)) == "Update/In Progress/Critical");
  CHECK(words_of_line(line_of_kind(kCaseResolved)) == "Close/Resolved/Critical");
  CHECK(words_of_line(line_of_kind(kCaseReopened)) == "Update/New/Critical");
  CHECK(words_of_line(line_of_kind(kOrderHeld)) == "Create/In Progress/Medium");
  CHECK(words_of_line(line_of_kind(kOrderReleased)) == "Close/Resolved/Medium");
  CHECK(words_of_line(line_of_kind(kChipStatusChanged)) == "Create/New/Critical");
  CHECK(words_of_line(line_of_kind(kTest)) == "Create/New/Informational");
  CaseFacts facts = std::get<CaseOpenedNotice>(one_of_each().front().facts).facts;
  CHECK(words_of_line(line_of({"C", 1, noon(0), CaseResolvedNotice{facts, NoticeOutcome::kMistaken}})) ==
        "Close/Suppressed/Critical");
  facts.about = NoticeSubject::kUnproven;
  CHECK(words_of_line(line_of({"C", 1, noon(0), CaseOpenedNotice{facts, std::nullopt}})) ==
        "Create/New/Medium");
}

TEST_CASE("ocsf: a chip's finding opens when it is accused, and closes when it is no longer", "[notices]") {
  using enum ChipState;
  CHECK(words_of_line(status_change(kCompliant, kProhibited)) == "Create/New/Critical");
  CHECK(words_of_line(status_change(kDrifted, kTampered)) == "Create/New/Critical");
  CHECK(words_of_line(status_change(kDrifted, kCompliant)) == "Close/Resolved/Informational");
  CHECK(words_of_line(status_change(kDrifted, kDisputed)) == "Update/In Progress/Informational");
  CHECK(words_of_line(status_change(kPending, kSilent)) == "Update/In Progress/Informational");
  const json line = status_change(kPending, kSilent);
  CHECK(line["resources"] == json::parse(R"([{"uid": "00000000000000000000000000000000", "type": "chip"}])"));
  CHECK(line["finding_info"]["title"] == "chiploc chip status: silent");
  CHECK(line["finding_info"].count("created_time") == 0);
  CHECK(line_of_kind(NoticeKind::kOrderHeld)["resources"] ==
        json::parse(R"([{"uid": "O-0004", "type": "order"}])"));
  CHECK(line_of_kind(NoticeKind::kOrderReleased)["finding_info"]["created_time"] == 1'796'126'400'000);
  CHECK(line_of_kind(NoticeKind::kTest).count("resources") == 0);
}

}  // namespace chiploc::test
