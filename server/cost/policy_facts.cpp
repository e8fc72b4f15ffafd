#include "server/cost/policy_facts.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

namespace chiploc {
namespace {

constexpr Nanoseconds kLeastCadence = std::chrono::minutes{15};
constexpr WallTime kStart{std::chrono::hours{24 * 365 * 50}};  // any day will do

/// Tells one chip's story and remembers the states that it came into.
class StoryTeller {
 public:
  StoryTeller(const StatusRules& rules, Nanoseconds lifetime)
      : rules_{rules}, lifetime_{lifetime}, story_{begin_story(kStart)} {}

  void judged(Nanoseconds at, VerdictKind kind) {
    ++verdicts_;
    VerdictId id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(verdicts_ >> (8 * i));
    note(apply(story_, {kStart + at, Judged{id, kind, kStart + at, kStart + at + lifetime_}}, rules_));
  }
  /// Whether it was taken.
  bool absent(Nanoseconds at, Nanoseconds from, Nanoseconds until) {
    const AbsenceDeclared absence{kStart + from, kStart + until};
    if (!refusal_of(absence, story_, rules_).empty()) return false;
    note(apply(story_, {kStart + at, absence}, rules_));
    return true;
  }
  void tell_to(Nanoseconds at) { note(advance(story_, kStart + at, rules_)); }

  /// The first state of these, and when; and what comes of it.
  [[nodiscard]] Unseen first_of(const std::set<ChipState>& states) const {
    Unseen out;
    for (const StatusChange& change : changes_) {
      if (!states.contains(change.to)) continue;
      if (!out.time) {
        out.time = change.at - kStart;
        out.then = change.to;
      }
      out.is_unproven = out.is_unproven || change.to == ChipState::kUnproven;
      out.is_silent = out.is_silent || change.to == ChipState::kSilent;
      out.is_accused = out.is_accused || accuses(change.to);
    }
    return out;
  }
  [[nodiscard]] bool was(ChipState state) const { return first_of({state}).time.has_value(); }

 private:
  void note(std::vector<StatusChange> changes) {
    for (StatusChange& change : changes) changes_.push_back(std::move(change));
  }
  const StatusRules& rules_;
  Nanoseconds lifetime_;
  ChipStory story_;
  std::uint64_t verdicts_ = 0;
  std::vector<StatusChange> changes_;
};

/// What calls somebody, where honest chips have been told by `honest`.
std::set<ChipState> calling(const StoryTeller& honest) {
  std::set<ChipState> out{ChipState::kUnproven,   ChipState::kSilent,   ChipState::kDrifted,
                          ChipState::kProhibited, ChipState::kTampered, ChipState::kDisputed};
  std::erase_if(out, [&](ChipState state) { return honest.was(state); });
  return out;
}

Nanoseconds told_cadence(Nanoseconds cadence, Nanoseconds horizon) {
  return cadence <= Nanoseconds{0} ? horizon * 2 : std::max(cadence, kLeastCadence);
}

StoryTeller always(VerdictKind kind, const StatusRules& rules, Nanoseconds lifetime, Nanoseconds cadence,
                   Nanoseconds horizon) {
  StoryTeller out{rules, lifetime};
  out.judged(Nanoseconds{0}, VerdictKind::kProof);
  for (Nanoseconds at = cadence; at <= horizon; at += cadence) out.judged(at, kind);
  out.tell_to(horizon);
  return out;
}

/// How long an absence from `from` on may be, by the limits of one and of a year.
Nanoseconds excusable(const std::vector<Absence>& declared, WallTime from, const StatusRules& rules) {
  constexpr Nanoseconds kYear = std::chrono::hours{24 * 365};
  Nanoseconds length = std::min(rules.absence_most, rules.absences_a_year);
  Nanoseconds sum{0};
  for (const Absence& other : declared) {
    const WallTime year_ago = from + length - kYear;
    if (other.until > year_ago) sum += other.until - std::max(other.from, year_ago);
  }
  return std::min(length, rules.absences_a_year - sum);
}

/// Silent from the first proof on, with one absence after the other for as long as they are taken.
StoryTeller excused(const StatusRules& rules, Nanoseconds lifetime, Nanoseconds cadence,
                    Nanoseconds horizon) {
  StoryTeller out{rules, lifetime};
  out.judged(Nanoseconds{0}, VerdictKind::kProof);
  std::vector<Absence> declared;
  Nanoseconds until{0};
  for (Nanoseconds at = cadence; at <= horizon; at += cadence) {
    while (until < at) {
      const Nanoseconds length = excusable(declared, kStart + until, rules);
      if (length <= Nanoseconds{0} || !out.absent(until, until, until + length)) break;
      declared.push_back({kStart + until, kStart + until + length});
      until += length;
    }
    if (at < until) continue;  // nobody asks who is excused
    out.judged(at, VerdictKind::kSilence);
    until = at;
  }
  out.tell_to(horizon);
  return out;
}

}  // namespace

PolicyFacts facts_of(const Policy& policy, const PolicyRules& rules, RiskTier tier, Nanoseconds horizon) {
  PolicyFacts out;
  out.cadence = flag_law_of(rules, tier).cadence;
  const StatusRules& status = rules.status.rules;
  const Nanoseconds cadence = told_cadence(out.cadence, horizon);
  const auto told = [&](VerdictKind kind) { return always(kind, status, policy.lifetime, cadence, horizon); };
  const StoryTeller honest = told(VerdictKind::kProof);
  out.honest_unproven = honest.was(ChipState::kUnproven);
  out.honest_overdue = honest.was(ChipState::kOverdue);
  const std::set<ChipState> states = calling(honest);
  out.dark = told(VerdictKind::kSilence).first_of(states);
  out.stalls = told(VerdictKind::kOpen).first_of(states);
  out.elsewhere = told(VerdictKind::kOutside).first_of(states);
  out.absent = excused(status, policy.lifetime, cadence, horizon).first_of(states);
  out.faults_to_clear = policy.faults_to_clear();
  out.faults_to_accuse = policy.faults_to_accuse();
  out.cleared_is_enough = rules.status.cleared_is_enough;
  out.speed_km_s = policy.speed.km_s();
  out.absence_most = status.absence_most;
  out.absences_a_year = status.absences_a_year;
  out.silent_holds = rules.orders.silent_counts;
  out.unproven_holds = rules.orders.unproven_counts;
  out.hold_least = rules.orders.hold_least;
  return out;
}

Unseen shuttle_unseen(const PolicyRules& rules, RiskTier tier, Nanoseconds lifetime, Nanoseconds away,
                      Nanoseconds horizon) {
  const StatusRules& status = rules.status.rules;
  const Nanoseconds cadence = told_cadence(flag_law_of(rules, tier).cadence, horizon);
  const auto states = calling(always(VerdictKind::kProof, status, lifetime, cadence, horizon));
  StoryTeller story{status, lifetime};
  story.judged(Nanoseconds{0}, VerdictKind::kProof);
  Nanoseconds home = away;
  for (Nanoseconds at = cadence; at <= horizon; at += cadence) {
    for (; home <= at; home += away) story.judged(home, VerdictKind::kProof);
    story.judged(at, VerdictKind::kOpen);  // from there it answers, and nothing is proved
  }
  story.tell_to(std::min(home, horizon));
  return story.first_of(states);
}

}  // namespace chiploc
