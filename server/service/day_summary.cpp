#include "server/service/day_summary.hpp"

#include <algorithm>
#include <chrono>

#include "proto/base/certificate_life.hpp"
#include "server/cases/case_queue.hpp"
#include "server/follow_up/notices_of.hpp"

namespace chiploc {
namespace {

WallTime end_of(Date day) { return {std::chrono::sys_days{day}.time_since_epoch() + std::chrono::hours{24}}; }

/// Puts what runs out in order, and leaves the first.
void cut_runs_out(v1::GetSummaryResponse& out) {
  auto& all = *out.mutable_runs_out();
  std::stable_sort(all.begin(), all.end(), [](const v1::RunsOut& a, const v1::RunsOut& b) {
    return a.at_unix_ns() < b.at_unix_ns();
  });
  out.set_runs_out_total(static_cast<std::uint64_t>(all.size()));
  if (all.size() > kSummaryRows) all.DeleteSubrange(kSummaryRows, all.size() - kSummaryRows);
}

std::vector<std::string> problems_of(const AnchorStatus* status, WallTime now) {
  if (status == nullptr) return {"it has not attached since chiplocd started"};
  std::vector<std::string> out;
  if (!status->connected) out.emplace_back("it is not connected");
  if (!status->place_problem.empty()) out.push_back(status->place_problem);
  if (status->twice != WallTime{} && now - status->twice < kTwiceFor)
    out.emplace_back("two processes run with its name and key");
  if (status->certificate && near_end(*status->certificate, now))
    out.emplace_back("its certificate ends soon");
  if (status->spool_dropped > 0)
    out.push_back("it lost " + std::to_string(status->spool_dropped) + " messages to a full spool");
  return out;
}

}  // namespace

void add_tallies(const std::map<std::uint32_t, std::uint64_t>& counts,
                 const std::vector<StatusChangeCount>& changes, v1::GetSummaryResponse& out) {
  for (std::uint32_t state = 0; state < kChipStates; ++state) {
    v1::StatusTally& row = *out.add_statuses();
    row.set_state(static_cast<v1::ChipState>(state + v1::CHIP_PENDING));
    const auto found = counts.find(state);
    row.set_chips(found == counts.end() ? 0 : found->second);
    for (const StatusChangeCount& change : changes) {
      if (change.from == change.to) continue;
      if (change.to == state) row.set_entered(row.entered() + change.changes);
      if (change.from == state) row.set_left(row.left() + change.changes);
    }
  }
}

void add_runs_out(const Registry& registry, const std::vector<AnchorStatus>& anchors,
                  const Registry& all_anchors, WallTime now, WallTime until, v1::GetSummaryResponse& out) {
  const auto add = [&](const char* what, const std::string& name, WallTime at, std::uint64_t chips) {
    if (at > until) return;
    v1::RunsOut& row = *out.add_runs_out();
    row.set_what(what);
    row.set_name(name);
    row.set_at_unix_ns(at.since_epoch.count());
    row.set_chips(chips);
  };
  for (const auto& [id, licence] : registry.licences()) {
    if (end_of(licence->valid_to) >= now)
      add("licence", id, end_of(licence->valid_to), registry.chips_of_licence(id));
  }
  for (const auto& [id, condition] : registry.conditions()) {
    if (!condition->met)
      add("condition", id, end_of(condition->due), registry.chips_of_licence(condition->licence));
  }
  for (const AnchorStatus& anchor : anchors) {
    const AnchorRecord* record = all_anchors.anchor(anchor.anchor);
    if (record != nullptr && anchor.certificate && anchor.certificate->until >= now)
      add("certificate", record->name, anchor.certificate->until, 0);
  }
  cut_runs_out(out);
}

void add_anchors(const Registry& registry, const std::vector<AnchorStatus>& anchors, WallTime now,
                 v1::GetSummaryResponse& out) {
  std::map<AnchorId, const AnchorStatus*> known;
  for (const AnchorStatus& status : anchors) known.emplace(status.anchor, &status);
  std::uint64_t unwell = 0;
  for (const auto& [name, record] : registry.anchors()) {
    const auto status = known.find(record->id);
    const auto problems = problems_of(status == known.end() ? nullptr : status->second, now);
    if (problems.empty()) continue;
    ++unwell;
    if (out.anchors_unwell_size() >= kSummaryRows) continue;
    v1::AnchorTrouble& row = *out.add_anchors_unwell();
    row.set_anchor(name);
    for (const std::string& problem : problems) row.add_problems(problem);
  }
  out.set_anchors(registry.anchors().size());
  out.set_anchors_unwell_total(unwell);
}

void add_cases(const std::vector<FoundCase>& cases, const Registry& registry, bool all, WallTime now,
               v1::GetSummaryResponse& out) {
  std::vector<const CaseStory*> known;
  std::map<const CaseStory*, std::uint64_t> numbers;
  for (const FoundCase& one : cases) {
    if (one.story.state == CaseState::kResolved) continue;
    if (!all && registry.order(one.story.ref.key.order) == nullptr &&
        registry.licence(one.story.licence) == nullptr)
      continue;
    known.push_back(&one.story);
    numbers.emplace(&one.story, one.number);
  }
  out.set_cases_total(known.size());
  std::vector<QueuedCase> queue = work_queue(known, {}, now);
  if (!all)
    std::stable_sort(queue.begin(), queue.end(), [](const QueuedCase& a, const QueuedCase& b) {
      return a.story->opened < b.story->opened;
    });
  for (const QueuedCase& queued : queue) {
    if (out.cases_size() >= kSummaryRows) break;
    v1::OpenCase& row = *out.add_cases();
    row.set_name(case_name(numbers.at(queued.story)));
    row.set_about(text_of(queued.story->ref));
    row.set_state(std::string{name_of(queued.story->state)});
    if (all) row.set_priority(queued.priority.points);
    // Whom the watch list has is not a holder's to know; the kind is what they need.
    row.set_why(all && !queued.priority.reasons.empty()
                    ? queued.priority.reasons.front().text
                    : std::string{heading_of(queued.story->ref.key.kind)});
    row.set_chips(queued.story->standing);
    row.set_opened_unix_ns(queued.story->opened.since_epoch.count());
    row.set_assignee(queued.story->assignee);
  }
}

void add_held_orders(const std::vector<FoundOrder>& orders, const Registry& registry, bool all,
                     const OrderRules& rules, v1::GetSummaryResponse& out) {
  std::vector<const FoundOrder*> known;
  for (const FoundOrder& one : orders) {
    if (one.story.state == OrderState::kHold && (all || registry.order(one.order) != nullptr))
      known.push_back(&one);
  }
  std::stable_sort(known.begin(), known.end(),
                   [](const FoundOrder* a, const FoundOrder* b) { return a->story.since < b->story.since; });
  out.set_held_orders_total(known.size());
  for (const FoundOrder* one : known) {
    if (out.held_orders_size() >= kSummaryRows) break;
    v1::HeldOrder& row = *out.add_held_orders();
    row.set_order(one->order);
    if (one->story.cause) row.set_cause(std::string{name_of(*one->story.cause)});
    row.set_since_unix_ns(one->story.since.since_epoch.count());
    row.set_why(held_against(one->story, rules));
  }
}

void add_notices(const std::vector<SinkStanding>& sinks, v1::GetSummaryResponse& out) {
  for (const SinkStanding& sink : sinks) {
    v1::WaitingNotices& row = *out.add_notices();
    row.set_sink(sink.sink);
    row.set_waiting(sink.waiting);
    row.set_dead(sink.dead);
    if (sink.oldest) row.set_oldest_unix_ns(sink.oldest->since_epoch.count());
    if (sink.off) row.set_off_unix_ns(sink.off->since_epoch.count());
    row.set_why_off(sink.why_off);
  }
}

}  // namespace chiploc
