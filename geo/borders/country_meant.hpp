#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// What was likely meant by two letters under which ISO 3166-1 has no country: the European Union writes UK and
/// EL for the two that are GB and GR. For a sentence that says what to write; nothing is ever taken for them.
///
/// Returns   "GB for the United Kingdom (UK is not its code in ISO 3166-1)"; nullopt: no idea.
[[nodiscard]] inline std::optional<std::string> country_meant(std::string_view text) {
  const auto is = [&](char a, char b) {
    return text.size() == 2 && (text[0] | 0x20) == a && (text[1] | 0x20) == b;
  };
  if (is('u', 'k')) return "GB for the United Kingdom (UK is not its code in ISO 3166-1)";
  if (is('e', 'l')) return "GR for Greece (EL is not its code in ISO 3166-1)";
  return std::nullopt;
}

}  // namespace chiploc
