#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chiploc {

/// One code point taken off the front of a text that is not empty. nullopt, and one byte taken, where it is
/// no UTF-8: overlong forms, surrogates and what lies beyond U+10FFFF are none.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& text);

/// Whether a code point does something to a terminal or a log other than being shown: C0, DEL, C1 (U+009B
/// begins escape sequences too), line and paragraph separators, and what changes the direction of the text
/// around it or is not seen at all, so that a name can read as another one.
[[nodiscard]] bool acts_on_display(char32_t point);

/// Text from outside (a name, a version, a reason, what another program answers) made safe between the quotes
/// of a log line: everything that acts on a display, quotes and backslashes are escaped (\n, \x1b, \u{202e},
/// \"), as are bytes that are no UTF-8 (\xff), and no more than `most` bytes of `text` are shown; "...(5000
/// bytes)" tells of the rest. Never throws on content.
[[nodiscard]] std::string log_text(std::string_view text, std::size_t most = 200);

/// The same for a line that is put together already: quotes and backslashes stay. Log sinks apply it to whole
/// messages, so that a place that forgot log_text() cannot begin a line of its own.
[[nodiscard]] std::string log_line(std::string_view line, std::size_t most = 4'096);

}  // namespace chiploc
