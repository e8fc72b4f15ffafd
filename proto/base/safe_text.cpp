#include "proto/base/safe_text.hpp"

#include <array>
#include <cstdint>

namespace chiploc {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out.push_back(kDigits[(value >> static_cast<unsigned>(shift)) & 0xFU]);
}

void append_escape(std::string& out, char32_t point) {
  switch (point) {
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    case U'\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (point < 0x100U) {
    out += "\\x";
    append_hex(out, point, 2);
  } else {
    out += "\\u{";
    append_hex(out, point, point < 0x10000U ? 4 : 6);
    out += "}";
  }
}

std::string escaped(std::string_view text, std::size_t most, bool quotes) {
  std::string out;
  const std::size_t whole = text.size();
  while (!text.empty() && whole - text.size() < most) {
    const std::string_view before = text;
    const auto point = take_code_point(text);
    if (!point) {
      out += "\\x";
      append_hex(out, static_cast<std::uint8_t>(before.front()), 2);
    } else if (acts_on_display(*point)) {
      append_escape(out, *point);
    } else {
      if (quotes && (*point == U'"' || *point == U'\\')) out.push_back('\\');
      out.append(before.substr(0, before.size() - text.size()));
    }
  }
  if (!text.empty()) out += "...(" + std::to_string(whole) + " bytes)";
  return out;
}

}  // namespace

std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  std::size_t size = 1;
  char32_t point = first;
  if (first >= 0xF0U && first < 0xF8U) {
    size = 4, point = first & 0x07U;
  } else if (first >= 0xE0U && first < 0xF0U) {
    size = 3, point = first & 0x0FU;
  } else if (first >= 0xC0U && first < 0xE0U) {
    size = 2, point = first & 0x1FU;
  } else if (first >= 0x80U) {
    size = 0;
  }
  bool good = size > 0 && text.size() >= size;
  for (std::size_t i = 1; good && i < size; ++i) {
    good = (byte(i) & 0xC0U) == 0x80U;
    point = point << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  good = good && point >= kLeast[size] && point <= 0x10FFFFU && (point < 0xD800U || point > 0xDFFFU);
  text.remove_prefix(good ? size : 1);
  return good ? std::optional{point} : std::nullopt;
}

bool acts_on_display(char32_t point) {
  const auto in = [point](char32_t low, char32_t high) { return point >= low && point <= high; };
  return point < 0x20U || in(0x7F, 0x9F) || point == 0xADU || point == 0x61CU || in(0x200B, 0x200F) ||
         in(0x2028, 0x202E) || in(0x2060, 0x206F) || point == 0xFEFFU || in(0xFFF9, 0xFFFB) ||
         in(0xE0000, 0xE007F);
}

std::string log_text(std::string_view text, std::size_t most) { return escaped(text, most, true); }

std::string log_line(std::string_view line, std::size_t most) { return escaped(line, most, false); }

}  // namespace chiploc
