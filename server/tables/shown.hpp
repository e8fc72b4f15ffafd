#pragma once
#include <string>
#include <string_view>

namespace chiploc {

/// Length of the well-formed UTF-8 sequence at the start of a text that is not empty (Unicode 15, table 3-7);
/// 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// `text` cut and cleaned so that it can stand in a message: at most 40 bytes, control characters replaced.
[[nodiscard]] std::string shown(std::string_view text);

/// Why a file's bytes are no UTF-8 at all: "is in UTF-16; ..." with how to save it; empty: nothing speaks
/// against it. By its byte order mark, or by every second byte being zero.
[[nodiscard]] std::string other_encoding(std::string_view content);

}  // namespace chiploc
