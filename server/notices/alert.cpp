#include "server/notices/alert.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proto/base/time_text.hpp"

namespace chiploc {
namespace {

using AlertJson = nlohmann::json;

/// An alert as it is put together.
struct Alert {
  std::string name;
  NoticeSeverity severity = NoticeSeverity::kWarning;
  std::string about;  ///< of a case
  WallTime starts;
  std::optional<WallTime> ends;  ///< nullopt: it fires
  std::map<std::string, std::string> annotations;
};

void add_annotation(Alert& alert, const char* name, std::string text) {
  if (!text.empty()) alert.annotations[name] = std::move(text);
}

std::string first_chips(const CaseFacts& facts) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, facts.chips.size()); ++i)
    text += (text.empty() ? "" : " ") + facts.chips[i].hex();
  return text;
}

Alert case_alert(const CaseFacts& facts) {
  Alert alert;
  alert.name = "ChiplocCase";
  alert.severity = severity_of(facts.about);
  alert.about = name_of(facts.about);
  alert.starts = facts.opened;
  add_annotation(alert, "summary", facts.summary);
  add_annotation(alert, "licence", facts.licence);
  add_annotation(alert, "chips", first_chips(facts));
  add_annotation(alert, "chips_count", std::to_string(facts.chips_count));
  return alert;
}

Alert order_alert(const OrderFacts& facts, WallTime held) {
  Alert alert;
  alert.name = "ChiplocOrderHeld";
  alert.starts = held;
  add_annotation(alert, "summary", facts.summary);
  add_annotation(alert, "licence", facts.licence);
  add_annotation(alert, "chips_count", std::to_string(facts.chips_count));
  return alert;
}

/// The alert of each kind of facts; nullopt where there is none.
struct AlertOf {
  WallTime at;

  std::optional<Alert> operator()(const CaseOpenedNotice& facts) const {
    Alert alert = case_alert(facts.facts);
    if (facts.due) add_annotation(alert, "due", utc_iso(*facts.due));
    return alert;
  }
  std::optional<Alert> operator()(const CaseUpdatedNotice& facts) const {
    Alert alert = case_alert(facts.facts);
    add_annotation(alert, "change", facts.change);
    return alert;
  }
  std::optional<Alert> operator()(const CaseDisputedNotice& facts) const {
    Alert alert = case_alert(facts.facts);
    add_annotation(alert, "disputed_until", utc_iso(facts.until));
    return alert;
  }
  std::optional<Alert> operator()(const CaseResolvedNotice& facts) const {
    Alert alert = case_alert(facts.facts);
    alert.ends = at;
    add_annotation(alert, "outcome", std::string{name_of(facts.outcome)});
    return alert;
  }
  std::optional<Alert> operator()(const CaseReopenedNotice& facts) const {
    Alert alert = case_alert(facts.facts);
    alert.starts = at;
    add_annotation(alert, "change", facts.why);
    return alert;
  }
  std::optional<Alert> operator()(const OrderHeld& facts) const {
    Alert alert = order_alert(facts.facts, at);
    add_annotation(alert, "because_of", facts.because_of);
    return alert;
  }
  std::optional<Alert> operator()(const OrderReleased& facts) const {
    Alert alert = order_alert(facts.facts, facts.held);
    alert.ends = at;
    return alert;
  }
  std::optional<Alert> operator()(const ChipStatusChanged&) const { return std::nullopt; }
  std::optional<Alert> operator()(const NoticeTest& facts) const {
    Alert alert;
    alert.name = "ChiplocTest";
    alert.severity = NoticeSeverity::kInformational;
    alert.starts = at;
    add_annotation(alert, "summary", facts.text);
    return alert;
  }
};

std::optional<Alert> alert_of(const Notice& notice) { return std::visit(AlertOf{notice.at}, notice.facts); }

AlertJson json_of(const Alert& alert, const std::string& subject, const CoordinatorId& source,
                  WallTime ends) {
  AlertJson labels = {{"alertname", alert.name},
                      {"subject", subject},
                      {"severity", name_of(alert.severity)},
                      {"coordinator", source.hex()}};
  if (!alert.about.empty()) labels["about"] = alert.about;
  // One that ended before it began, by clocks that were set: Alertmanager takes no such.
  return {{"labels", std::move(labels)},
          {"annotations", alert.annotations},
          {"startsAt", utc_iso(alert.starts)},
          {"endsAt", utc_iso(std::max(ends, alert.starts))}};
}

}  // namespace

bool makes_alert(NoticeKind kind) { return kind != NoticeKind::kChipStatusChanged; }

std::string alerts_text(const std::vector<Notice>& notices, const CoordinatorId& source, WallTime now,
                        const AlertRules& rules) {
  AlertJson all = AlertJson::array();
  for (const Notice& notice : notices) {
    const auto alert = alert_of(notice);
    if (!alert) continue;
    const WallTime ends = alert->ends.value_or(now + rules.again * static_cast<std::int64_t>(rules.lasts));
    all.push_back(json_of(*alert, subject_of(notice), source, ends));
  }
  if (all.empty()) return {};
  return all.dump(-1, ' ', /*ensure_ascii=*/true, AlertJson::error_handler_t::replace);
}

void AlertBoard::tell(const Notice& notice) {
  const auto alert = alert_of(notice);
  if (!alert || notice.kind() == NoticeKind::kTest) return;
  const std::string subject = subject_of(notice);
  if (alert->ends) {
    firing_.erase(subject);
  } else if (firing_.size() < kAlertsMax || firing_.count(subject) > 0) {
    firing_.insert_or_assign(subject, notice);
  } else {
    ++left_out_;
  }
}

std::optional<WallTime> AlertBoard::next() const {
  if (firing_.empty()) return std::nullopt;
  return told_ ? *told_ + rules_.again : WallTime{};
}

std::vector<std::string> AlertBoard::told_again(const CoordinatorId& source, WallTime now) {
  std::vector<std::string> bodies;
  const auto due = next();
  // A time further ahead than it can be was set by a clock that has been set back since.
  if (!due || (now < *due && now + rules_.again >= *due)) return bodies;
  told_ = now;
  std::vector<Notice> part;
  for (const auto& [subject, notice] : firing_) {
    part.push_back(notice);
    if (part.size() < kAlertsABody) continue;
    bodies.push_back(alerts_text(part, source, now, rules_));
    part.clear();
  }
  if (!part.empty()) bodies.push_back(alerts_text(part, source, now, rules_));
  return bodies;
}

}  // namespace chiploc
