#include "server/oidc/base64url.hpp"

#include "tests/server/notices/properties.hpp"

namespace base64url_test {
using namespace chiploc;

TEST_CASE("base64url: the vectors of RFC 4648, and what its alphabet is for", "[oidc]") {
  for (const auto& [text, encoded] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg"},
                                                        {"fo", "Zm8"},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg"},
                                                        {"fooba", "Zm9vYmE"},
                                                        {"foobar", "Zm9vYmFy"}}) {
    INFO(text);
    CHECK(base64url_text(bytes_of(text)) == encoded);
    CHECK(base64url_bytes(encoded) == ByteVector{bytes_of(text).begin(), bytes_of(text).end()});
  }
  CHECK(base64url_text(ByteVector{0xfb, 0xff, 0xbf}) == "-_-_");
}

TEST_CASE("base64url: one text for one run of bytes", "[oidc]") {
  for (const std::string bad : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm9v+", "Zm9v/A", " Zg", "Zg\n", "Zh", "Zm9",
                                "Zm9v.Zg", "Zm9vYmF\xc3"}) {
    INFO(bad);
    CHECK(!base64url_bytes(bad));
  }
  CHECK(!base64url_bytes(std::string{"Zg\0A", 4}));
}

TEST_CASE("base64url: a round trip for all bytes, and every text that is read is the one that is written",
          "[oidc][property]") {
  test::holds("bytes come back", [](const ByteVector& bytes) {
    const auto back = base64url_bytes(base64url_text(bytes));
    RC_ASSERT(back && *back == bytes);
  });
  test::holds("texts come back", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"}));
    if (const auto bytes = base64url_bytes(text)) RC_ASSERT(base64url_text(*bytes) == text);
  });
}

}  // namespace base64url_test
