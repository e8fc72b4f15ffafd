#pragma once
// One document for each kind of report, made of what the pure machines know. Names of persons who work on a case, what
// they tell each other, and who is on the watch list are in none of them.

#include <optional>
#include <string>
#include <vector>

#include "server/cases/case_story.hpp"
#include "server/orders/order_story.hpp"
#include "server/reports/report.hpp"

namespace chiploc {

struct ReportedLicence {
  std::string id, holder, end_user, places, valid_from, valid_to;  ///< empty: not stated
  std::uint64_t quantity = 0;                                      ///< 0: not stated
  std::uint64_t chips = 0;
  std::string standing;  ///< why it is not in force; empty: it is
};
struct ReportedOrder {
  std::string id, licence, exporter, buyer, end_user, operated_by, placed;
  std::uint64_t quantity = 0, delivered = 0, chips = 0;
};
struct ReportedDelivery {
  std::string id, site, date, override_reason;
  std::uint64_t quantity = 0, chips = 0;
};
struct ReportedCondition {
  std::string id, licence, kind, due, met;
};

/// What a licensee files of one case.
struct ActFacts {
  std::uint64_t number = 0;  ///< as people name it
  CaseStory story;
  std::vector<CaseEntry> timeline;  ///< in order, as far as the report's time
  std::optional<ReportedLicence> licence{};
  std::optional<ReportedOrder> order{};
};
struct OrderReportFacts {
  ReportedOrder order;
  std::vector<ReportedDelivery> deliveries;
  std::optional<OrderStory> story{};  ///< nullopt: holds are not kept
  OrderRules rules{};
};
struct OperatorFacts {
  std::string holder;
  std::vector<ReportedLicence> licences;
  std::vector<ReportedCondition> conditions;
};

[[nodiscard]] Report act_report(ReportHead head, const ActFacts& facts);
[[nodiscard]] Report fleet_report(ReportHead head);
[[nodiscard]] Report order_report(ReportHead head, const OrderReportFacts& facts);
[[nodiscard]] Report operator_report(ReportHead head, const OperatorFacts& facts);

/// What the report is called, for people: "Report on a case: Chips are not where they are licensed to be".
[[nodiscard]] std::string title_of(const ReportHead& head);
/// A sentence that says what it is for, and what it does not say.
[[nodiscard]] std::string purpose_of(ReportKind kind);

}  // namespace chiploc
