#pragma once
// What other systems are told: one fact, once, whoever they are. Nothing that is sealed has a place here: no
// position, no round trip, no site.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {

/// Names a notice: derived from what it tells (id_of), so the same fact has the same id whenever and however
/// often it is told.
using NoticeId = Id<struct NoticeTag, 16>;

/// The numbers are stored; never reuse one.
enum class NoticeKind : std::uint8_t {
  kCaseOpened = 1,
  kCaseUpdated = 2,
  kCaseDisputed = 3,
  kCaseResolved = 4,
  kCaseReopened = 5,
  kOrderHeld = 6,
  kOrderReleased = 7,
  kChipStatusChanged = 8,
  kTest = 9,  ///< a person asked whether it arrives
};
inline constexpr std::size_t kNoticeKinds = 9;
/// "case.opened", "chip.status_changed", "notice.test": for people and configurations.
[[nodiscard]] std::string_view name_of(NoticeKind kind);
[[nodiscard]] std::optional<NoticeKind> notice_kind_of(std::string_view name);
/// "org.chiploc.case.opened.v1": the type of its CloudEvent. What its data looks like never changes.
[[nodiscard]] std::string event_type_of(NoticeKind kind);
[[nodiscard]] std::string data_schema_of(NoticeKind kind);  ///< "urn:chiploc:schema:case.opened:v1"

/// What a case is about, by the names of server/cases. The first three are those that the Chip Security Act names.
enum class NoticeSubject : std::uint8_t {
  kElsewhere,    ///< proved outside its licence, or in prohibited territory
  kAnotherUser,  ///< with somebody else than the licensed end user
  kTampering,    ///< its key signed what no honest chip signs
  kSpoofing,     ///< attempt: somebody answered in its name, without its key
  kBlocking,     ///< attempt: its way to the anchors is cut, while it is accused
  kMisleading,   ///< attempt: its key answered from places that cannot both be its own
  kUnproven,     ///< silent, or unproven, beyond its time
};
[[nodiscard]] std::string_view name_of(NoticeSubject subject);
/// "elsewhere", ..: nullopt for another name.
[[nodiscard]] std::optional<NoticeSubject> notice_subject_of(std::string_view name);

/// How soon a person should look. It follows from the case's subject alone, so it never changes with the case.
enum class NoticeSeverity : std::uint8_t { kInformational, kWarning, kCritical };
[[nodiscard]] std::string_view name_of(NoticeSeverity severity);
[[nodiscard]] NoticeSeverity severity_of(NoticeSubject subject);

enum class NoticeOutcome : std::uint8_t {
  kConfirmed,    ///< it was as the case says
  kMistaken,     ///< it was not
  kJustified,    ///< explained: it was, and the explanation was accepted
  kMovedBack,    ///< the chips are proved to be where they may be again
  kProvedAgain,  ///< by rule: each chip of an unproven case has proved where it is, or is excused
};
[[nodiscard]] std::string_view name_of(NoticeOutcome outcome);
[[nodiscard]] std::optional<NoticeOutcome> notice_outcome_of(std::string_view name);

// ---- facts, by kind. Sentences are the case machine's own, of words that no reader is denied.

/// What every notice of a case says, as it is after the change.
struct CaseFacts {
  NoticeSubject about = NoticeSubject::kElsewhere;
  std::string licence;            ///< "": of none
  std::vector<ChipId> chips;      ///< the first kNoticeChipsMax
  std::uint64_t chips_count = 0;  ///< all of them
  WallTime opened;
  std::string summary;
  friend bool operator==(const CaseFacts&, const CaseFacts&) = default;
};
struct CaseOpenedNotice {
  CaseFacts facts;
  std::optional<WallTime> due;  ///< when somebody must have looked at it
  friend bool operator==(const CaseOpenedNotice&, const CaseOpenedNotice&) = default;
};
struct CaseUpdatedNotice {
  CaseFacts facts;
  std::string change;
  friend bool operator==(const CaseUpdatedNotice&, const CaseUpdatedNotice&) = default;
};
struct CaseDisputedNotice {
  CaseFacts facts;
  WallTime until;  ///< a dispute does not last for ever
  friend bool operator==(const CaseDisputedNotice&, const CaseDisputedNotice&) = default;
};
struct CaseResolvedNotice {
  CaseFacts facts;
  NoticeOutcome outcome = NoticeOutcome::kConfirmed;
  friend bool operator==(const CaseResolvedNotice&, const CaseResolvedNotice&) = default;
};
struct CaseReopenedNotice {
  CaseFacts facts;
  std::string why;
  friend bool operator==(const CaseReopenedNotice&, const CaseReopenedNotice&) = default;
};
struct OrderFacts {
  std::string licence;
  std::uint64_t chips_count = 0;  ///< still to be delivered
  std::string summary;
  friend bool operator==(const OrderFacts&, const OrderFacts&) = default;
};
struct OrderHeld {
  OrderFacts facts;
  std::string because_of;  ///< a case of its chips; empty: none is open
  friend bool operator==(const OrderHeld&, const OrderHeld&) = default;
};
struct OrderReleased {
  OrderFacts facts;
  WallTime held;  ///< since when it had been
  friend bool operator==(const OrderReleased&, const OrderReleased&) = default;
};
struct ChipStatusChanged {
  ChipState from = ChipState::kPending;
  ChipState to = ChipState::kPending;
  std::string why;
  std::vector<VerdictId> rests_on;  ///< the first kNoticeVerdictsMax
  friend bool operator==(const ChipStatusChanged&, const ChipStatusChanged&) = default;
};
struct NoticeTest {
  std::string text;
  friend bool operator==(const NoticeTest&, const NoticeTest&) = default;
};

/// In the order of NoticeKind.
using NoticeFacts = std::variant<CaseOpenedNotice, CaseUpdatedNotice, CaseDisputedNotice, CaseResolvedNotice,
                                 CaseReopenedNotice, OrderHeld, OrderReleased, ChipStatusChanged, NoticeTest>;

inline constexpr std::size_t kNoticeChipsMax = 64;
inline constexpr std::size_t kNoticeVerdictsMax = 16;
inline constexpr std::size_t kNoticeNameMax = 200;      ///< bytes of a name
inline constexpr std::size_t kNoticeSentenceMax = 600;  ///< bytes of a sentence

struct Notice {
  std::string name;          ///< of the case, order, or sink under test; a chip's id in hex
  std::uint64_t change = 1;  ///< the number of this change in its subject's own history, from 1
  WallTime at;               ///< when it became so
  NoticeFacts facts;

  [[nodiscard]] NoticeKind kind() const { return static_cast<NoticeKind>(facts.index() + 1); }
  friend bool operator==(const Notice&, const Notice&) = default;
};

/// "case/C-17", "order/O-4", "chip/00ff..", "test/siem": what it is about. Notices of one subject are
/// delivered in the order in which they were written.
[[nodiscard]] std::string subject_of(const Notice& notice);

/// SHA-256 over a domain, kind, name and change, each with its length; the first 16 bytes. When it was, and in
/// which words it is told, is no part of it.
[[nodiscard]] NoticeId id_of(const Notice& notice);

/// Why it may not be sent, in a sentence; empty if it may: names and sentences within their limits, UTF-8 that
/// can be shown, lists within theirs, times of 1970 to 2255. Encoders take only what may.
[[nodiscard]] std::string refusal_of(const Notice& notice);

}  // namespace chiploc
