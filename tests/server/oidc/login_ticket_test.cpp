#include "server/oidc/login_ticket.hpp"

#include "proto/crypto/digest.hpp"
#include "server/oidc/base64url.hpp"
#include "tests/server/notices/properties.hpp"

namespace login_ticket_test {
using namespace chiploc;
using namespace std::chrono_literals;

const WallTime kNow = wall_from_unix_seconds(1'796'200'000);
Dice counting(std::uint8_t from = 0) {
  return [next = from](MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = next++;
  };
}

TEST_CASE("login ticket: found by its cookie and its state together", "[oidc]") {
  const LoginTickets tickets{counting(), 10min};
  const LoginTicket made = tickets.begin(counting(7), "/cases?state=open", kNow);
  const auto found = tickets.find(made.cookie, made.state, kNow + 9min);
  REQUIRE(found);
  CHECK(found->nonce == made.nonce);
  CHECK(found->verifier == made.verifier);
  CHECK(found->return_path == "/cases?state=open");
  CHECK(!tickets.find(made.cookie, made.nonce, kNow));
  CHECK(!tickets.find(made.cookie, "", kNow));
  CHECK(!tickets.find("", made.state, kNow));
  CHECK(!tickets.find(made.cookie, made.state, kNow + 10min));
  CHECK(!tickets.find(std::string(2'000, 'a'), made.state, kNow));
  const LoginTicket other = tickets.begin(counting(90), "/", kNow);
  CHECK(!tickets.find(other.cookie, made.state, kNow));
  CHECK(!tickets.find(made.cookie, other.state, kNow));
  const LoginTickets restarted{counting(1), 10min};
  CHECK(!restarted.find(made.cookie, made.state, kNow));
}

TEST_CASE("login ticket: no character of the cookie can be changed", "[oidc]") {
  const LoginTickets tickets{counting(), 10min};
  const LoginTicket made = tickets.begin(counting(7), "/a", kNow);
  for (std::size_t i = 0; i < made.cookie.size(); ++i) {
    std::string changed = made.cookie;
    changed[i] = changed[i] == '9' ? '8' : '9';
    CHECK(!tickets.find(changed, made.state, kNow));
  }
}

TEST_CASE("login ticket: state, nonce and verifier are 256 bits that do not tell of each other", "[oidc]") {
  const LoginTickets tickets{counting(), 10min};
  const LoginTicket made = tickets.begin(counting(7), "/", kNow);
  std::set<std::string> all{made.state, made.nonce, made.verifier, made.challenge};
  CHECK(all.size() == 4);
  for (const std::string& one : all) CHECK(one.size() == 43);
  CHECK(made.challenge == base64url_text(sha256(bytes_of(made.verifier)).bytes));  // RFC 7636, 4.2
  for (const std::string& one : all) CHECK(made.cookie.find(one) == std::string::npos);
}

TEST_CASE("return path: of this site alone", "[oidc]") {
  for (const char* good : {"/", "/cases", "/cases/C-1?tab=chips&x=1#top", "/a//b", "/%2e%2e/x"})
    CHECK(safe_return_path(good) == good);
  for (const char* bad :
       {"", "cases", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nset-cookie: x",
        "/a b", "/<script>", "\\\\evil", "/\xc3\xa9", "javascript:alert(1)", "/a;b", "/a,b"}) {
    INFO(bad);
    CHECK(safe_return_path(bad) == "/");
  }
  CHECK(safe_return_path("/" + std::string(511, 'a')).size() == 512);
  CHECK(safe_return_path("/" + std::string(512, 'a')) == "/");
}

TEST_CASE("return path: whatever is asked, it is a path of ours", "[oidc][property]") {
  test::holds("it begins with one slash", [](const std::string& text) {
    for (const std::string& path : {text, "/" + text, "//" + text}) {
      const std::string safe = safe_return_path(path);
      RC_ASSERT(safe.front() == '/' && (safe.size() == 1 || (safe[1] != '/' && safe[1] != '\\')));
      RC_ASSERT(safe.find_first_of("\r\n\t <>\"") == std::string::npos);
    }
  });
}

}  // namespace login_ticket_test
