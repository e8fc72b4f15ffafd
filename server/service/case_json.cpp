#include "server/service/case_json.hpp"

#include <array>

#include "server/service/status_json.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {
namespace {

// By their numbers in operator_service.proto, from 1.
constexpr std::array<std::string_view, 3> kOrderNames{"open", "hold", "lifted"};
constexpr std::array<std::string_view, 7> kKindNames{"elsewhere", "another_user", "tampering", "spoofing",
                                                     "blocking",  "misleading",   "unproven"};
constexpr std::array<std::string_view, 3> kStateNames{"open", "disputed", "resolved"};
constexpr std::array<std::string_view, 5> kEndNames{"confirmed", "mistaken", "explained", "moved_back",
                                                    "proved_again"};

template <class Names>
std::string name_at(const Names& names, int number) {
  return number >= 1 && static_cast<std::size_t>(number) <= names.size()
             ? std::string{names.at(static_cast<std::size_t>(number) - 1)}
             : "unknown";
}
template <class Enum, class Names>
Enum value_named(const Names& names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.at(i) == name) return static_cast<Enum>(i + 1);
  }
  return Enum{};
}

Json known_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json known_time(std::int64_t unix_ns) { return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns)); }

template <class Ids>
Json hex_list(const Ids& ids) {
  Json out = Json::array();
  for (const auto& id : ids) out.push_back(hex_of(id));
  return out;
}

/// Every state by its name.
template <class Counts>
Json by_status(const Counts& counts) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kChipStates; ++i) {
    const std::string name{name_of(static_cast<ChipState>(i))};
    const auto at = counts.find(name);
    out[name] = at == counts.end() ? 0 : at->second;
  }
  return out;
}

}  // namespace

std::string order_state_name(v1::OrderState state) { return name_at(kOrderNames, state); }
v1::OrderState order_state_named(std::string_view name) {
  return value_named<v1::OrderState>(kOrderNames, name);
}
std::string case_kind_name(v1::CaseKind kind) { return name_at(kKindNames, kind); }
v1::CaseKind case_kind_named(std::string_view name) { return value_named<v1::CaseKind>(kKindNames, name); }
std::string case_state_name(v1::CaseState state) { return name_at(kStateNames, state); }
v1::CaseState case_state_named(std::string_view name) {
  return value_named<v1::CaseState>(kStateNames, name);
}
std::string case_end_name(v1::CaseEnd end) { return name_at(kEndNames, end); }
v1::CaseEnd case_end_named(std::string_view name) { return value_named<v1::CaseEnd>(kEndNames, name); }

Json json_of(const v1::OrderHold& hold) {
  Json sites = Json::array();
  for (const auto& site : hold.sites()) {
    sites.push_back({{"site", known_text(site.site())},
                     {"chips", site.chips()},
                     {"measured", site.measured()},
                     {"chips_by_status", by_status(site.chips_by_status())}});
  }
  Json overrides = Json::array();
  for (const std::string& delivery : hold.overrides()) overrides.push_back(delivery);
  Json proposals = Json::array();
  for (const auto& proposal : hold.proposals()) {
    proposals.push_back({{"party", proposal.party()},
                         {"entity", proposal.entity()},
                         {"state", proposal.state()},
                         {"since", iso_time(proposal.since_unix_ns())}});
  }
  return {{"order", hold.order()},
          {"hold", order_state_name(hold.state())},
          {"since", known_time(hold.since_unix_ns())},
          {"cause", known_text(hold.cause())},
          {"why", hold.why()},
          {"ended_by", hold.ended_by()},
          {"next_at", known_time(hold.next_unix_ns())},
          {"chips", hold.chips()},
          {"measured", hold.measured()},
          {"chips_by_status", by_status(hold.chips_by_status())},
          {"sites", std::move(sites)},
          {"overrides", std::move(overrides)},
          {"proposals", std::move(proposals)}};
}

Json json_of(const v1::OrderHoldChange& change) {
  return {{"number", change.number()},
          {"at", iso_time(change.at_unix_ns())},
          {"kind", change.kind()},
          {"from", order_state_name(change.from())},
          {"to", order_state_name(change.to())},
          {"rests_on", hex_list(change.rests_on())},
          {"more", change.more()},
          {"who", known_text(change.who())},
          {"why", known_text(change.why())},
          {"said", known_text(change.said())}};
}

Json json_of(const v1::Case& one) {
  return {
      {"case", one.name()},
      {"kind", case_kind_name(one.kind())},
      {"state", case_state_name(one.state())},
      {"priority", one.priority() == 0 ? Json(nullptr) : Json(one.priority())},
      {"order", known_text(one.order())},
      {"licence", known_text(one.licence())},
      {"site", known_text(one.site())},
      {"number", one.number()},
      {"chips", one.chips()},
      {"chips_ever", one.chips_ever()},
      {"signs", one.signs()},
      {"prohibited", one.prohibited()},
      {"opened", known_time(one.opened_unix_ns())},
      {"since", known_time(one.since_unix_ns())},
      {"reopened", one.reopened()},
      {"assignee", known_text(one.assignee())},
      {"disputed_until", known_time(one.disputed_until_unix_ns())},
      {"remeasure", one.remeasure()},
      {"resolved_as", one.resolved_as() == v1::CASE_END_UNSPECIFIED ? Json(nullptr)
                                                                    : Json(case_end_name(one.resolved_as()))},
      {"superseded", one.superseded()},
      {"about", one.about()},
      {"ended_by", one.ended_by()},
      {"entries", one.entries()}};
}

Json json_of(const v1::CaseEntry& entry) {
  return {{"number", entry.number()},
          {"at", iso_time(entry.at_unix_ns())},
          {"kind", entry.kind()},
          {"state", case_state_name(entry.state())},
          {"who", known_text(entry.who())},
          {"text", known_text(entry.text())},
          {"said", known_text(entry.said())},
          {"chip_id", entry.chip_id().empty() ? Json(nullptr) : Json(hex_of(entry.chip_id()))},
          {"verdicts", hex_list(entry.verdicts())},
          {"file_sha256", entry.file_sha256().empty() ? Json(nullptr) : Json(hex_of(entry.file_sha256()))}};
}

Json json_of(const v1::Case& one, const google::protobuf::RepeatedPtrField<v1::CaseEntry>& timeline) {
  Json out = json_of(one);
  out["priority_reasons"] = Json::array();
  for (const auto& reason : one.priority_reasons())
    out["priority_reasons"].push_back({{"points", reason.points()}, {"text", reason.text()}});
  out["chips_shown"] = Json::array();
  for (const auto& chip : one.chips_shown()) {
    out["chips_shown"].push_back({{"chip_id", hex_of(chip.chip_id())},
                                  {"serial", known_text(chip.serial())},
                                  {"state", chip_state_name(chip.state())},
                                  {"since", iso_time(chip.since_unix_ns())}});
  }
  out["timeline"] = Json::array();
  for (const auto& entry : timeline) out["timeline"].push_back(json_of(entry));
  return out;
}

}  // namespace chiploc
