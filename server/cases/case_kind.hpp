#pragma once
// What a case is about, and which facts are a sign of it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// What the Act has reported: a chip that is not where it was licensed to be, one that went to another user, one
/// that was tampered with, and attempts at that or at misleading the verification. And, beside the Act, a chip
/// of which nothing is proved any more.
enum class CaseKind : std::uint8_t {
  kElsewhere,    ///< proved outside its licence, or in prohibited territory
  kAnotherUser,  ///< a person or an import says that somebody else uses it: no round trip can
  kTampering,    ///< its own key signed what no honest chip signs
  kSpoofing,     ///< attempt: somebody answered in its name, without its key
  kBlocking,     ///< attempt: its way to the anchors is cut, while it is accused
  kMisleading,   ///< attempt: its key answered from places that cannot both be its own
  kUnproven      ///< silent, or nothing proved, beyond its clock. Accuses nobody
};
inline constexpr std::size_t kCaseKinds = 7;
/// "elsewhere", "another_user", ..
[[nodiscard]] std::string_view name_of(CaseKind kind);
[[nodiscard]] std::optional<CaseKind> case_kind_of(std::string_view name);
/// Spoofing, blocking, misleading: something was done, and it does not say by whom.
[[nodiscard]] bool is_attempt(CaseKind kind);
/// The status of a chip says the same of it, and ends with it: elsewhere, tampering, unproven. Of the other kinds
/// no state of a chip speaks, and what is in their cases stays there until they are resolved.
[[nodiscard]] bool follows_status(CaseKind kind);
/// Elsewhere and tampering: what disputes and decisions of a case have to tell the status of.
[[nodiscard]] bool accused_by_status(CaseKind kind);
/// "Chips are not where they are licensed to be": what it is about, for a heading.
[[nodiscard]] std::string_view heading_of(CaseKind kind);

/// One case stands open for each, however many chips.
struct CaseKey {
  CaseKind kind{};
  std::string order;    ///< empty: its chips belong to none
  std::string licence;  ///< empty where there is an order: a licence may have many
  std::string site;     ///< empty: not stated
  friend auto operator<=>(const CaseKey&, const CaseKey&) = default;
};
[[nodiscard]] CaseKey case_key(CaseKind kind, const std::string& order, const std::string& licence,
                               const std::string& site);

/// The first case of a key has number 1; a later one names the one before by its own.
struct CaseRef {
  CaseKey key;
  std::uint32_t number = 1;
  friend auto operator<=>(const CaseRef&, const CaseRef&) = default;
};
/// "elsewhere/O-17/campus#2"; "unproven/licence L-3/-#1".
[[nodiscard]] std::string text_of(const CaseRef& ref);

/// What the reason of a verdict, a suspicion beside it or the cause of a silence is a sign of.
struct AttemptSign {
  CaseKind kind{};
  /// Enough by itself, when it is confirmed. If not, it follows from silence, from an estimate, or anybody could
  /// have brought it about: it opens a case only of a chip that is accused by something else, and joins one.
  bool opens = false;
  std::string_view ground;  ///< a sentence
};
/// | code | kind | opens |
/// |---|---|---|
/// | statement_signature, statement_malformed, statement_identity, statement_replay | spoofing | yes |
/// | impossible_travel | misleading | yes |
/// | cohort_outlier | misleading | no: an estimate |
/// | udp_blocked, replies_blocked, inbound_blocked | blocking | no: silence |
/// Codes that only the chip's own key can bring about (verdict_kind.hpp) are tampering, and its status says so;
/// certificates say nothing of the chip. These, and whatever is not known, are a sign of nothing.
[[nodiscard]] std::optional<AttemptSign> attempt_of(std::string_view reason);

}  // namespace chiploc
