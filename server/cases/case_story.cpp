#include "server/cases/case_story.hpp"

#include <algorithm>

#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

/// Names come from the registry, which has checked them; one that could not be stored is left out.
CaseWeights kept(CaseWeights weights) {
  for (std::string* name : {&weights.watch_listed, &weights.transshipment}) {
    if (!name->empty() && !said_fault("name", *name, kSaidNameMax).empty()) name->clear();
  }
  return weights;
}

bool power_of_two(std::uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

/// One telling: the story, the time, and what comes of it.
struct Telling {
  CaseStory& story;
  WallTime now;
  const CaseRules& rules;
  CaseTold& told;

  CaseEntry& entry(CaseEntryKind kind, std::string who, std::string text) const {
    CaseEntry entry{++story.entries, now, kind, story.state};
    entry.who = std::move(who);
    entry.text = std::move(text);
    told.entries.push_back(std::move(entry));
    return told.entries.back();
  }
  void move_to(CaseState state) const {
    story.state = state;
    story.since = now;
  }
  void to_status(decltype(ToStatus::what) what) const {
    if (accused_by_status(story.ref.key.kind)) told.to_status.push_back({now, what});
  }
};

// ---- chips

std::vector<CaseChip>::iterator listed(CaseStory& story, const ChipId& chip) {
  return std::find_if(story.chips.begin(), story.chips.end(),
                      [&](const CaseChip& other) { return other.chip == chip; });
}

void stand(const Telling& t, const ChipId& chip, ChipState state) {
  ++t.story.standing;
  ++t.story.chips_ever;
  if (t.story.chips.size() < kCaseChipsShown) t.story.chips.push_back({chip, state, t.now});
}

/// Opened again: what was decided before is in the timeline.
void open_again(const Telling& t) {
  t.story.resolution.reset();
  t.story.was_disputed = false;
  t.story.prohibited = false;
  t.story.opened = t.now;
  ++t.story.reopened;
  t.move_to(CaseState::kOpen);
}

/// For an accusation that comes from rules: which entry it makes.
CaseEntryKind open_by_rule(const Telling& t, CaseEntryKind joined) {
  if (t.story.entries == 0) return CaseEntryKind::kOpened;
  if (t.story.state != CaseState::kResolved) return joined;
  open_again(t);
  return CaseEntryKind::kReopened;
}

void take(const Telling& t, const ChipAccused& accused) {
  if (listed(t.story, accused.chip) != t.story.chips.end()) return;
  const CaseEntryKind kind = open_by_rule(t, CaseEntryKind::kChipJoined);
  stand(t, accused.chip, accused.state);
  t.story.prohibited |= accused.state == ChipState::kProhibited;
  t.story.weights = kept(accused.weights);
  CaseEntry& entry = t.entry(kind, {}, accused.why);
  entry.chip = accused.chip;
  entry.verdicts = accused.rests_on;
  entry.loud = kind != CaseEntryKind::kChipJoined || power_of_two(t.story.standing);
}

void take(const Telling& t, const ChipRestated& restated) {
  const auto chip = listed(t.story, restated.chip);
  if (chip != t.story.chips.end()) {
    if (chip->state == restated.state) return;
    *chip = {restated.chip, restated.state, t.now};
  }
  const bool graver = restated.state == ChipState::kProhibited && !t.story.prohibited;
  t.story.prohibited |= graver;
  CaseEntry& entry = t.entry(CaseEntryKind::kChipRestated, {}, restated.why);
  entry.chip = restated.chip;
  entry.verdicts = restated.rests_on;
  entry.loud = graver && t.story.state != CaseState::kResolved;
}

void settle_chips(const Telling& t) {
  t.told.settled = t.story.standing > 0;
  t.story.standing = 0;
  t.story.chips.clear();
}

void resolve(const Telling& t, CaseEnd how, const std::string& who, const std::string& reason) {
  const bool disputed = t.story.dispute.has_value();
  t.story.dispute.reset();
  t.story.resolution = CaseStory::Resolution{t.now, how};
  t.move_to(CaseState::kResolved);
  t.entry(CaseEntryKind::kResolved, who, "Resolved as " + std::string{name_of(how)} + ": " + reason);
  if (how == CaseEnd::kMistaken || how == CaseEnd::kJustified) {
    t.to_status(AccusationLifted{});
  } else if (disputed) {
    t.to_status(DisputeClosed{});
  }
  if (!follows_status(t.story.ref.key.kind)) settle_chips(t);
}

void end_dispute(const Telling& t, const std::string& who, const std::string& text) {
  t.story.dispute.reset();
  t.move_to(CaseState::kOpen);
  t.entry(CaseEntryKind::kDisputeEnded, who, text);
}

void take(const Telling& t, const ChipCleared& cleared) {
  const auto chip = listed(t.story, cleared.chip);
  const bool is_listed = chip != t.story.chips.end();
  if (!is_listed && t.story.standing == t.story.chips.size())
    return;  // all that stand are listed: it does not
  if (is_listed) t.story.chips.erase(chip);
  --t.story.standing;
  CaseEntry& entry = t.entry(CaseEntryKind::kChipCleared, {}, cleared.why);
  entry.chip = cleared.chip;
  entry.loud = false;
  if (t.story.standing > 0) return;
  if (t.story.state == CaseState::kDisputed) {
    end_dispute(t, {}, "Nothing is held against any of its chips any more. A person decides what it was.");
  } else if (t.story.ref.key.kind == CaseKind::kUnproven && t.story.state == CaseState::kOpen) {
    resolve(t, CaseEnd::kProvedAgain, {}, "each of its chips has proved where it is, or is excused.");
  }
}

void take(const Telling& t, const SignSeen& seen) {
  t.story.signs = std::min(t.story.signs + 1, kCaseEntriesMax);
  if (!power_of_two(t.story.signs)) return;
  const auto sign = attempt_of(seen.reason);
  CaseEntry& entry = t.entry(CaseEntryKind::kSign, {},
                             (sign ? std::string{sign->ground} : seen.reason) +
                                 " Signs in this case so far: " + std::to_string(t.story.signs) + ".");
  entry.chip = seen.chip;
  entry.verdicts = {seen.verdict};
  entry.loud = false;
}

void take(const Telling& t, const UserStated& stated) {
  const CaseEntryKind kind = open_by_rule(t, CaseEntryKind::kUserStated);
  if (stated.chip && listed(t.story, *stated.chip) == t.story.chips.end())
    stand(t, *stated.chip, stated.state);
  t.story.weights = kept(stated.weights);
  CaseEntry& entry = t.entry(kind, stated.who,
                             "The end user is said to be " + stated.named + "; licensed is " +
                                 stated.licensed + ". Source: " + stated.source);
  entry.chip = stated.chip;
  entry.file = stated.evidence;
}

// ---- persons

void take(const Telling& t, const CaseWeighed& weighed) {
  const CaseWeights before = t.story.weights;
  t.story.weights = kept(weighed.weights);
  const CaseWeights& now = t.story.weights;
  if (now.watch_listed == before.watch_listed && now.transshipment == before.transshipment &&
      now.prior_cases == before.prior_cases)
    return;
  const auto named = [](const std::string& name) { return name.empty() ? std::string{"nobody"} : name; };
  t.entry(CaseEntryKind::kWeighed, {},
          "On the watch list: " + named(now.watch_listed) +
              ". Transshipment: " + (now.transshipment.empty() ? "none" : now.transshipment) +
              ". Confirmed cases before: " + std::to_string(now.prior_cases) + ".");
}

void take(const Telling& t, const CaseAssigned& assigned) {
  t.story.assignee = assigned.to;
  t.entry(CaseEntryKind::kAssigned, assigned.who,
          assigned.to.empty() ? "Assigned to nobody." : "Assigned to " + assigned.to + ".");
}

void take(const Telling& t, const CaseCommented& comment) {
  t.entry(CaseEntryKind::kComment, comment.who, comment.text);
}

void take(const Telling& t, const EvidenceLinked& linked) {
  CaseEntry& entry = t.entry(CaseEntryKind::kEvidence, linked.who, linked.note);
  entry.file = linked.file;
  if (linked.verdict) entry.verdicts = {*linked.verdict};
}

void take(const Telling& t, const CaseDisputed& disputed) {
  t.story.dispute = CaseStory::Dispute{t.now, t.now + t.rules.dispute_most, disputed.remeasure};
  t.story.was_disputed = true;
  t.move_to(CaseState::kDisputed);
  CaseEntry& entry = t.entry(CaseEntryKind::kDisputed, disputed.who, disputed.statement);
  entry.file = disputed.evidence;
  t.told.remeasure = disputed.remeasure;
  t.to_status(DisputeOpened{});
}

void take(const Telling& t, const DisputeDecided& decided) {
  end_dispute(t, decided.who,
              (decided.upheld ? "The dispute is upheld: " : "The dispute is not upheld: ") + decided.reason);
  if (decided.upheld) {
    resolve(t, CaseEnd::kMistaken, decided.who, decided.reason);
  } else {
    t.to_status(DisputeClosed{});
  }
}

void take(const Telling& t, const CaseResolved& resolved) {
  resolve(t, resolved.how, resolved.who, resolved.reason);
}

void take(const Telling& t, const CaseReopened& reopened) {
  open_again(t);
  t.entry(CaseEntryKind::kReopened, reopened.who, reopened.reason);
}

void take(const Telling& t, const CaseSuperseded& /*by the next number*/) {
  t.story.superseded = true;
  const CaseRef next{t.story.ref.key, t.story.ref.number + 1};
  t.entry(CaseEntryKind::kSuperseded, {}, "A new case was opened: " + text_of(next) + ".").loud = false;
}

}  // namespace

