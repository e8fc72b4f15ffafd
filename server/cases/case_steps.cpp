#include "server/cases/case_steps.hpp"

#include <algorithm>

namespace chiploc {
namespace {

std::size_t index_of(CaseKind kind) { return static_cast<std::size_t>(kind); }

bool is_elsewhere(const ChipStory& story) { return !story.drifted.empty() || !story.prohibited.empty(); }
bool is_unproven(ChipState state) { return state == ChipState::kSilent || state == ChipState::kUnproven; }

std::vector<VerdictId> verdicts_of(const std::vector<Sign>& signs) {
  std::vector<VerdictId> out;
  for (const Sign& sign : signs) out.push_back(sign.verdict);
  return out;
}

std::string signs_text(const std::string& what, const std::vector<Sign>& signs) {
  return what + " " + (signs.size() == 1 ? "once" : std::to_string(signs.size()) + " times") + ".";
}

void note_once(std::vector<VerdictId>& verdicts, const VerdictId& verdict) {
  if (std::find(verdicts.begin(), verdicts.end(), verdict) == verdicts.end()) verdicts.push_back(verdict);
}

/// The steps of one chip, and which cases it stands in after them.
class Steps {
 public:
  Steps(const CaseSubject& subject, const CaseShelf& shelf, const CaseRules& rules)
      : subject_{subject}, shelf_{shelf}, rules_{rules}, stands_in_{shelf.stands_in} {}

  /// To the case under the chip's key: the newest one, while it is open or may be opened again; else the next.
  void open(WallTime at, CaseKind kind, decltype(CaseEvent::what) what) {
    CaseRef ref{case_key(kind, subject_.order, subject_.licence, subject_.site), 1};
    if (const CaseStory* newest = shelf_.newest.at(index_of(kind))) {
      ref.number = newest->ref.number;
      if (newest->state == CaseState::kResolved && !reopens(*newest, at, rules_)) {
        step(at, ref, CaseSuperseded{});
        ++ref.number;
      }
    }
    step(at, ref, std::move(what));
    stands_in_.at(index_of(kind)) = ref;
  }
  void accuse(WallTime at, CaseKind kind, ChipState state, std::vector<VerdictId> rests_on, std::string why) {
    if (stands(kind)) return;
    open(at, kind, ChipAccused{subject_.chip, state, std::move(rests_on), std::move(why), subject_.weights});
  }
  void restate(WallTime at, CaseKind kind, ChipState state, std::vector<VerdictId> rests_on,
               std::string why) {
    if (stands(kind))
      step(at, *stands_in_.at(index_of(kind)),
           ChipRestated{subject_.chip, state, std::move(rests_on), std::move(why)});
  }
  void clear(WallTime at, CaseKind kind, std::string why) {
    if (!stands(kind)) return;
    step(at, *stands_in_.at(index_of(kind)), ChipCleared{subject_.chip, std::move(why)});
    stands_in_.at(index_of(kind)).reset();
  }
  void join(WallTime at, CaseKind kind, const SeenReason& seen) {
    step(at, *stands_in_.at(index_of(kind)), SignSeen{subject_.chip, seen.verdict, seen.reason});
  }
  [[nodiscard]] bool stands(CaseKind kind) const { return stands_in_.at(index_of(kind)).has_value(); }
  [[nodiscard]] std::vector<CaseStep> take() { return std::move(steps_); }

