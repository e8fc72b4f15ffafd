#include "server/notices/ocsf.hpp"

#include "server/notices/notice_data.hpp"

namespace chiploc {
namespace {

using OcsfJson = nlohmann::json;

constexpr int kFindings = 2;             // category
constexpr int kDetectionFinding = 2004;  // class
constexpr int kTypeFactor = 100;         // type_uid = class_uid * 100 + activity_id

struct NumberedWord {
  int number;
  const char* word;
};
constexpr NumberedWord kCreate{1, "Create"}, kUpdate{2, "Update"}, kClose{3, "Close"};
constexpr NumberedWord kNew{1, "New"}, kInProgress{2, "In Progress"}, kSuppressed{3, "Suppressed"},
    kResolved{4, "Resolved"};
constexpr NumberedWord kInformational{1, "Informational"}, kMedium{3, "Medium"}, kCritical{5, "Critical"};

/// What the facts make of the finding.
struct Finding {
  NumberedWord activity, status, severity;
  std::string title, text;
  std::optional<WallTime> created;
};

NumberedWord severity_word(NoticeSeverity severity) {
  switch (severity) {
    case NoticeSeverity::kCritical:
      return kCritical;
    case NoticeSeverity::kWarning:
      return kMedium;
    case NoticeSeverity::kInformational:
      return kInformational;
  }
  return kInformational;
}

Finding case_finding(const CaseFacts& facts, NumberedWord activity, NumberedWord status) {
  return {activity,
          status,
          severity_word(severity_of(facts.about)),
          "chiploc case: " + std::string{name_of(facts.about)},
          facts.summary,
          facts.opened};
}

struct FindingOf {
  WallTime at;

  Finding operator()(const CaseOpenedNotice& facts) const { return case_finding(facts.facts, kCreate, kNew); }
  Finding operator()(const CaseUpdatedNotice& facts) const {
    return case_finding(facts.facts, kUpdate, kInProgress);
  }
  Finding operator()(const CaseDisputedNotice& facts) const {
    return case_finding(facts.facts, kUpdate, kInProgress);
  }
  Finding operator()(const CaseResolvedNotice& facts) const {
    return case_finding(facts.facts, kClose,
                        facts.outcome == NoticeOutcome::kMistaken ? kSuppressed : kResolved);
  }
  Finding operator()(const CaseReopenedNotice& facts) const {
    return case_finding(facts.facts, kUpdate, kNew);
  }
  Finding operator()(const OrderHeld& facts) const {
    return {kCreate, kInProgress, kMedium, "chiploc order held", facts.facts.summary, at};
  }
  Finding operator()(const OrderReleased& facts) const {
    return {kClose, kResolved, kMedium, "chiploc order held", facts.facts.summary, facts.held};
  }
  Finding operator()(const ChipStatusChanged& facts) const {
    const std::string title = "chiploc chip status: " + std::string{name_of(facts.to)};
    if (accuses(facts.to)) return {kCreate, kNew, kCritical, title, facts.why, std::nullopt};
    if (accuses(facts.from) && facts.to != ChipState::kDisputed)
      return {kClose, kResolved, kInformational, title, facts.why, std::nullopt};
    return {kUpdate, kInProgress, kInformational, title, facts.why, std::nullopt};
  }
  Finding operator()(const NoticeTest& facts) const {
    return {kCreate, kNew, kInformational, "chiploc test", facts.text, at};
  }
};

std::int64_t milliseconds_of(WallTime time) {
  return static_cast<std::int64_t>(unix_seconds(time)) * 1'000;  // whole seconds, as in the event
}

/// The chips that the notice names, as resources.
OcsfJson resources_of(const Notice& notice, const OcsfJson& data) {
  OcsfJson all = OcsfJson::array();
  const auto add = [&](const OcsfJson& uid, const char* type) {
    all.push_back({{"uid", uid}, {"type", type}});
  };
  if (notice.kind() == NoticeKind::kChipStatusChanged) add(notice.name, "chip");
  if (notice.kind() == NoticeKind::kOrderHeld || notice.kind() == NoticeKind::kOrderReleased)
    add(notice.name, "order");
  if (const auto chips = data.find("chips"); chips != data.end())
    for (const OcsfJson& chip : *chips) add(chip, "chip");
  return all;
}

}  // namespace

std::string ocsf_line(const Notice& notice, const CoordinatorId& source) {
  notice_data::DataWriter writer;
  std::visit([&](const auto& facts) { describe(writer, facts); }, notice.facts);
  OcsfJson data = writer.take();
  const Finding finding = std::visit(FindingOf{notice.at}, notice.facts);
  OcsfJson info = {{"uid", subject_of(notice)},
                   {"title", finding.title},
                   {"desc", finding.text},
                   {"modified_time", milliseconds_of(notice.at)},
                   {"types", {name_of(notice.kind())}}};
  if (finding.created) info["created_time"] = milliseconds_of(*finding.created);
  OcsfJson line = {{"category_uid", kFindings},
                   {"category_name", "Findings"},
                   {"class_uid", kDetectionFinding},
                   {"class_name", "Detection Finding"},
                   {"activity_id", finding.activity.number},
                   {"activity_name", finding.activity.word},
                   {"type_uid", kDetectionFinding * kTypeFactor + finding.activity.number},
                   {"type_name", "Detection Finding: " + std::string{finding.activity.word}},
                   {"status_id", finding.status.number},
                   {"status", finding.status.word},
                   {"severity_id", finding.severity.number},
                   {"severity", finding.severity.word},
                   {"time", milliseconds_of(notice.at)},
                   {"message", finding.text},
                   {"finding_info", std::move(info)}};
  line["metadata"] = {{"version", "1.3.0"},
                      {"uid", id_of(notice).hex()},
                      {"sequence", notice.change},
                      {"log_name", "notices"},
                      {"product",
                       {{"name", "chiploc"},
                        {"vendor_name", "chiploc"},
                        {"version", CHIPLOC_VERSION},
                        {"uid", "urn:chiploc:coordinator:" + source.hex()}}}};
  OcsfJson resources = resources_of(notice, data);
  if (!resources.empty()) line["resources"] = std::move(resources);
  data.erase("chips");
  line["unmapped"] = std::move(data);
  return line.dump(-1, ' ', /*ensure_ascii=*/true, OcsfJson::error_handler_t::replace);
}

}  // namespace chiploc
