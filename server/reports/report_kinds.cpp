#include "server/reports/report_kinds.hpp"

#include <utility>

#include "proto/base/time_text.hpp"

namespace chiploc {
namespace {

Leaf said_leaf(std::string text) { return text.empty() ? Leaf{} : Leaf{std::move(text)}; }
Leaf time_leaf(WallTime time) { return utc_iso(time); }
Leaf yes_leaf(bool yes) { return std::string{yes ? "yes" : "no"}; }

/// Comments and who works on it are for those who do; the rest is what happened.
bool is_filed(CaseEntryKind kind) {
  switch (kind) {
    case CaseEntryKind::kOpened:
    case CaseEntryKind::kReopened:
    case CaseEntryKind::kChipJoined:
    case CaseEntryKind::kChipRestated:
    case CaseEntryKind::kChipCleared:
    case CaseEntryKind::kSign:
    case CaseEntryKind::kUserStated:
    case CaseEntryKind::kEvidence:
    case CaseEntryKind::kDisputed:
    case CaseEntryKind::kDisputeEnded:
    case CaseEntryKind::kResolved:
    case CaseEntryKind::kSuperseded:
      return true;
    case CaseEntryKind::kWeighed:
    case CaseEntryKind::kAssigned:
    case CaseEntryKind::kComment:
      return false;
  }
  return false;
}

/// Whom a case of this kind accuses, in words that cannot be read as more.
std::string accuses_text(CaseKind kind) {
  if (kind == CaseKind::kUnproven) return "nobody: nothing is proved, neither for nor against";
  if (is_attempt(kind)) return "nobody by name: something was done, and it does not say by whom";
  if (kind == CaseKind::kAnotherUser)
    return "by the word of a person or an import; no round trip shows who uses a chip";
  return "by verdicts, each of which can be judged again from its evidence";
}

ReportPart licence_part(const ReportedLicence& licence) {
  return {"licence",
          "Licence",
          {{"id", "licence", said_leaf(licence.id)},
           {"holder", "holder", said_leaf(licence.holder)},
           {"end_user", "end user", said_leaf(licence.end_user)},
           {"territory", "territory", said_leaf(licence.places)},
           {"valid_from", "valid from", said_leaf(licence.valid_from)},
           {"valid_to", "valid to", said_leaf(licence.valid_to)},
           {"standing", "not in force because", said_leaf(licence.standing)},
           {"quantity", "most chips", licence.quantity == 0 ? Leaf{} : Leaf{licence.quantity}},
           {"chips", "chips registered", licence.chips}}};
}

ReportPart order_part(const ReportedOrder& order) {
  return {"order",
          "Order",
          {{"id", "order", said_leaf(order.id)},
           {"licence", "licence", said_leaf(order.licence)},
           {"exporter", "exporter", said_leaf(order.exporter)},
           {"buyer", "buyer", said_leaf(order.buyer)},
           {"end_user", "end user", said_leaf(order.end_user)},
           {"operator", "operator", said_leaf(order.operated_by)},
           {"placed", "placed", said_leaf(order.placed)},
           {"quantity", "quantity", order.quantity},
           {"delivered", "delivered", order.delivered},
           {"chips", "chips registered", order.chips}}};
}

ReportPart case_part(const ActFacts& facts) {
  const CaseStory& story = facts.story;
  const CaseKind kind = story.ref.key.kind;
  ReportPart part{"case",
                  "Case",
                  {{"number", "number", facts.number},
                   {"reference", "reference", text_of(story.ref)},
                   {"kind", "kind", std::string{name_of(kind)}},
                   {"about", "about", std::string{heading_of(kind)}},
                   {"accuses", "accuses", accuses_text(kind)},
                   {"licence", "licence", said_leaf(story.licence)},
                   {"order", "order", said_leaf(story.ref.key.order)},
                   {"site", "site", said_leaf(story.ref.key.site)},
                   {"state", "state", std::string{name_of(story.state)}},
                   {"state_since", "since", time_leaf(story.since)},
                   {"opened", "opened", time_leaf(story.opened)},
                   {"first_opened", "first opened", time_leaf(story.begun)},
                   {"reopened", "opened again, times", std::uint64_t{story.reopened}},
                   {"chips_standing", "chips that stand in it", std::uint64_t{story.standing}},
                   {"chips_ever", "chips that ever came into it", std::uint64_t{story.chips_ever}},
                   {"prohibited_territory", "one was in prohibited territory", yes_leaf(story.prohibited)},
                   {"signs", "signs beside it", std::uint64_t{story.signs}},
                   {"ends", "what ends it", said_leaf(ended_by(story))}}};
  if (story.dispute) {
    part.facts.push_back({"disputed_since", "disputed since", time_leaf(story.dispute->at)});
    part.facts.push_back({"disputed_until", "disputed until", time_leaf(story.dispute->until)});
    part.facts.push_back({"remeasurement_asked", "re-measurement asked", yes_leaf(story.dispute->remeasure)});
  }
  if (story.resolution) {
    part.facts.push_back({"resolved", "resolved", time_leaf(story.resolution->at)});
    part.facts.push_back({"resolution", "as", std::string{name_of(story.resolution->how)}});
  }
  ReportTable timeline{"timeline", "What happened", {}};
  for (const CaseEntry& entry : facts.timeline) {
    if (!is_filed(entry.kind)) continue;
    std::vector<std::string> verdicts;
    for (const VerdictId& id : entry.verdicts) verdicts.push_back(id.hex());
    timeline.rows.push_back({{"number", "entry", std::uint64_t{entry.number}},
                             {"at", "at", time_leaf(entry.at)},
                             {"what", "what", std::string{name_of(entry.kind)}},
                             {"by", "by", std::string{entry.who.empty() ? "rule" : "person"}},
                             {"text", "said", said_leaf(entry.text)},
                             {"chip", "chip", entry.chip ? Leaf{entry.chip->hex()} : Leaf{}},
                             {"verdicts", "verdicts", verdicts.empty() ? Leaf{} : Leaf{std::move(verdicts)}},
                             {"file_sha256", "file SHA-256", entry.file ? Leaf{entry.file->hex()} : Leaf{}}});
  }
  part.tables.push_back(std::move(timeline));
  return part;
}

ReportPart standing_part(const OrderStory& story, const OrderRules& rules) {
  return {"standing",
          "Whether deliveries may be recorded",
          {{"state", "state", std::string{name_of(story.state)}},
           {"since", "since", time_leaf(story.since)},
           {"cause", "because of", story.cause ? Leaf{std::string{name_of(*story.cause)}} : Leaf{}},
           {"held_against", "held against it", said_leaf(held_against(story, rules))},
           {"ends", "what ends it", said_leaf(ended_by(story, rules))}}};
}

}  // namespace

Report act_report(ReportHead head, const ActFacts& facts) {
  Report report{std::move(head), {case_part(facts)}};
  if (facts.licence) report.parts.push_back(licence_part(*facts.licence));
  if (facts.order) report.parts.push_back(order_part(*facts.order));
  return report;
}

Report fleet_report(ReportHead head) { return {std::move(head), {}}; }

Report order_report(ReportHead head, const OrderReportFacts& facts) {
  Report report{std::move(head), {order_part(facts.order)}};
  if (facts.story) report.parts.push_back(standing_part(*facts.story, facts.rules));
  ReportTable deliveries{"deliveries", "Deliveries", {}};
  for (const ReportedDelivery& one : facts.deliveries) {
    deliveries.rows.push_back(
        {{"delivery", "delivery", said_leaf(one.id)},
         {"site", "site", said_leaf(one.site)},
         {"date", "date", said_leaf(one.date)},
         {"quantity", "quantity", one.quantity},
         {"chips", "chips registered", one.chips},
         {"override_reason", "came in on hold because", said_leaf(one.override_reason)}});
  }
  report.parts.front().tables.push_back(std::move(deliveries));
  return report;
}

Report operator_report(ReportHead head, const OperatorFacts& facts) {
  ReportPart part{"holder", "Holder", {{"holder", "holder", said_leaf(facts.holder)}}};
  ReportTable licences{"licences", "Licences", {}};
  for (const ReportedLicence& licence : facts.licences) licences.rows.push_back(licence_part(licence).facts);
  ReportTable conditions{"conditions", "Conditions of the licences", {}};
  for (const ReportedCondition& one : facts.conditions) {
    conditions.rows.push_back({{"condition", "condition", said_leaf(one.id)},
                               {"licence", "licence", said_leaf(one.licence)},
                               {"kind", "kind", said_leaf(one.kind)},
                               {"due", "due", said_leaf(one.due)},
                               {"met", "met", said_leaf(one.met)}});
  }
  part.tables = {std::move(licences), std::move(conditions)};
  return {std::move(head), {std::move(part)}};
}

std::string title_of(const ReportHead& head) {
  switch (head.kind) {
    case ReportKind::kAct:
      return "Report on case " + head.subject;
    case ReportKind::kFleet:
      return "Record of location and end user";
    case ReportKind::kOrder:
      return "Report on order " + head.subject;
    case ReportKind::kOperator:
      return "Chips of " + head.subject;
  }
  return "Report";
}

std::string purpose_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::kAct:
      return "What is on record of one case, as it is to be filed. It says what was proved and when; what was not "
             "proved is called not proved, and accuses nobody.";
    case ReportKind::kFleet:
      return "Where each chip is proved to be, by country, and who its end user is. A chip whose place is not proved is "
             "listed as such: that is neither for nor against it.";
    case ReportKind::kOrder:
      return "What was delivered of one order, and how its chips stand. A chip whose place is not proved is listed as "
             "such: that is neither for nor against it.";
    case ReportKind::kOperator:
      return "The chips of one holder, and for which of them it is proved that they are where they may be. Not proved "
             "is neither for nor against a chip.";
  }
  return {};
}

}  // namespace chiploc
