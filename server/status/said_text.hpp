#pragma once
// What persons say in reasons, statements and comments: kept as they say it, so it has to be text.

#include <string>
#include <string_view>

#include "proto/base/safe_text.hpp"

namespace chiploc {

inline constexpr std::size_t kSaidNameMax = 200;      ///< bytes: of persons, entities, orders, sites
inline constexpr std::size_t kSaidReasonMax = 1'000;  ///< bytes
inline constexpr std::size_t kSaidStatementMax = 8'000;

/// Why it cannot be kept; empty if it can: "the reason is missing". Line breaks are fine, whatever else acts on
/// a display is not.
[[nodiscard]] inline std::string said_fault(std::string_view what, std::string_view text, std::size_t most) {
  const std::string name = "the " + std::string{what};
  if (text.find_first_not_of(" \n\t") == std::string_view::npos) return name + " is missing";
  if (text.size() > most) return name + " is longer than " + std::to_string(most) + " bytes";
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point) return name + " is not in UTF-8";
    if (*point != U'\n' && acts_on_display(*point)) return name + " has a character that cannot be shown";
  }
  return {};
}

}  // namespace chiploc
