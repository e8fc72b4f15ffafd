#include "proto/base/safe_text.hpp"

#include <random>

#include "tests/support/catch.hpp"

namespace chiploc::safe_text_test {
namespace {

TEST_CASE("log text: what acts on a display is escaped, what is only read stays") {
  CHECK(log_text("ber-1, v0.1.0 (Zürich)") == "ber-1, v0.1.0 (Zürich)");
  CHECK(log_text("a\nround.decided state=VERIFIED") == "a\\nround.decided state=VERIFIED");
  CHECK(log_text("\r\t\x1b[2J\x07\x7f") == "\\r\\t\\x1b[2J\\x07\\x7f");
  CHECK(log_text(std::string{"a\0b", 3}) == "a\\x00b");
  CHECK(log_text("\" state=VERIFIED x=\"\\") == "\\\" state=VERIFIED x=\\\"\\\\");  // no field of its own
  CHECK(log_text("\xc2\x9b"
                 "31m") == "\\x9b31m");  // CSI in one code point
  CHECK(log_text("\x9b"
                 "31m") == "\\x9b31m");  // the same in one byte
  CHECK(log_text("ab\xe2\x80\xae"
                 "cd") == "ab\\u{202e}cd");        // right to left
  CHECK(log_text("\xe2\x80\xa8") == "\\u{2028}");  // a line's end to some
  CHECK(log_text("a\xe2\x80\x8b"
                 "b\xef\xbb\xbf") == "a\\u{200b}b\\u{feff}");  // not seen
  CHECK(log_text("\xf3\xa0\x81\x81") == "\\u{0e0041}");
  CHECK(log_text("\xc0\x9b") == "\\xc0\\x9b");  // overlong
  CHECK(log_text("\xed\xa0\x80\xf4\x90\x80\x80") == "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
  CHECK(log_text("cut \xe2\x82") == "cut \\xe2\\x82");
}

TEST_CASE("log text: of a long one the beginning, and how long it is") {
  CHECK(log_text(std::string(200, 'v')) == std::string(200, 'v'));
  CHECK(log_text(std::string(5'000, 'v')) == std::string(200, 'v') + "...(5000 bytes)");
  CHECK(log_text("abcdef", 3) == "abc...(6 bytes)");
  CHECK(log_line("reason=\"x\"\ny") == "reason=\"x\"\\ny");
  CHECK(log_line(std::string(5'000, 'v')) == std::string(4'096, 'v') + "...(5000 bytes)");
}

TEST_CASE("log text: of no bytes whatever anything is left that acts on a display", "[property]") {
  std::mt19937 random{20261130};
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() % 128 : 128 + random() % 128);
    const std::string safe = log_text(text);
    std::string_view left = safe;
    while (!left.empty()) {
      const auto point = take_code_point(left);
      REQUIRE(point);
      REQUIRE_FALSE(acts_on_display(*point));
    }
    REQUIRE(log_line(safe) == safe);
  }
}

}  // namespace
}  // namespace chiploc::safe_text_test
