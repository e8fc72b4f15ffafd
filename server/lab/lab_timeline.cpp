#include "server/lab/lab_timeline.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_reach.hpp"
#include "server/lab/milliseconds.hpp"

namespace chiploc {
namespace {

constexpr double kLossThatSilences = 0.1;

bool concerns(const LabFile& file, const LabEvent& event, std::size_t chip) {
  if (std::holds_alternative<LabChip>(event.after)) return event.index == chip;
  if (std::holds_alternative<LabAnchor>(event.after)) return true;
  const LabPair& pair = file.pairs[event.index];
  const std::string& serial = file.chips[chip].serial;
  return pair.a == serial || pair.b == serial;
}

/// Whether no answer would be no wonder.
bool may_be_silent(const LabFile& now, std::size_t chip) {
  const std::string& serial = now.chips[chip].serial;
  return now.chips[chip].extra.loss >= kLossThatSilences ||
         std::any_of(now.anchors.begin(), now.anchors.end(),
                     [](const LabAnchor& a) { return a.down || a.extra.loss >= kLossThatSilences; }) ||
         std::any_of(now.pairs.begin(), now.pairs.end(), [&](const LabPair& p) {
           return (p.a == serial || p.b == serial) && p.extra.loss >= kLossThatSilences;
         });
}

void allow(std::vector<std::string>& states, const std::string& state) {
  if (std::find(states.begin(), states.end(), state) == states.end()) states.push_back(state);
}

std::string worse_text(const PathExtra& extra) {
  std::ostringstream out;
  out << 100.0 * extra.loss << " % lost, " << to_ms(extra.added_round_trip) << " ms added";
  return out.str();
}

}  // namespace

void apply(LabFile& file, const LabEvent& event) {
  if (const auto* chip = std::get_if<LabChip>(&event.after)) file.chips[event.index] = *chip;
  if (const auto* anchor = std::get_if<LabAnchor>(&event.after)) file.anchors[event.index] = *anchor;
  if (const auto* pair = std::get_if<LabPair>(&event.after)) file.pairs[event.index] = *pair;
}

LabFile lab_at(LabFile file, Nanoseconds at) {
  const std::vector<LabEvent> events = file.events;
  for (const LabEvent& event : events) {
    if (event.at <= at) apply(file, event);
  }
  return file;
}

std::vector<LabRound> rounds_of(const LabFile& file) {
  if (!file.schedule.empty()) return file.schedule;
  LabRound all;
  all.chips.resize(file.chips.size());
  std::iota(all.chips.begin(), all.chips.end(), std::size_t{0});
  return std::vector<LabRound>(static_cast<std::size_t>(file.rounds), all);
}

bool ever(const LabFile& file, std::size_t chip, Behaviour behaviour) {
  if (file.chips[chip].behaviour == behaviour) return true;
  return std::any_of(file.events.begin(), file.events.end(), [&](const LabEvent& event) {
    const auto* after = std::get_if<LabChip>(&event.after);
    return after != nullptr && event.index == chip && after->behaviour == behaviour;
  });
}

std::string text_of(const LabFile& before, const LabEvent& event) {
  if (const auto* chip = std::get_if<LabChip>(&event.after)) {
    const LabChip& was = before.chips[event.index];
    if (was.behaviour != chip->behaviour)
      return chip->serial + " is " + std::string{name_of(chip->behaviour)} + " from now on";
    if (was.extra != chip->extra) return chip->serial + ": " + worse_text(chip->extra);
    return chip->serial + " is elsewhere, or does otherwise, from now on";
  }
  if (const auto* anchor = std::get_if<LabAnchor>(&event.after)) {
    if (before.anchors[event.index].down != anchor->down)
      return "anchor " + anchor->name + (anchor->down ? " goes down" : " comes up");
    return "anchor " + anchor->name + ": " + worse_text(anchor->extra);
  }
  const auto& pair = std::get<LabPair>(event.after);
  return "between " + pair.a + " and " + pair.b + ": " + worse_text(pair.extra);
}

LabExpectation expectation_of(const LabFile& file, const std::vector<LabSpan>& carried_out, std::size_t chip,
                              const LabSpan& round) {
  LabExpectation out;
  LabFile now = file;
  bool changed = false;
  const auto rendezvous =
      file.paths ? rendezvous_of(file, file.chips[chip], false) : std::vector<std::size_t>{};
  const auto cut_off = [&](Nanoseconds at) { return is_cut_off(now, chip, rendezvous, at); };
  const auto look = [&] {
    const LabChip& it = now.chips[chip];
    for (const std::string& state : expected_states(it, *now.licence(it.licence), now.prohibited))
      allow(out.states, state);
    if (may_be_silent(now, chip) || cut_off(round.began) || cut_off(round.ended)) allow(out.states, "SILENT");
    out.behaviour = it.behaviour;
  };
  std::size_t next = 0;
  for (; next < carried_out.size() && carried_out[next].ended <= round.began; ++next)
    apply(now, file.events[next]);
  look();
  for (; next < carried_out.size() && carried_out[next].began < round.ended; ++next) {
    apply(now, file.events[next]);
    if (!concerns(now, file.events[next], chip)) continue;
    changed = true;
    look();
  }
  if (changed) {
    allow(out.states, "UNRESOLVED");
    allow(out.states, "SILENT");
  }
  return out;
}

}  // namespace chiploc
