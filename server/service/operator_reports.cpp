// The use cases that make reports: GetReport, GetReportKeys.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "server/reports/report_kinds.hpp"
#include "server/service/made_report.hpp"
#include "server/service/name_lookup.hpp"
#include "server/service/operator_use_cases.hpp"
#include "server/service/report_records.hpp"

namespace chiploc {
namespace {

Fail<ApiFault> refused(ApiFaultCode code, std::string text) { return Fail{ApiFault{code, std::move(text)}}; }

/// A report that is to be made: all but the chips.
struct ReportWish {
  Report report;
  std::vector<ChipId> chips;
  ReportForm form{};
};

std::vector<ChipId> all_chips(const Registry& registry) {
  std::vector<ChipId> out;
  out.reserve(registry.chips().size());
  for (const auto& [id, chip] : registry.chips()) out.push_back(id);
  return out;
}

std::vector<ChipId> chips_of_holder(const Registry& registry, const std::string& holder) {
  std::vector<ChipId> out;
  for (const auto& [id, licence] : registry.licences()) {
    if (licence->holder != holder) continue;
    const auto& chips = registry.licence_chips(id);
    out.insert(out.end(), chips.begin(), chips.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Whether a case is about something that the caller knows of.
bool is_known(const CaseStory& story, const Registry& registry, const Caller& caller) {
  if (!caller.holder) return true;
  return registry.order(story.ref.key.order) != nullptr || registry.licence(story.licence) != nullptr;
}

/// What a request asks for beside the form; each field belongs to one kind.
Answer<Done> check_report_fields(const v1::GetReportRequest& request) {
  const auto belongs = [&](const char* field, bool given, v1::ReportKind kind,
                           const char* of) -> Answer<Done> {
    if (given == (request.kind() == kind)) return Done{};
    if (given)
      return refused(ApiFaultCode::kBadField,
                     std::string{field} + ": belongs to " + of + " alone; leave it out");
    return refused(ApiFaultCode::kBadField, std::string{field} + ": is missing; " + of + " is about one");
  };
  if (request.kind() < v1::REPORT_ACT || request.kind() > v1::REPORT_OPERATOR)
    return refused(ApiFaultCode::kBadField,
                   "kind: is none of REPORT_ACT, REPORT_FLEET, REPORT_ORDER and REPORT_OPERATOR");
  if (request.form() < v1::REPORT_JSON || request.form() > v1::REPORT_PDF)
    return refused(ApiFaultCode::kBadField,
                   "form: is none of REPORT_JSON, REPORT_CSV, REPORT_GEOJSON and REPORT_PDF");
  auto good = belongs("case_number", request.case_number() != 0, v1::REPORT_ACT, "an act report");
  if (good) good = belongs("order", !request.order().empty(), v1::REPORT_ORDER, "an order report");
  if (good && !request.holder().empty() && request.kind() != v1::REPORT_OPERATOR)
    return refused(ApiFaultCode::kBadField, "holder: belongs to an operator report alone; leave it out");
  return good;
}

Answer<Done> add_case(const v1::GetReportRequest& request, const Registry& registry, const Caller& caller,
                      const OperatorParts& parts, ReportWish& wish) {
  if (!parts.stories.case_of)
    return refused(ApiFaultCode::kNotReady, "this coordinator keeps no cases; there is none to report on");
  auto found = parts.stories.case_of(request.case_number());
  if (!found) return Fail{fault_of(found.error())};
  if (!*found || !is_known((*found)->story, registry, caller))
    return refused(ApiFaultCode::kNotFound, "there is no case " + std::to_string(request.case_number()));
  FoundCase& one = **found;
  ActFacts facts{.number = one.number, .story = std::move(one.story), .timeline = std::move(one.timeline)};
  const WallTime as_of = wish.report.head.as_of;
  std::erase_if(facts.timeline,
                [&](const CaseEntry& entry) { return entry.at > as_of + std::chrono::seconds{1}; });
  if (const OrderRecord* order = registry.order(facts.story.ref.key.order))
    facts.order = reported(*order, registry);
  if (const LicenceRecord* licence = registry.licence(facts.story.licence))
    facts.licence = reported(*licence, registry, as_of);
  wish.report.head.subject = text_of(facts.story.ref);
  wish.chips = std::move(one.chips);
  wish.report = act_report(wish.report.head, facts);
  return Done{};
}

Answer<Done> add_order(const std::string& text, const Registry& registry, bool of_now,
                       const OperatorParts& parts, ReportWish& wish) {
  const auto checked = check_text("order", text, parts.limits);
  if (!checked) return Fail{checked.error()};
  const auto order = find_order(registry, *checked);
  if (!order) return Fail{order.error()};
  OrderReportFacts facts{.order = reported(**order, registry),
                         .deliveries = {},
                         .story = {},
                         .rules = parts.stories.order_rules()};
  for (const std::string& id : registry.order_deliveries((*order)->id))
    facts.deliveries.push_back(reported(*registry.delivery(id), registry));
  // Whether it is on hold is known of now alone.
  if (of_now && parts.stories.order_of) {
    auto story = parts.stories.order_of((*order)->id);
    if (!story) return Fail{fault_of(story.error())};
    facts.story = std::move(*story);
  }
  wish.report.head.subject = (*order)->id;
  wish.chips = registry.order_chips((*order)->id);
  wish.report = order_report(wish.report.head, facts);
  return Done{};
}

Answer<Done> add_holder(const std::string& text, const Registry& registry, const Caller& caller,
                        const OperatorParts& parts, ReportWish& wish) {
  OperatorFacts facts;
  if (text.empty()) {
    if (!caller.holder)
      return refused(ApiFaultCode::kBadField,
                     "holder: is missing; your certificate is of no holder, so name one");
    facts.holder = *caller.holder;
  } else {
    const auto checked = check_text("holder", text, parts.limits);
    if (!checked) return Fail{checked.error()};
    auto found = find_holder(registry, *checked);
    if (!found) return Fail{found.error()};
    facts.holder = std::move(*found);
  }
  for (const auto& [id, licence] : registry.licences()) {
    if (licence->holder != facts.holder) continue;
    facts.licences.push_back(reported(*licence, registry, wish.report.head.made));
    for (const std::string& condition : registry.licence_conditions(id))
      facts.conditions.push_back(reported(*registry.condition(condition)));
  }
  wish.report.head.subject = facts.holder;
  wish.chips = chips_of_holder(registry, facts.holder);
  wish.report = operator_report(wish.report.head, facts);
  return Done{};
}

}  // namespace

void OperatorUseCases::get_report(const v1::GetReportRequest& request, const Caller& caller,
                                  const Completion<MadeReport>& done) {
  if (parts_.reports == nullptr)
    return done(
        refused(ApiFaultCode::kNotReady, "this coordinator makes no reports: it has no key for them"));
  if (const auto good = check_report_fields(request); !good) return done(Fail{good.error()});
  const auto asked = check_time("as_of_unix_ns", request.as_of_unix_ns());
  if (!asked) return done(Fail{asked.error()});
  // Whole seconds, as the documents have them.
  const auto whole = [](WallTime time) {
    return WallTime{std::chrono::floor<std::chrono::seconds>(time.since_epoch)};
  };
  const WallTime made = whole(parts_.now());
  if (*asked && **asked > made)
    return done(
        refused(ApiFaultCode::kBadField, "as_of_unix_ns: lies in the future; nothing is known of then"));
  if (*asked && request.kind() == v1::REPORT_ACT)
    return done(
        refused(ApiFaultCode::kBadField, "as_of_unix_ns: a report on a case is of now; leave it out"));
  const Registry::Snapshot registry = registry_for(caller);
  const PolicyInForce policy = parts_.policy.get();
  ReportWish wish{.report = {}, .chips = {}, .form = static_cast<ReportForm>(request.form())};
  wish.report.head = {.kind = static_cast<ReportKind>(request.kind()),
                      .made = made,
                      .as_of = *asked ? whole(**asked) : made,
                      .made_by = caller.name,
                      .scope = caller.holder ? "chips of " + *caller.holder : "all chips",
                      .coordinator = parts_.reports->coordinator(),
                      .software = "chiploc " + parts_.software_version,
                      .borders = parts_.status.status().borders_version,
                      .policy = policy.policy.version,
                      .policy_sha256 = digest_of(policy.policy).hex(),
                      .registry_version = registry->version()};
  Answer<Done> added = Done{};
  switch (wish.report.head.kind) {
    case ReportKind::kAct:
      added = add_case(request, *registry, caller, parts_, wish);
      break;
    case ReportKind::kOrder:
      added = add_order(request.order(), *registry, !*asked, parts_, wish);
      break;
    case ReportKind::kOperator:
      added = add_holder(request.holder(), *registry, caller, parts_, wish);
      break;
    case ReportKind::kFleet:
      wish.report = fleet_report(wish.report.head);
      wish.chips = all_chips(*registry);
  }
  if (!added) return done(Fail{added.error()});
  const bool accepted = reports_.post([this, registry, done, wish = std::move(wish)] {
    auto chips = ReportedChips::gather(*registry, parts_.reader, wish.chips, wish.report.head.as_of);
    if (!chips) return done(Fail{chips.error()});
    done(make_report(wish.report, *chips, wish.form, *parts_.reports));
  });
  if (accepted) return;
  done(refused(ApiFaultCode::kExhausted,
               "several reports are waiting to be made; try again when they are through"));
}

Answer<v1::GetReportKeysResponse> OperatorUseCases::get_report_keys(const v1::GetReportKeysRequest&,
                                                                    const Caller&) {
  if (parts_.reports == nullptr)
    return refused(ApiFaultCode::kNotReady, "this coordinator makes no reports: it has no key for them");
  if (!parts_.reports->unusable.empty()) return refused(ApiFaultCode::kNotReady, parts_.reports->unusable);
  v1::GetReportKeysResponse response;
  response.set_toml(report_keys_text(parts_.reports->keys));
  return response;
}

}  // namespace chiploc
