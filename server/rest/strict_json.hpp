#pragma once
#include <nlohmann/json_fwd.hpp>
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

/// One JSON text (RFC 8259) into `out`, which is a whole value or not touched. Stricter than a reader has to be: a key twice
/// in one object is a fault, as are bytes that are no UTF-8, and what is nested deeper than kJsonDepthMax.
[[nodiscard]] Result<Done, FieldFault> read_json(std::string_view text, nlohmann::json& out);

/// A step of a JSON pointer (RFC 6901): "/" and the key with its ~ and / escaped.
[[nodiscard]] std::string pointer_step(std::string_view key);

}  // namespace chiploc