 private:
  void step(WallTime at, const CaseRef& ref, decltype(CaseEvent::what) what) {
    steps_.push_back({ref, subject_.licence, {at, std::move(what)}});
  }
  const CaseSubject& subject_;
  const CaseShelf& shelf_;
  const CaseRules& rules_;
  std::array<std::optional<CaseRef>, kCaseKinds> stands_in_;
  std::vector<CaseStep> steps_;
};

void follow_place(const ChipStory& before, const ChipStory& after, Steps& steps) {
  const bool prohibited = !after.prohibited.empty();
  const ChipState state = prohibited ? ChipState::kProhibited : ChipState::kDrifted;
  const std::vector<Sign>& signs = prohibited ? after.prohibited : after.drifted;
  const std::string why =
      signs_text(prohibited ? "Proved in prohibited territory" : "Proved outside its licence", signs);
  if (is_elsewhere(after) && !is_elsewhere(before)) {
    steps.accuse(after.told, CaseKind::kElsewhere, state, verdicts_of(signs), why);
  } else if (prohibited && before.prohibited.empty()) {
    steps.restate(after.told, CaseKind::kElsewhere, state, verdicts_of(signs), why);
  } else if (!is_elsewhere(after) && is_elsewhere(before)) {
    steps.clear(
        after.told, CaseKind::kElsewhere,
        "It is not held to be elsewhere any more: proved to be where it may be, lifted, or enrolled anew.");
  }
}

void follow_tampering(const ChipStory& before, const ChipStory& after, Steps& steps) {
  if (!after.tampered.empty() && before.tampered.empty()) {
    steps.accuse(after.told, CaseKind::kTampering, ChipState::kTampered, verdicts_of(after.tampered),
                 signs_text("Its own key signed for what an honest chip does not do", after.tampered));
  } else if (after.tampered.empty() && !before.tampered.empty()) {
    steps.clear(after.told, CaseKind::kTampering, "The accusation was lifted, or the chip enrolled anew.");
  }
}

void follow_proofs(const ChipStory& before, const std::vector<StatusChange>& changes, const ChipStory& after,
                   Steps& steps) {
  for (const StatusChange& change : changes) {
    if (is_unproven(change.to)) {
      if (steps.stands(CaseKind::kUnproven)) {
        steps.restate(change.at, CaseKind::kUnproven, change.to, change.rests_on, change.why);
      } else {
        steps.accuse(change.at, CaseKind::kUnproven, change.to, change.rests_on, change.why);
      }
    } else if (change.to != ChipState::kPending && change.to != ChipState::kOverdue) {
      steps.clear(change.at, CaseKind::kUnproven, change.why);
    }
  }
  if (after.begun != before.begun) steps.clear(after.told, CaseKind::kUnproven, "It was enrolled anew.");
}

}  // namespace

bool stands_accused(const ChipStory& story) { return is_elsewhere(story) || !story.tampered.empty(); }

std::vector<CaseStep> case_steps(const ChipStory& before, const std::vector<StatusChange>& changes,
                                 const ChipStory& after, const CaseSubject& subject, const CaseShelf& shelf,
                                 const CaseRules& rules) {
  Steps steps{subject, shelf, rules};
  follow_proofs(before, changes, after, steps);
  follow_place(before, after, steps);
  follow_tampering(before, after, steps);
  return steps.take();
}

std::vector<CaseStep> attempt_steps(const std::vector<SeenReason>& seen, ChipState state, bool accused,
                                    const CaseSubject& subject, const CaseShelf& shelf,
                                    const CaseRules& rules) {
  Steps steps{subject, shelf, rules};
  const auto sign = seen.empty() ? std::nullopt : attempt_of(seen.back().reason);
  if (!sign) return {};
  const SeenReason& newest = seen.back();
  if (steps.stands(sign->kind)) {
    steps.join(newest.at, sign->kind, newest);
    return steps.take();
  }
  // Signs that open by themselves, and all: what estimates and silence add counts of a chip that is accused alone.
  std::vector<VerdictId> opening, all;
  std::string_view ground = sign->ground;
  const CaseStory* const last = shelf.newest.at(index_of(sign->kind));
  for (const SeenReason& other : seen) {
    const auto alike = attempt_of(other.reason);
    if (!alike || alike->kind != sign->kind || newest.at - other.at > rules.attempt_within) continue;
    if (last != nullptr && last->resolution && other.at <= last->resolution->at) continue;  // was decided on
    if (alike->opens) ground = alike->ground;
    if (alike->opens) note_once(opening, other.verdict);
    note_once(all, other.verdict);
  }
  std::vector<VerdictId>& verdicts = accused ? all : opening;
  if (!verdicts.empty() && verdicts.size() >= rules.attempt_confirmations) {
    steps.accuse(newest.at, sign->kind, state, std::move(verdicts),
                 std::string{ground} + " This does not say who did it.");
  } else if (steps.stands(CaseKind::kUnproven)) {
    steps.join(newest.at, CaseKind::kUnproven, newest);
  }
  return steps.take();
}

std::vector<CaseStep> user_steps(WallTime at, UserStated stated, const CaseSubject& subject,
                                 const CaseShelf& shelf, const CaseRules& rules) {
  Steps steps{subject, shelf, rules};
  stated.weights = subject.weights;
  if (steps.stands(CaseKind::kAnotherUser)) stated.chip.reset();  // it is counted there already
  steps.open(at, CaseKind::kAnotherUser, std::move(stated));
  return steps.take();
}

}  // namespace chiploc