CaseStory begin_case(CaseRef ref, std::string licence, WallTime at) {
  CaseStory story;
  story.ref = std::move(ref);
  story.licence = std::move(licence);
  story.begun = story.told = story.since = story.opened = at;
  return story;
}

CaseTold advance(CaseStory& story, WallTime to, const CaseRules& rules) {
  CaseTold told;
  if (to <= story.told) return told;
  if (story.dispute && story.dispute->until <= to) {
    const Telling t{story, std::max(story.dispute->until, story.told), rules, told};
    end_dispute(t, {}, "The time for the dispute is over.");
    t.to_status(DisputeClosed{});
  }
  story.told = to;
  return told;
}

CaseTold apply(CaseStory& story, const CaseEvent& event, const CaseRules& rules) {
  const WallTime now = std::max(event.at, story.told);
  CaseTold told = advance(story, now, rules);
  if (!refusal_of(event, story, rules).empty()) return told;
  const Telling t{story, now, rules, told};
  std::visit([&](const auto& what) { take(t, what); }, event.what);
  return told;
}

bool reopens(const CaseStory& story, WallTime at, const CaseRules& rules) {
  return story.resolution && !story.superseded &&
         std::max(at, story.told) - story.resolution->at <= rules.reopen_within;
}

std::optional<WallTime> outlook(const CaseStory& story) {
  if (!story.dispute) return std::nullopt;
  return std::max(story.dispute->until, story.told);
}

}  // namespace chiploc
