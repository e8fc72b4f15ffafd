#include "server/service/status_views.hpp"

#include <algorithm>

#include "server/service/views.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

/// Of a number of ChipState; one that no version of this wrote is unspecified.
v1::ChipState state_view(std::uint32_t number) {
  const int state = static_cast<int>(number) + v1::CHIP_PENDING;
  return number < kChipStates ? static_cast<v1::ChipState>(state) : v1::CHIP_STATE_UNSPECIFIED;
}
v1::ChipState state_view(ChipState state) { return state_view(static_cast<std::uint32_t>(state)); }

}  // namespace

v1::ChipStatus view_of(const StatusRecord& status, const StatusRules& rules) {
  v1::ChipStatus out;
  out.set_state(state_view(status.state));
  out.set_since_unix_ns(status.since.since_epoch.count());
  const auto story = parse_story(status.story);
  if (!story) {
    out.set_why("Its story is damaged in the store.");
    out.set_ended_by("The next verdict tells it anew.");
    return out;
  }
  const StatusChange grounds = grounds_of(*story);
  for (const VerdictId& id : grounds.rests_on) out.add_rests_on(string_of(id.bytes));
  out.set_why(grounds.why);
  out.set_ended_by(ended_by(*story, rules));
  if (const auto next = outlook(*story, rules)) {
    out.set_next_unix_ns(next->at.since_epoch.count());
    out.set_next(state_view(next->to));
  }
  if (const auto accused = accusation_of(*story); accused && story->state == ChipState::kDisputed)
    out.set_in_dispute(state_view(*accused));
  return out;
}

void add_absences(const std::vector<AbsenceRecord>& journal, WallTime now, v1::ChipStatus& out) {
  for (auto at = journal.rbegin(); at != journal.rend(); ++at) {
    const bool over = at->ended || at->until <= now;
    v1::ChipAbsence& absence = over ? *out.add_past_absences() : *out.add_absences();
    absence.set_from_unix_ns(at->from.since_epoch.count());
    absence.set_until_unix_ns(at->until.since_epoch.count());
    absence.set_kind(static_cast<v1::AbsenceKind>(at->kind));
    absence.set_reason(at->reason);
    absence.set_declared_by(at->by.name);
    if (at->by.certificate) absence.set_certificate_sha256(string_of(at->by.certificate->bytes));
    absence.set_declared_unix_ns(at->declared.since_epoch.count());
    if (at->ended) absence.set_ended_unix_ns(at->ended->since_epoch.count());
    absence.set_ended_by(at->ended_by);
  }
  auto& all = *out.mutable_absences();
  std::stable_sort(all.begin(), all.end(), [](const v1::ChipAbsence& a, const v1::ChipAbsence& b) {
    return a.from_unix_ns() < b.from_unix_ns();
  });
  auto& past = *out.mutable_past_absences();
  std::reverse(past.begin(), past.end());
}

v1::ChipStatusRow row_of(const ChipRecord& chip, const StatusRecord& status, const StatusRules& rules) {
  v1::ChipStatusRow out;
  const v1::Chip names = view_of(chip);
  out.set_chip_id(names.chip_id());
  out.set_device_id(names.device_id());
  out.set_serial(names.serial());
  out.set_licence(names.licence());
  *out.mutable_status() = view_of(status, rules);
  return out;
}

v1::ChipStatusChange view_of(const StatusChangeRecord& change, const ChipRecord& chip) {
  v1::ChipStatusChange out;
  const v1::Chip names = view_of(chip);
  out.set_chip_id(names.chip_id());
  out.set_device_id(names.device_id());
  out.set_serial(names.serial());
  out.set_licence(names.licence());
  out.set_at_unix_ns(change.at.since_epoch.count());
  out.set_from(state_view(change.from));
  out.set_to(state_view(change.to));
  for (const VerdictId& id : change.rests_on) out.add_rests_on(string_of(id.bytes));
  out.set_why(change.why);
  return out;
}

void add_chip_states(const std::map<std::uint32_t, std::uint64_t>& counts,
                     google::protobuf::Map<std::string, std::uint64_t>& out) {
  for (const auto& [number, count] : counts) {
    if (number < kChipStates) out[std::string{name_of(static_cast<ChipState>(number))}] += count;
  }
}

}  // namespace chiploc
