#include "server/status/story_check.hpp"

#include <algorithm>
#include <initializer_list>

namespace chiploc {
namespace {

using Kinds = std::initializer_list<VerdictKind>;

bool in_range(WallTime time) { return kStoryBegin <= time && time < kStoryEnd; }

bool is_one_of(VerdictKind kind, Kinds kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Of these kinds, not after the story's last verdict, in order; `most` of each kind.
bool are_signs(const std::vector<Sign>& signs, Kinds kinds, const ChipStory& story) {
  for (std::size_t i = 0; i < signs.size(); ++i) {
    if (!is_one_of(signs[i].kind, kinds) || !in_range(signs[i].at)) return false;
    if (!story.last || signs[i].at > story.last->at) return false;
    if (i > 0 && signs[i].at < signs[i - 1].at) return false;
  }
  return std::all_of(kinds.begin(), kinds.end(), [&](VerdictKind kind) {
    return std::count_if(signs.begin(), signs.end(), [&](const Sign& sign) { return sign.kind == kind; }) <=
           std::ptrdiff_t{kConfirmationsMax};
  });
}

std::string fault_of_last(const ChipStory& story) {
  if (!story.last)
    return story.proof || story.lost || story.silent ? "there is no last verdict, and others are named" : "";
  if (!in_range(story.last->at) || story.last->at > story.told) return "last: is not in the time told";
  return {};
}

std::string fault_of_proof(const ChipStory& story) {
  if (!story.proof) {
    if (story.last && story.last->kind == VerdictKind::kProof) return "proof: the last verdict is one";
    return story.lost ? "lost: there was no proof" : "";
  }
  const ChipStory::Proof& proof = *story.proof;
  if (proof.first.kind != VerdictKind::kProof || proof.last.kind != VerdictKind::kProof)
    return "proof: is of another kind";
  if (proof.in_a_row == 0 || proof.in_a_row > kInARowMost ||
      (proof.in_a_row == 1 && !(proof.first == proof.last)))
    return "proof: in_a_row does not fit its verdicts";
  if (!in_range(proof.first.at) || proof.first.at > proof.last.at || proof.last.at > story.last->at)
    return "proof: is out of order";
  if (!in_range(proof.expires)) return "proof: expires out of range";
  const bool newest = story.last->kind == VerdictKind::kProof;
  if (!story.lost) return newest ? "" : "lost: the last verdict proves nothing";
  if (newest || story.lost->kind == VerdictKind::kProof) return "lost: is a proof";
  if (story.lost->at < proof.last.at || story.lost->at > story.last->at) return "lost: is out of order";
  return {};
}

std::string fault_of_silent(const ChipStory& story) {
  const bool silent = story.last && story.last->kind == VerdictKind::kSilence;
  if (silent != story.silent.has_value()) return "silent: does not fit the last verdict";
  if (!silent) return {};
  const Sign& first = *story.silent;
  if (first.kind != VerdictKind::kSilence || !in_range(first.at) || first.at > story.last->at)
    return "silent: is none, or out of order";
  return {};
}

std::string fault_of_signs(const ChipStory& story) {
  using enum VerdictKind;
  if (!are_signs(story.signs, {kOutside, kProhibited, kTampering}, story)) return "signs: are none";
  if (!are_signs(story.drifted, {kOutside, kProhibited}, story)) return "drifted: rests on other verdicts";
  if (!are_signs(story.prohibited, {kProhibited}, story)) return "prohibited: rests on other verdicts";
  if (!are_signs(story.tampered, {kTampering}, story)) return "tampered: rests on other verdicts";
  if (!in_range(story.accused) || story.accused > story.told) return "accused: is not in the time told";
  return {};
}

std::string fault_of_absences(const ChipStory& story) {
  if (story.absences.size() > kAbsencesMax) return "absences: are too many";
  for (std::size_t i = 0; i < story.absences.size(); ++i) {
    const Absence& absence = story.absences[i];
    if (!in_range(absence.from) || !in_range(absence.until) || absence.from >= absence.until)
      return "absences: one is empty, or out of range";
    if (i > 0 && absence.from < story.absences[i - 1].until) return "absences: overlap, or are out of order";
  }
  return {};
}

std::string fault_of_state(const ChipStory& story) {
  const std::string wrong = "state: " + std::string{name_of(story.state)} + " does not follow from the rest";
  const ChipState state = story.state;
  if (const auto accused = accusation_of(story)) {
    const bool disputed = story.disputed_until && story.told < *story.disputed_until;
    return state == (disputed ? ChipState::kDisputed : *accused) ? "" : wrong;
  }
  if (accuses(state) || state == ChipState::kDisputed) return wrong;
  if (story.disputed_until) return "disputed_until: there is nothing to dispute";
  const bool may_hold = story.proof && story.told < story.proof->expires;
  const bool holds = may_hold && !story.lost;
  if (state == ChipState::kCompliant) return may_hold ? "" : wrong;
  if (holds) return wrong;
  const bool absent = std::any_of(story.absences.begin(), story.absences.end(), [&](const Absence& absence) {
    return absence.from <= story.told && story.told < absence.until;
  });
  if (absent != (state == ChipState::kAbsent)) return wrong;
  return state == ChipState::kSilent && !story.silent ? wrong : "";
}

}  // namespace

std::string story_fault(const ChipStory& story) {
  if (!in_range(story.told) || !in_range(story.begun) || story.begun > story.told)
    return "told, begun: are out of range, or out of order";
  if (!in_range(story.since) || story.since > story.told) return "since: is not in the time told";
  if (story.disputed_until && !in_range(*story.disputed_until)) return "disputed_until: is out of range";
  for (const auto& fault :
       {fault_of_last, fault_of_proof, fault_of_silent, fault_of_signs, fault_of_absences, fault_of_state}) {
    if (std::string text = fault(story); !text.empty()) return text;
  }
  return {};
}

}  // namespace chiploc
