#include "server/service/summary_json.hpp"

#include "server/service/json_view.hpp"
#include "server/service/status_json.hpp"

namespace chiploc {
namespace {

Json summary_time(std::int64_t unix_ns) { return unix_ns == 0 ? Json(nullptr) : Json(iso_time(unix_ns)); }
Json summary_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

Json json_of(const v1::GetSummaryResponse& summary) {
  Json out{{"at", iso_time(summary.now_unix_ns())},
           {"since", iso_time(summary.since_unix_ns())},
           {"chips", summary.chips()},
           {"never_measured", summary.unmeasured()}};
  Json statuses = Json::object();
  for (const auto& row : summary.statuses()) {
    statuses[chip_state_name(row.state())] = {
        {"chips", row.chips()}, {"entered", row.entered()}, {"left", row.left()}};
  }
  out["statuses"] = std::move(statuses);
  Json verdicts = Json::object();
  for (const auto& row : summary.verdicts()) verdicts[state_name(row.state())] = row.chips();
  out["newest_verdicts"] = std::move(verdicts);
  Json runs_out = Json::array();
  for (const auto& row : summary.runs_out())
    runs_out.push_back({{"what", row.what()},
                        {"name", row.name()},
                        {"at", iso_time(row.at_unix_ns())},
                        {"chips", row.chips()}});
  out["runs_out"] = std::move(runs_out);
  out["runs_out_total"] = summary.runs_out_total();
  out["stories_kept"] = summary.stories_kept();
  Json orders = Json::array();
  for (const auto& row : summary.held_orders())
    orders.push_back({{"order", row.order()},
                      {"cause", row.cause()},
                      {"since", iso_time(row.since_unix_ns())},
                      {"why", row.why()}});
  out["orders_on_hold"] = std::move(orders);
  out["orders_on_hold_total"] = summary.held_orders_total();
  Json cases = Json::array();
  for (const auto& row : summary.cases())
    cases.push_back({{"case", row.name()},
                     {"state", row.state()},
                     {"about", row.about()},
                     {"priority", row.priority() == 0 ? Json(nullptr) : Json(row.priority())},
                     {"why", row.why()},
                     {"chips", row.chips()},
                     {"opened", iso_time(row.opened_unix_ns())},
                     {"assignee", summary_text(row.assignee())}});
  out["open_cases"] = std::move(cases);
  out["open_cases_total"] = summary.cases_total();
  out["anchors"] = summary.anchors();
  Json anchors = Json::array();
  for (const auto& row : summary.anchors_unwell()) {
    Json problems = Json::array();
    for (const std::string& problem : row.problems()) problems.push_back(problem);
    anchors.push_back({{"anchor", row.anchor()}, {"problems", std::move(problems)}});
  }
  out["anchors_unwell"] = std::move(anchors);
  out["anchors_unwell_total"] = summary.anchors_unwell_total();
  Json notices = Json::array();
  for (const auto& row : summary.notices())
    notices.push_back({{"sink", row.sink()},
                       {"waiting", row.waiting()},
                       {"dead", row.dead()},
                       {"oldest", summary_time(row.oldest_unix_ns())},
                       {"off_since", summary_time(row.off_unix_ns())},
                       {"why_off", summary_text(row.why_off())}});
  out["notices"] = std::move(notices);
  return out;
}

}  // namespace chiploc
