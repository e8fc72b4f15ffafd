#include "server/picture/html.hpp"

#include <openssl/evp.h>

#include "proto/crypto/digest.hpp"
#include "tests/server/picture/sample_map.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/markup.hpp"

namespace chiploc::test::html_test {
namespace {

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

std::string digest_of(const std::string& content) {
  const Digest digest = sha256(bytes_of(content));
  unsigned char text[64];
  EVP_EncodeBlock(text, digest.bytes.data(), static_cast<int>(digest.bytes.size()));
  return "'sha256-" + std::string{reinterpret_cast<const char*>(text)} + "'";
}

TEST_CASE("html: its policy allows its own style and script and nothing else", "[picture]") {
  const std::string html = html_of(draw_verdict(central_europe(), sample_facts(), kDetailForZoom));
  const std::string policy = between(html, "Content-Security-Policy\" content=\"", "\"");
  CHECK(policy == "default-src 'none'; style-src " + digest_of(between(html, "<style>", "</style>")) +
                      "; script-src " + digest_of(between(html, "<script>", "</script>")) +
                      "; base-uri 'none'; form-action 'none'");
  CHECK(times_in(html, "<style") == 1);
  CHECK(times_in(html, "<script") == 1);
  // Nothing is fetched, nor may an attribute bring style or script of its own past the policy.
  for (const char* word :
       {" src=", " href=", "url(", "@import", " style=", " onload", "javascript:", "fetch(", "eval("}) {
    CAPTURE(word);
    CHECK(times_in(html, word) == 0);
  }
  CHECK(times_in(html, "http") == 2);  // the policy's name, and the namespace of SVG
  CHECK(times_in(html, "//") == 1);
  CHECK(markup_fault(between(html, "<main>\n", "</main>")).empty());
}

TEST_CASE("html: hostile texts stay texts", "[picture]") {
  const std::string html = html_of(draw_verdict(central_europe(), hostile_facts(), kDetailForZoom));
  CHECK(times_in(html, "<script") == 1);
  CHECK(times_in(html, "alert(1)</script>") == 0);
  CHECK(times_in(html, "\x1b") == 0);
  CHECK_THAT(html, Catch::Contains("&lt;script&gt;alert(1)"));
  CHECK(markup_fault(between(html, "<main>\n", "</main>")).empty());
}

}  // namespace
}  // namespace chiploc::test::html_test
