#include "server/notices/receiver_url.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("receiver url: what may be written", "[notices]") {
  for (const char* url :
       {"https://siem.example", "https://siem.example/", "https://siem.example:8443/hooks/chiploc?a=b&c=%20",
        "https://xn--bcher-kva.example/x", "https://192.0.2.7/", "https://[2001:db8::1]:8443/x",
        "https://[::ffff:192.0.2.1]", "https://a?b", "https://a/:@", "https://A.b-c.1:65535"})
    CHECK(refusal_of_url(url, false).empty());
  CHECK(refusal_of_url("http://127.0.0.1:9093/api/v2/alerts", true).empty());
  CHECK(refusal_of_url("https://a/" + std::string(kReceiverUrlMax - 10, 'x'), false).empty());
}

TEST_CASE("receiver url: each reason why not", "[notices]") {
  const auto refusal = [](const std::string& url) { return refusal_of_url(url, false); };
  CHECK(refusal("https://a/" + std::string(kReceiverUrlMax - 9, 'x')) == "has more than 1000 bytes");
  for (const char* url :
       {"https://a/ b", "https://a/\n", "https://b\u00fccher.example", "https://a/\x7f", "https://a/\t"})
    CHECK_THAT(refusal(url), Catch::StartsWith("has characters other than visible ASCII"));
  CHECK_THAT(refusal("http://a/"), Catch::StartsWith("is http: everybody"));
  for (const char* url :
       {"", "a", "ftp://a", "file:///etc/passwd", "HTTPS://a", "https:/a", "https:a", "//a"})
    CHECK(refusal(url) == "begins neither with https:// nor with http://");
  for (const char* url : {"https://user@a/", "https://user:word@a", "https://a@b@c/"})
    CHECK_THAT(refusal(url), Catch::StartsWith("has a user or password in it"));
  for (const char* url : {"https://a/#b", "https://a#", "https://a#@b"})
    CHECK_THAT(refusal(url), Catch::StartsWith("has a # part"));
  for (const char* url : {"https://", "https:///a", "https://:443", "https://?a", "https://a_b/",
                          "https://a%41/", "https://a\\b", "https://a,b"})
    CHECK_THAT(refusal(url), Catch::StartsWith("has no host"));
  for (const char* url :
       {"https://[", "https://[]", "https://[1", "https://[:]", "https://[fe80::1%25eth0]", "https://[g::]"})
    CHECK(refusal(url) == "has a host that is no IPv6 address in brackets");
  CHECK(refusal("https://[::1]8443") == "has something between its host and its port");
  for (const char* url : {"https://a:", "https://a:0", "https://a:65536", "https://a:123456", "https://a:-1",
                          "https://a:4a", "https://a:1:2", "https://[::1]:", "https://[::1]:0"})
    CHECK(refusal(url) == "has a port that is none from 1 to 65535");
}

}  // namespace chiploc::test
