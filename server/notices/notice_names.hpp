#pragma once
// The words of notices, for both directions. Private to this folder.

#include <array>

#include "server/notices/notice.hpp"

namespace chiploc::notice_names {

inline constexpr std::array<std::string_view, kNoticeKinds> kKinds{
    "case.opened", "case.updated",   "case.disputed",       "case.resolved", "case.reopened",
    "order.held",  "order.released", "chip.status_changed", "notice.test"};
inline constexpr std::array<std::string_view, 7> kSubjects{
    "elsewhere", "another_user", "tampering", "spoofing", "blocking", "misleading", "unproven"};
inline constexpr std::array<std::string_view, 5> kOutcomes{"confirmed", "mistaken", "explained", "moved_back",
                                                           "proved_again"};
inline constexpr std::array<std::string_view, 3> kSeverities{"informational", "warning", "critical"};

/// The name of a value whose first number is `first`; "" for a number that has none.
template <class Names, class Value>
std::string_view name_in(const Names& names, Value value, std::size_t first = 0) {
  const std::size_t at = static_cast<std::size_t>(value) - first;
  return at < names.size() ? names[at] : std::string_view{};
}
template <class Value, class Names>
std::optional<Value> value_in(const Names& names, std::string_view name, std::size_t first = 0) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Value>(i + first);
  return std::nullopt;
}

}  // namespace chiploc::notice_names
