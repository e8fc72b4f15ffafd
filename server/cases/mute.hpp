#pragma once
// Which notices are kept back for a time. A mute hides notices, never states: nothing here gets a story.

#include <optional>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/cases/case_kind.hpp"
#include "server/status/notice_fact.hpp"

namespace chiploc {

/// What it is about: everything that is stated has to fit. A fact of which a part is not known does not.
struct MuteScope {
  std::optional<FactKind> fact{};
  std::optional<CaseKind> case_kind{};
  std::string order{}, licence{}, site{};  ///< empty: any
  std::optional<ChipId> chip{};
  friend bool operator==(const MuteScope&, const MuteScope&) = default;
};

struct MuteRule {
  MuteScope scope;
  std::string reason, author;
  WallTime from, until;
  friend bool operator==(const MuteRule&, const MuteRule&) = default;
};

/// From policy.
struct MuteRules {
  Nanoseconds mute_most = std::chrono::hours{30 * 24};
};

/// Why it may not be made; empty if it may. One of everything is none: it would hide what nobody thought of.
[[nodiscard]] std::string refusal_of(const MuteRule& rule, const MuteRules& rules);
[[nodiscard]] bool fits(const MuteScope& scope, const NoticeFact& fact);
/// The first rule in force that keeps the fact back, for who wants to know why; null: none.
[[nodiscard]] const MuteRule* muted_by(const std::vector<MuteRule>& mutes, const NoticeFact& fact,
                                       WallTime now);

}  // namespace chiploc
