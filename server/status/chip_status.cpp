#include "server/status/chip_status.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kChipStates> kNames{"pending",  "compliant", "unproven",   "overdue",
                                                           "silent",   "drifted",   "prohibited", "tampered",
                                                           "disputed", "absent"};
constexpr Nanoseconds kYear = std::chrono::hours{365 * 24};

// ---- what follows from the facts at an instant; nothing else says what a chip's state is

bool is_absent(const ChipStory& story, WallTime t) {
  return std::any_of(story.absences.begin(), story.absences.end(),
                     [&](const Absence& absence) { return absence.from <= t && t < absence.until; });
}

/// Until when the newest proof holds.
std::optional<WallTime> proved_until(const ChipStory& story, const StatusRules& rules) {
  if (!story.proof) return std::nullopt;
  const WallTime expires = story.proof->expires;
  return story.lost ? std::min(expires, story.lost->at + rules.lost_proof_after) : expires;
}

/// When a clock that was started at `start` has run for `time`: it stands still during absences, and goes on afterwards where
/// it was. Were it to begin anew, a row of short absences would keep a chip quiet for ever.
WallTime runs_out(const ChipStory& story, WallTime start, Nanoseconds time) {
  WallTime out = start + time;
  for (const Absence& absence : story.absences) {  // in their order
    const WallTime from = std::max(absence.from, start);
    if (from < absence.until && from < out) out = out + (absence.until - from);
  }
  return out;
}

/// Of a chip of which nothing is proved: since its enrolment, or the end of its last proof.
WallTime unproven_at(const ChipStory& story, const StatusRules& rules) {
  const WallTime since = std::max(story.begun, proved_until(story, rules).value_or(story.begun));
  return runs_out(story, since, rules.unproven_after);
}

/// Of a chip that is silent.
WallTime silent_at(const ChipStory& story, const StatusRules& rules) {
  return runs_out(story, story.silent->at, rules.silent_after);
}

WallTime overdue_at(const ChipStory& story, const StatusRules& rules) {
  const WallTime since = story.last ? std::max(story.begun, story.last->at) : story.begun;
  return runs_out(story, since, rules.overdue_after);
}

std::optional<ChipState> accusation(const ChipStory& story) {
  if (!story.prohibited.empty()) return ChipState::kProhibited;
  if (!story.tampered.empty()) return ChipState::kTampered;
  if (!story.drifted.empty()) return ChipState::kDrifted;
  return std::nullopt;
}

ChipState state_at(const ChipStory& story, WallTime t, const StatusRules& rules) {
  if (const auto accused = accusation(story)) {
    return story.disputed_until && t < *story.disputed_until ? ChipState::kDisputed : *accused;
  }
  if (const auto end = proved_until(story, rules); end && t < *end) return ChipState::kCompliant;
  if (is_absent(story, t)) return ChipState::kAbsent;
  if (story.silent && t >= silent_at(story, rules)) return ChipState::kSilent;
  if (t >= overdue_at(story, rules)) return ChipState::kOverdue;
  return t >= unproven_at(story, rules) ? ChipState::kUnproven : ChipState::kPending;
}

