#pragma once
// For this folder's sources alone: JSON of others, with one meaning.

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace chiploc {

inline constexpr int kStrictJsonDepth = 8;

/// One JSON object (RFC 8259) and nothing else. nullopt for anything else: another value, more than `bytes_most` bytes, bytes
/// that are no UTF-8, a name twice in one object (readers disagree which counts), nesting beyond kStrictJsonDepth, a
/// number beyond what a double holds. Never throws on content.
[[nodiscard]] std::optional<nlohmann::json> strict_json_object(std::string_view text, std::size_t bytes_most);

/// The member if it is a text; null if it is absent or something else.
[[nodiscard]] const std::string* text_member(const nlohmann::json& object, std::string_view name);

}  // namespace chiploc
