#pragma once
// From what happens to chips to what happens to cases: which are opened, joined, opened again or left.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "server/cases/case_story.hpp"

namespace chiploc {

/// A chip as registry and store know it when something happens to it.
struct CaseSubject {
  ChipId chip;
  std::string order, licence, site;  ///< empty: none, or not stated
  CaseWeights weights;
};

/// The cases that one chip has to do with.
struct CaseShelf {
  /// The newest case of each kind under the chip's key of today, resolved or not; null: there never was one.
  std::array<const CaseStory*, kCaseKinds> newest{};
  /// The case of each kind in which the chip stands and was not cleared, resolved or not. It may have another key:
  /// that of the order or the site where the chip was then.
  std::array<std::optional<CaseRef>, kCaseKinds> stands_in{};
};

struct CaseStep {
  CaseRef ref;
  std::string licence;  ///< for begin_case(), where there is no such case yet
  CaseEvent event;
};

/// What an event of a chip, or time, means for cases. To be asked after each apply() or advance() of its story.
///
/// | of the chip | of its case |
/// |---|---|
/// | drifted or prohibited begins | elsewhere: opened, joined, or opened again |
/// | prohibited, and it was drifted | elsewhere: its state |
/// | tampered begins, seen or behind another accusation | tampering: the same |
/// | silent or unproven begins | unproven: the same; from one to the other its state |
/// | an accusation does not stand any more | cleared |
/// | compliant, absent, accused, enrolled anew | cleared from unproven |
///
/// `before` and `after` are its story on both sides, `changes` what was told in between. Nothing follows from
/// pending or overdue.
[[nodiscard]] std::vector<CaseStep> case_steps(const ChipStory& before,
                                               const std::vector<StatusChange>& changes,
                                               const ChipStory& after, const CaseSubject& subject,
                                               const CaseShelf& shelf, const CaseRules& rules);

/// A reason of a verdict, a suspicion beside it, or the cause of a silence.
struct SeenReason {
  VerdictId verdict;
  WallTime at;
  std::string reason;
};
/// What the newest of the chip's reasons means for cases, with those of before in the order in which they came.
/// Older ones than attempt_within, and those of before the newest case of the kind was resolved, count no more.
/// Signs of one kind that open by themselves, from attempt_confirmations verdicts, open its case; of a chip that is
/// accused of something else (`accused`) all signs of the kind count. Less than that joins the case in which the
/// chip stands: of that kind, or an unproven one. A reason that is a sign of nothing means nothing.
[[nodiscard]] std::vector<CaseStep> attempt_steps(const std::vector<SeenReason>& seen, ChipState state,
                                                  bool accused, const CaseSubject& subject,
                                                  const CaseShelf& shelf, const CaseRules& rules);

/// Another user, of this chip. For all of an order at a site: without the chip, `stated.chip` empty.
[[nodiscard]] std::vector<CaseStep> user_steps(WallTime at, UserStated stated, const CaseSubject& subject,
                                               const CaseShelf& shelf, const CaseRules& rules);

/// Drifted, prohibited or tampered, disputed or not.
[[nodiscard]] bool stands_accused(const ChipStory& story);

}  // namespace chiploc
