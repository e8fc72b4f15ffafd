#include "proto/base/base64.hpp"

#include "tests/server/notices/properties.hpp"

namespace chiploc::test {
namespace {

std::optional<std::string> decoded(std::string_view text, std::size_t room = 100) {
  ByteVector out(room);
  const auto size = base64_decode(text, out);
  if (!size) return std::nullopt;
  return string_of(Bytes{out}.first(*size));
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648, section 10, both ways", "[base]") {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(base64_text(bytes_of(plain)) == text);
    CHECK(decoded(text) == plain);
  }
  CHECK(base64_text(ByteVector{0xfb, 0xff, 0xbf}) == "+/+/");
}

TEST_CASE("base64: one spelling for each run of bytes", "[base]") {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "=", "Zm 9v", "Zm9v\n",
                           "-_-_", "Zm9v=", "Z=9v", "Zm=v"})
    CHECK_FALSE(decoded(text));
  CHECK(decoded("Zm9v", 3) == "foo");
  CHECK_FALSE(decoded("Zm9v", 2));
  CHECK(decoded("Zm8=", 2) == "fo");
  CHECK_FALSE(decoded("Zm8=", 1));
}

TEST_CASE("base64: any bytes come back, and any text that is read would be written so", "[base][property]") {
  holds("bytes come back", [](const ByteVector& bytes) {
    RC_ASSERT(decoded(base64_text(bytes), bytes.size()) == string_of(bytes));
  });
  holds("texts have one spelling", [] {
    static const std::string kLetters = "AQZaz09+/=g";
    std::string text;
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i)
      text += kLetters[*rc::gen::inRange<std::size_t>(0, 11)];
    const auto bytes = decoded(text);
    if (bytes) RC_ASSERT(base64_text(bytes_of(*bytes)) == text);
  });
}

}  // namespace chiploc::test