/// Every instant at which time alone may change the state, after `after`.
std::vector<WallTime> turns(const ChipStory& story, WallTime after, const StatusRules& rules) {
  std::vector<WallTime> out;
  const auto add = [&](WallTime t) {
    if (t > after) out.push_back(t);
  };
  if (story.disputed_until) add(*story.disputed_until);
  if (const auto end = proved_until(story, rules)) add(*end);
  for (const Absence& absence : story.absences) {
    add(absence.from);
    add(absence.until);
  }
  add(unproven_at(story, rules));
  add(overdue_at(story, rules));
  if (story.silent) add(silent_at(story, rules));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// ---- words

std::vector<VerdictId> ids_of(const std::vector<Sign>& signs) {
  std::vector<VerdictId> out;
  for (const Sign& sign : signs) out.push_back(sign.verdict);
  return out;
}

std::vector<VerdictId> rests_on(const ChipStory& story, ChipState state) {
  switch (state) {
    case ChipState::kCompliant:
      return {story.proof->last.verdict};
    case ChipState::kProhibited:
      return ids_of(story.prohibited);
    case ChipState::kTampered:
      return ids_of(story.tampered);
    case ChipState::kDrifted:
      return ids_of(story.drifted);
    case ChipState::kDisputed:
      return rests_on(story, *accusation(story));
    case ChipState::kSilent:
      return {story.silent->verdict, story.last->verdict};
    case ChipState::kUnproven:
    case ChipState::kPending:
    case ChipState::kOverdue:
    case ChipState::kAbsent:
      break;
  }
  if (story.last) return {story.last->verdict};
  return {};
}

std::string hours_text(Nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g h", std::chrono::duration<double, std::ratio<3'600>>{time}.count());
  return text;
}

std::string times(std::size_t n) { return n == 1 ? "once" : std::to_string(n) + " times"; }

std::string why(const ChipStory& story, ChipState state, WallTime t) {
  switch (state) {
    case ChipState::kCompliant:
      return "A proof is in force.";
    case ChipState::kProhibited:
      return "Proved in prohibited territory " + times(story.prohibited.size()) +
             " without a proof in between.";
    case ChipState::kDrifted:
      return "Proved outside its licence " + times(story.drifted.size()) + " without a proof in between.";
    case ChipState::kTampered:
      return "Its own key signed " + times(story.tampered.size()) + " for what an honest chip does not do.";
    case ChipState::kDisputed:
      return "Its operator disputes what it is accused of.";
    case ChipState::kSilent:
      return "It has not answered for longer than it may.";
    case ChipState::kOverdue:
      return story.last ? "No round of it has ended for longer than it may." : "It has never been measured.";
    case ChipState::kUnproven:
      return "For longer than it may nothing was proved of it.";
    case ChipState::kAbsent:
      return "It is declared to be absent.";
    case ChipState::kPending:
      break;
  }
  if (std::any_of(story.absences.begin(), story.absences.end(),
                  [&](const Absence& absence) { return absence.until == t; }))
    return "Its absence is over, and nothing is proved yet.";
  return story.proof ? "Its last proof holds no more." : "Nothing has been proved of it yet.";
}

/// Sets the state to what it is at `t`, and says so if that is another.
void settle(ChipStory& story, WallTime t, const StatusRules& rules, std::vector<StatusChange>& changes) {
  const ChipState to = state_at(story, t, rules);
  if (to == story.state) return;
  changes.push_back({t, story.state, to, rests_on(story, to), why(story, to, t)});
  // A dispute that is over has taken nothing off the time that the accusation has stood.
  story.since = story.state == ChipState::kDisputed && accuses(to) ? story.accused : t;
  story.state = to;
}

// ---- events

/// remember() has dropped those that are too old.
std::vector<Sign> signs_of(const ChipStory& story, std::initializer_list<VerdictKind> kinds) {
  std::vector<Sign> out;
  for (const Sign& sign : story.signs) {
    if (std::find(kinds.begin(), kinds.end(), sign.kind) != kinds.end()) out.push_back(sign);
  }
  return out;
}

void confirm(std::vector<Sign>& into, std::vector<Sign> signs, WallTime now, const StatusRules& rules,
             ChipStory& story) {
  if (!into.empty() || signs.size() < rules.confirmations) return;
  if (!accusation(story)) story.accused = now;
  into = std::move(signs);
}

void forget_signs(ChipStory& story, bool of_place) {
  const auto gone = [&](const Sign& sign) { return (sign.kind != VerdictKind::kTampering) == of_place; };
  story.signs.erase(std::remove_if(story.signs.begin(), story.signs.end(), gone), story.signs.end());
}

void remember(ChipStory& story, const Sign& sign, const StatusRules& rules) {
  story.signs.push_back(sign);
  const auto too_old = [&](const Sign& s) { return sign.at - s.at > rules.confirm_within; };
  story.signs.erase(std::remove_if(story.signs.begin(), story.signs.end(), too_old), story.signs.end());
  const auto alike = [&](const Sign& s) { return s.kind == sign.kind; };
  if (std::count_if(story.signs.begin(), story.signs.end(), alike) > std::ptrdiff_t{kConfirmationsMax}) {
    story.signs.erase(std::find_if(story.signs.begin(), story.signs.end(), alike));
  }
}

void take(ChipStory& story, const Judged& judged, WallTime now, const StatusRules& rules) {
  if (story.last && story.last->verdict == judged.verdict) return;
  const Sign sign{judged.verdict, now, judged.kind};
  story.last = sign;
  if (judged.kind != VerdictKind::kSilence) {
    story.silent.reset();
  } else if (!story.silent) {
    story.silent = sign;
  }
  if (judged.kind == VerdictKind::kProof) {
    const bool in_a_row = story.proof && !story.lost;
    // What has expired when it comes proves nothing today.
    const WallTime expires = std::min(judged.expires, now + (judged.expires - judged.decided));
    story.proof = ChipStory::Proof{in_a_row ? story.proof->first : sign, sign,
                                   in_a_row ? std::min(story.proof->in_a_row + 1, kInARowMost) : 1, expires};
    story.lost.reset();
    forget_signs(story, true);
    if (story.proof->in_a_row >= rules.restorations) {
      story.drifted.clear();
      story.prohibited.clear();
    }
  } else if (!story.lost && story.proof) {
    story.lost = sign;
  }
  if (judged.kind != VerdictKind::kOutside && judged.kind != VerdictKind::kProhibited &&
      judged.kind != VerdictKind::kTampering) {
    return;
  }
  remember(story, sign, rules);
  confirm(story.prohibited, signs_of(story, {VerdictKind::kProhibited}), now, rules, story);
  confirm(story.drifted, signs_of(story, {VerdictKind::kOutside, VerdictKind::kProhibited}), now, rules,
          story);
  confirm(story.tampered, signs_of(story, {VerdictKind::kTampering}), now, rules, story);
}

void take(ChipStory& story, const AbsenceDeclared& declared, WallTime now, const StatusRules& rules) {
  if (!refusal_of(declared, story, rules).empty()) return;
  const auto old = [&](const Absence& absence) { return absence.until + kYear < now; };
  story.absences.erase(std::remove_if(story.absences.begin(), story.absences.end(), old),
                       story.absences.end());
  story.absences.push_back({std::max(declared.from, now), declared.until});
  std::sort(story.absences.begin(), story.absences.end(),
            [](const Absence& a, const Absence& b) { return a.from < b.from; });
}

void end_absences(ChipStory& story, WallTime now) {
  for (Absence& absence : story.absences)
    absence.until = std::min(absence.until, std::max(absence.from, now));
  const auto never = [](const Absence& absence) { return absence.from == absence.until; };
  story.absences.erase(std::remove_if(story.absences.begin(), story.absences.end(), never),
                       story.absences.end());
}

void lift(ChipStory& story) {
  story.signs.clear();
  story.drifted.clear();
  story.prohibited.clear();
  story.tampered.clear();
  story.disputed_until.reset();
}

ChipStory begun_at(WallTime now, const ChipStory& before) {
  ChipStory story = begin_story(now);
  story.absences = before.absences;  // or each enrolment would bring a new year of them
  story.state = before.state;        // settle() says what becomes of it
  story.since = before.since;
  return story;
}

}  // namespace

