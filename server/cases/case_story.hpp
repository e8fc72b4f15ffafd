#pragma once
// What a person works on: one for a kind, an order and a site, however many chips. Opened by rules, resolved by
// persons; nothing of it is ever deleted. Pure: the same story whoever tells it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/cases/case_kind.hpp"
#include "server/status/chip_status.hpp"
#include "server/status/notice_fact.hpp"

namespace chiploc {

enum class CaseState : std::uint8_t { kOpen, kDisputed, kResolved };
inline constexpr std::size_t kCaseStates = 3;
/// "open", "disputed", "resolved".
[[nodiscard]] std::string_view name_of(CaseState state);
[[nodiscard]] std::optional<CaseState> case_state_of(std::string_view name);

enum class CaseEnd : std::uint8_t {
  kConfirmed,   ///< it is as it looked
  kMistaken,    ///< it is not: what the chips are accused of is lifted
  kJustified,   ///< it is, and it is in order: lifted as well
  kMovedBack,   ///< the chips are proved to be where they may be again
  kProvedAgain  ///< by rule: every chip of an unproven case has proved where it is, or is excused
};
inline constexpr std::size_t kCaseEnds = 5;
/// "confirmed", "mistaken", "explained", "moved_back", "proved_again".
[[nodiscard]] std::string_view name_of(CaseEnd end);
[[nodiscard]] std::optional<CaseEnd> case_end_of(std::string_view name);

/// From policy.
struct CaseRules {
  Nanoseconds reopen_within = std::chrono::hours{30 * 24};  ///< later a new accusation is a new case
  Nanoseconds dispute_most = std::chrono::hours{30 * 24};   ///< as StatusRules::dispute_most
  unsigned attempt_confirmations = 2;                       ///< signs of one kind, from different rounds
  Nanoseconds attempt_within = std::chrono::hours{7 * 24};
};
inline constexpr std::size_t kCaseChipsShown = 64;
/// A case that has nearly as many entries takes no event any more: nothing in it is ever counted round to 0.
inline constexpr std::uint32_t kCaseEntriesMax = 1'000'000'000;

/// What a priority is made of beside the chips, as it is known when something happens.
struct CaseWeights {
  std::uint32_t order_chips = 0;  ///< of the order, or of the licence; 0: not known
  std::string watch_listed{};     ///< an entity of the order that is on the watch list; empty: none
  std::string transshipment{};    ///< "the site is in AE", of policy's list; empty: none
  std::uint32_t prior_cases = 0;  ///< of the order, resolved as confirmed
  friend bool operator==(const CaseWeights&, const CaseWeights&) = default;
};

// ---- what happens to a case. case_steps.hpp makes those that chips bring about

/// Opens a case, joins it, or opens it again.
struct ChipAccused {
  ChipId chip;
  ChipState state = ChipState::kPending;
  std::vector<VerdictId> rests_on{};
  std::string why{};  ///< a sentence
  CaseWeights weights{};
};
/// Its state is another one, and it still belongs here.
struct ChipRestated {
  ChipId chip;
  ChipState state = ChipState::kPending;
  std::vector<VerdictId> rests_on{};
  std::string why{};
};
/// Nothing is held against it here any more.
struct ChipCleared {
  ChipId chip;
  std::string why{};
};
/// Something that points the same way and opens nothing. Strangers can bring it about, so the timeline has the
/// first, the second, the fourth, the eighth.. of them.
struct SignSeen {
  ChipId chip;
  VerdictId verdict;
  std::string reason{};
};
/// Somebody, or an import, says that another than the licensed end user has chips. As ChipAccused.
struct UserStated {
  std::string who, named, licensed, source;
  std::optional<Digest> evidence{};
  std::optional<ChipId> chip{};  ///< nullopt: all of the order's at that site
  ChipState state = ChipState::kPending;
  CaseWeights weights{};
};
struct CaseWeighed {
  CaseWeights weights;
};
struct CaseAssigned {
  std::string who, to;  ///< `to` empty: to nobody
};
struct CaseCommented {
  std::string who, text;
};
struct EvidenceLinked {
  std::string who, note;
  std::optional<Digest> file{};  ///< one of the two at least
  std::optional<VerdictId> verdict{};
};
/// By the operator of its chips.
struct CaseDisputed {
  std::string who, statement;
  std::optional<Digest> evidence{};
  bool remeasure = false;  ///< asked for
};
struct DisputeDecided {
  std::string who, reason;
  bool upheld = false;  ///< the operator is right: resolved as mistaken
};
struct CaseResolved {
  std::string who, reason;
  CaseEnd how{};
};
struct CaseReopened {
  std::string who, reason;
};
/// A new case of the same key has been opened.
struct CaseSuperseded {};

struct CaseEvent {
  WallTime at;  ///< when it was committed. One before the story's time counts as of that time
  std::variant<ChipAccused, ChipRestated, ChipCleared, SignSeen, UserStated, CaseWeighed, CaseAssigned,
               CaseCommented, EvidenceLinked, CaseDisputed, DisputeDecided, CaseResolved, CaseReopened,
               CaseSuperseded>
      what;
};

// ---- what is kept of it

struct CaseChip {
  ChipId chip;
  ChipState state = ChipState::kPending;
  WallTime since;
  friend bool operator==(const CaseChip&, const CaseChip&) = default;
};

/// Everything that goes on from here follows from, bounded; the timeline is in the store. Two equal stories go on
/// alike.
struct CaseStory {
  CaseRef ref;
  std::string licence;  ///< of its first chip: for filters and mutes
  WallTime begun;
  WallTime told;  ///< up to here
  CaseState state = CaseState::kOpen;
  WallTime since;
  WallTime opened;               ///< or opened again
  std::uint32_t reopened = 0;    ///< times
  std::string assignee;          ///< empty: nobody
  std::vector<CaseChip> chips;   ///< some that stand in it, in the order in which they came
  std::uint32_t standing = 0;    ///< how many do
  std::uint32_t chips_ever = 0;  ///< how often one came
  bool prohibited = false;       ///< one of them was in prohibited territory, since it was opened
  CaseWeights weights;
  struct Dispute {
    WallTime at, until;
    bool remeasure = false;
    friend bool operator==(const Dispute&, const Dispute&) = default;
  };
  std::optional<Dispute> dispute;  ///< while it is disputed
  bool was_disputed = false;       ///< once for each time that it is opened
  struct Resolution {
    WallTime at;
    CaseEnd how{};
    friend bool operator==(const Resolution&, const Resolution&) = default;
  };
  std::optional<Resolution> resolution;  ///< while it is resolved
  bool superseded = false;               ///< the next case of the key has the next number
  std::uint32_t signs = 0;
  std::uint32_t entries = 0;  ///< of its timeline, numbered from 1: none can go missing unseen
  friend bool operator==(const CaseStory&, const CaseStory&) = default;
};

enum class CaseEntryKind : std::uint8_t {
  kOpened,
  kReopened,
  kChipJoined,
  kChipRestated,
  kChipCleared,
  kSign,
  kUserStated,
  kWeighed,
  kAssigned,
  kComment,
  kEvidence,
  kDisputed,
  kDisputeEnded,  ///< decided, over by its time, or because every chip is cleared
  kResolved,
  kSuperseded
};
inline constexpr std::size_t kCaseEntryKinds = 15;
/// "opened", "reopened", "chip_joined", ..
[[nodiscard]] std::string_view name_of(CaseEntryKind kind);

/// A line of the timeline, to be kept for good.
struct CaseEntry {
  std::uint32_t number = 0;
  WallTime at;
  CaseEntryKind kind{};
  CaseState state{};  ///< of the case from then on
  std::string who{};  ///< empty: by rule
  std::string text{};
  std::optional<ChipId> chip{};
  std::vector<VerdictId> verdicts{};
  std::optional<Digest> file{};
  bool loud = true;  ///< somebody may want to be told
  friend bool operator==(const CaseEntry&, const CaseEntry&) = default;
};

/// For the status of each chip that stands in this case, and in no other open one of a kind that the status
/// accuses by: what is said of one accusation must not lift another.
struct ToStatus {
  WallTime at;
  std::variant<DisputeOpened, DisputeClosed, AccusationLifted> what;
};

struct CaseTold {
  std::vector<CaseEntry> entries;
  std::vector<ToStatus> to_status;
  bool remeasure = false;  ///< the chips that stand in it are to be measured soon
  bool settled = false;    ///< those that stood in it do so no more
};

/// Its first event is ChipAccused or UserStated; before that it is none.
[[nodiscard]] CaseStory begin_case(CaseRef ref, std::string licence, WallTime at);
/// Tells the story on up to `to`: a dispute ends at its exact instant. However often it is called in between, what
/// is told is the same. A `to` before `story.told` changes nothing.
CaseTold advance(CaseStory& story, WallTime to, const CaseRules& rules);
/// The same up to the event, and then the event. One that is refused changes nothing.
CaseTold apply(CaseStory& story, const CaseEvent& event, const CaseRules& rules);
/// Why the event is refused, for the person whose it is; empty if it is not.
[[nodiscard]] std::string refusal_of(const CaseEvent& event, const CaseStory& story, const CaseRules& rules);
/// A new accusation at that time opens this resolved case again, and not a new one.
[[nodiscard]] bool reopens(const CaseStory& story, WallTime at, const CaseRules& rules);

/// When time alone makes it open again, if nothing happens.
[[nodiscard]] std::optional<WallTime> outlook(const CaseStory& story);
/// What ends the state, in a sentence.
[[nodiscard]] std::string ended_by(const CaseStory& story);

/// nullopt for what nobody is told of.
[[nodiscard]] std::optional<NoticeFact> fact_of(const CaseStory& story, const CaseEntry& entry);

}  // namespace chiploc
