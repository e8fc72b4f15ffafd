#pragma once
// What a chip is held for, over all its verdicts and the time between them. A verdict says what one round
// proved; this says whether that is fresh, confirmed, or overdue. Pure: the same story whoever tells it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/status/verdict_kind.hpp"

namespace chiploc {

using VerdictId = Id<struct VerdictTag, 16>;

enum class ChipState : std::uint8_t {
  kPending,     ///< nothing holds that was proved, and the time to prove it is not over
  kCompliant,   ///< proved where it may be, and the proof is in force
  kUnproven,    ///< measured, and it proves nothing, beyond its time: who merely stalls comes here
  kOverdue,     ///< not measured any more: ours to mend
  kSilent,      ///< asked, and it did not answer, beyond its time
  kDrifted,     ///< proved outside its licence, more than once
  kProhibited,  ///< proved in prohibited territory, more than once
  kTampered,    ///< its key signed what no honest chip signs, more than once
  kDisputed,    ///< one of the three above, and its operator says otherwise: being looked at
  kAbsent       ///< declared to be unable to answer, until a time
};
inline constexpr std::size_t kChipStates = 10;
/// "pending", "compliant", ..
[[nodiscard]] std::string_view name_of(ChipState state);
[[nodiscard]] std::optional<ChipState> chip_state_of(std::string_view name);
/// Drifted, prohibited, tampered: what a person is accused by. Disputed is not among them.
[[nodiscard]] bool accuses(ChipState state);

/// From policy. Each is at least a second; `confirmations` and `restorations` are 1 to kConfirmationsMax.
struct StatusRules {
  unsigned confirmations = 2;  ///< verdicts of one kind, from different rounds: one bad path is no alarm
  Nanoseconds confirm_within = std::chrono::hours{7 * 24};
  unsigned restorations = 2;  ///< proofs in a row that end drifted and prohibited
  Nanoseconds unproven_after = std::chrono::hours{72};
  Nanoseconds silent_after = std::chrono::hours{48};   ///< of silence in a row
  Nanoseconds overdue_after = std::chrono::hours{72};  ///< since the last verdict of any kind
  Nanoseconds lost_proof_after =
      std::chrono::hours{24};  ///< a proof holds so long when the next round has none
  Nanoseconds dispute_most = std::chrono::hours{30 * 24};  ///< a dispute does not hide for ever
  Nanoseconds absence_most = std::chrono::hours{60 * 24};  ///< of one
  Nanoseconds absences_a_year = std::chrono::hours{120 * 24};
};
inline constexpr unsigned kConfirmationsMax = 8;
inline constexpr std::size_t kAbsencesMax = 32;
inline constexpr unsigned kInARowMost = 1'000;  ///< no rule asks for more: beyond it they are not counted

// ---- what happens to a chip

/// A verdict, in the order in which they were committed.
struct Judged {
  VerdictId verdict;
  VerdictKind kind = VerdictKind::kOpen;
  WallTime decided;
  WallTime expires;
};
/// It was enrolled anew by an admin: what was before is not held against it any more. Its absences still count.
struct EnrolledAnew {};
struct AbsenceDeclared {
  WallTime from, until;
};
/// The absence in force, or those to come, end now.
struct AbsenceEnded {};
struct DisputeOpened {};
struct DisputeClosed {};
/// A person decided that the accusations do not stand; why is in the case.
struct AccusationLifted {};

struct StatusEvent {
  WallTime at;  ///< when it was committed. One before the story's time counts as of that time
  std::variant<Judged, EnrolledAnew, AbsenceDeclared, AbsenceEnded, DisputeOpened, DisputeClosed,
               AccusationLifted>
      what;
};

// ---- what is kept of it

struct Sign {
  VerdictId verdict;
  WallTime at;
  VerdictKind kind;
  friend bool operator==(const Sign&, const Sign&) = default;
};
struct Absence {
  WallTime from, until;
  friend bool operator==(const Absence&, const Absence&) = default;
};

/// Everything that the state follows from, bounded. Two equal stories go on alike.
struct ChipStory {
  WallTime told;   ///< up to here
  WallTime begun;  ///< enrolled
  struct Proof {
    Sign first, last;  ///< of proofs in a row
    unsigned in_a_row = 0;
    WallTime expires;
    friend bool operator==(const Proof&, const Proof&) = default;
  };
  std::optional<Proof> proof;  ///< the newest
  std::optional<Sign> lost;    ///< the first verdict after it that proves nothing
  std::optional<Sign> last;    ///< of any kind
  std::optional<Sign> silent;  ///< the first of silences in a row, while they last
  std::vector<Sign> signs;     ///< of accusation, not yet confirmed or beyond; the newest
  std::vector<Sign> drifted, prohibited, tampered;  ///< what confirmed each; empty: not so
  WallTime accused;                                 ///< since when
  std::vector<Absence> absences;                    ///< in order, none overlapping
  std::optional<WallTime> disputed_until;
  ChipState state = ChipState::kPending;
  WallTime since;
  friend bool operator==(const ChipStory&, const ChipStory&) = default;
};

struct StatusChange {
  WallTime at;
  ChipState from, to;
  std::vector<VerdictId> rests_on;  ///< the verdicts that the new state follows from
  std::string why;                  ///< a sentence
  friend bool operator==(const StatusChange&, const StatusChange&) = default;
};

/// Of a chip that comes into the registry: pending, and its clocks run.
[[nodiscard]] ChipStory begin_story(WallTime at);
/// Tells the story on up to `to`: every change that time alone brings about, at its exact instant. However often it
/// is called in between, the changes are the same. A `to` before `story.told` changes nothing. Where the rules have
/// become others since it was told, what they change is changed at `to`.
std::vector<StatusChange> advance(ChipStory& story, WallTime to, const StatusRules& rules);
/// The same up to the event, and then the event. Why an event is refused: refusal_of.
std::vector<StatusChange> apply(ChipStory& story, const StatusEvent& event, const StatusRules& rules);
/// Why this absence may not be declared, for its declarer; empty if it may. apply() ignores one that may not.
[[nodiscard]] std::string refusal_of(const AbsenceDeclared& absence, const ChipStory& story,
                                     const StatusRules& rules);

/// What comes next if nothing happens: nullopt where the state needs an event to end.
struct Outlook {
  WallTime at;
  ChipState to;
};
[[nodiscard]] std::optional<Outlook> outlook(const ChipStory& story, const StatusRules& rules);
/// What ends the state, in a sentence; times are left to whoever prints (outlook has them).
[[nodiscard]] std::string ended_by(const ChipStory& story, const StatusRules& rules);
/// The state's grounds as they are now: from and to are the state, `at` is since when.
[[nodiscard]] StatusChange grounds_of(const ChipStory& story);
/// What it is accused of, disputed or not; the gravest.
[[nodiscard]] std::optional<ChipState> accusation_of(const ChipStory& story);

}  // namespace chiploc
