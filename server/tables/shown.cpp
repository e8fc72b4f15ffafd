#include "server/tables/shown.hpp"

#include <algorithm>

namespace chiploc {

std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if ((lead & 0xF0U) == 0xE0U) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;   // overlong
  if (lead == 0xED) high = 0x9F;  // surrogates
  if (lead == 0xF0) low = 0x90;   // overlong
  if (lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (at(i) < 0x80 || at(i) > 0xBF) return 0;
  }
  return length;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string out = "\"";
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto lead = static_cast<unsigned char>(text[i]);
    const bool plain = length > 0 && lead >= 0x20 && lead != 0x7F;
    if (out.size() + std::max<std::size_t>(length, 1) > kShown) return out + "...\"";
    out += plain ? std::string{text.substr(i, length)} : std::string{"?"};
    i += std::max<std::size_t>(length, 1);
  }
  return out + "\"";
}

std::string other_encoding(std::string_view content) {
  const auto begins = [&](std::string_view mark) { return content.substr(0, mark.size()) == mark; };
  const std::string_view first = content.substr(0, 256);
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < first.size(); ++i) zeros[i % 2] += first[i] == '\0' ? 1U : 0U;
  // A character of ASCII has one zero byte in UTF-16 and three in UTF-32; no text in UTF-8 has any.
  const std::size_t half = first.size() / 2;
  const bool wide = half >= 2 && 2 * std::max(zeros[0], zeros[1]) >= half;
  std::string name;
  if (begins(std::string_view{"\xFF\xFE\0\0", 4}) || begins(std::string_view{"\0\0\xFE\xFF", 4})) {
    name = "UTF-32";
  } else if (begins("\xFF\xFE") || begins("\xFE\xFF") || wide) {
    name = "UTF-16";
  } else {
    return {};
  }
  return "the file is in " + name +
         ", UTF-8 is asked for: save it as \"CSV UTF-8 (comma delimited)\" in Excel, with the character set "
         "\"Unicode (UTF-8)\" in LibreOffice, or run iconv -f " +
         name + " -t UTF-8 OLD >NEW";
}

}  // namespace chiploc