std::string_view name_of(ChipState state) { return kNames.at(static_cast<std::size_t>(state)); }

std::optional<ChipState> chip_state_of(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ChipState>(found - kNames.begin());
}

bool accuses(ChipState state) {
  return state == ChipState::kDrifted || state == ChipState::kProhibited || state == ChipState::kTampered;
}

ChipStory begin_story(WallTime at) {
  ChipStory story;
  story.told = story.begun = story.since = at;
  return story;
}

std::vector<StatusChange> advance(ChipStory& story, WallTime to, const StatusRules& rules) {
  std::vector<StatusChange> changes;
  if (to <= story.told) return changes;
  for (const WallTime t : turns(story, story.told, rules)) {
    if (t > to) break;
    settle(story, t, rules, changes);
  }
  settle(story, to, rules, changes);
  story.told = to;
  return changes;
}

std::vector<StatusChange> apply(ChipStory& story, const StatusEvent& event, const StatusRules& rules) {
  const WallTime now = std::max(event.at, story.told);
  std::vector<StatusChange> changes = advance(story, now, rules);
  if (const auto* judged = std::get_if<Judged>(&event.what)) {
    take(story, *judged, now, rules);
  } else if (std::get_if<EnrolledAnew>(&event.what) != nullptr) {
    story = begun_at(now, story);
  } else if (const auto* declared = std::get_if<AbsenceDeclared>(&event.what)) {
    take(story, *declared, now, rules);
  } else if (std::get_if<AbsenceEnded>(&event.what) != nullptr) {
    end_absences(story, now);
  } else if (std::get_if<DisputeOpened>(&event.what) != nullptr) {
    // Once for one accusation: a dispute that ran out is not opened again by asking again.
    if (accusation(story) && !story.disputed_until) story.disputed_until = now + rules.dispute_most;
  } else if (std::get_if<DisputeClosed>(&event.what) != nullptr) {
    if (story.disputed_until) story.disputed_until = std::min(*story.disputed_until, now);
  } else {
    lift(story);
  }
  if (!accusation(story)) story.disputed_until.reset();
  settle(story, now, rules, changes);
  return changes;
}

