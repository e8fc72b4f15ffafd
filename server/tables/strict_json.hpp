#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace chiploc {

/// What is wrong with a request, and where: a parameter's name, or a JSON pointer ("/files/0/kind"). Empty: all of it.
struct FieldFault {
  std::string field;
  std::string text;  ///< a sentence
};

/// The deepest body of any request has five levels; a value at level 9 is refused.
inline constexpr std::size_t kJsonDepthMax = 8;

/// One JSON text (RFC 8259) into `out`, which is a whole value or not touched. Stricter than a reader has to be, so that a text
/// has one meaning: a key twice in one object is a fault (readers disagree which counts), as are bytes that are no UTF-8, a
/// number beyond what a double holds, and what is nested deeper than kJsonDepthMax. Never throws on content.
[[nodiscard]] Result<Done, FieldFault> read_strict_json(std::string_view text, nlohmann::json& out);
/// The same of others' texts that have no place to be told: one object of at most `bytes_most` bytes; nullopt for anything
/// else.
[[nodiscard]] std::optional<nlohmann::json> strict_json_object(std::string_view text, std::size_t bytes_most);
/// The member if it is a text; null if it is absent or something else.
[[nodiscard]] const std::string* text_member(const nlohmann::json& object, std::string_view name);

/// A step of a JSON pointer (RFC 6901): "/" and the key with its ~ and / escaped.
[[nodiscard]] std::string pointer_step(std::string_view key);

}  // namespace chiploc