std::string refusal_of(const AbsenceDeclared& absence, const ChipStory& story, const StatusRules& rules) {
  const WallTime from = std::max(absence.from, story.told);
  if (absence.until <= from) return "the absence ends before it begins, or has ended already";
  if (absence.until - from > rules.absence_most)
    return "the absence is longer than the " + hours_text(rules.absence_most) + " of absence_most_hours";
  if (story.absences.size() >= kAbsencesMax) return "too many absences are kept for this chip";
  Nanoseconds sum = absence.until - from;
  for (const Absence& other : story.absences) {
    if (from < other.until && other.from < absence.until) {
      return "another absence is declared for a part of that time; end that one first";
    }
    if (other.until + kYear > absence.until) sum += other.until - std::max(other.from, absence.until - kYear);
  }
  if (sum > rules.absences_a_year)
    return "with this one the chip's absences of a year exceed the " + hours_text(rules.absences_a_year) +
           " of absences_a_year_hours";
  return {};
}

std::optional<Outlook> outlook(const ChipStory& story, const StatusRules& rules) {
  for (const WallTime t : turns(story, story.told, rules)) {
    const ChipState to = state_at(story, t, rules);
    if (to != story.state) return Outlook{t, to};
  }
  return std::nullopt;
}

StatusChange grounds_of(const ChipStory& story) {
  return {story.since, story.state, story.state, rests_on(story, story.state),
          why(story, story.state, story.since)};
}

std::optional<ChipState> accusation_of(const ChipStory& story) { return accusation(story); }

std::string ended_by(const ChipStory& story, const StatusRules& rules) {
  const std::string proofs = times(rules.restorations) + (rules.restorations == 1 ? "" : " in a row");
  switch (story.state) {
    case ChipState::kCompliant:
      return "It ends when the proof expires, unless a newer one comes.";
    case ChipState::kDrifted:
    case ChipState::kProhibited:
      return "It ends when the chip is proved to be where it may be " + proofs +
             ", or a person lifts it in its case.";
    case ChipState::kTampered:
      return "It ends when a person lifts it in its case, or an admin enrols the chip anew.";
    case ChipState::kDisputed:
      return "It ends when the dispute is closed, or when its time is over.";
    case ChipState::kAbsent:
      return "It ends when the absence does, or with a proof.";
    case ChipState::kSilent:
      return "It ends when the chip answers; only a proof makes it compliant.";
    case ChipState::kOverdue:
      return "It ends with the next verdict; only a proof makes it compliant.";
    case ChipState::kUnproven:
    case ChipState::kPending:
      break;
  }
  return "It ends with a proof.";
}

}  // namespace chiploc
