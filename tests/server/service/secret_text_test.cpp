// Secrets as people read, type and mistype them.
#include "server/service/secret_text.hpp"

#include "server/service/enrolment.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("secret: as it was drawn, however it is typed", "[service][enrol]") {
  const std::string symbols = drawn_secret(8, [next = std::uint8_t{24}](MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = next++;
  });
  CHECK(symbols == "RSTVWXYZ");
  CHECK(grouped_secret(symbols) == "RSTV-WXYZ");
  for (const char* typed : {"RSTV-WXYZ", "rstvwxyz", " RSTV WXYZ\n", "RS-TV-WX-YZ\r\n"})
    CHECK(meant_secret(typed, 8) == symbols);
  CHECK(meant_secret("oil0", 4) == "0110");
  for (const char* typed : {"", "RSTV-WXY", "RSTV-WXYZ0", "RSTV-WXYU", "RSTV_WXYZ"})
    CHECK_FALSE(meant_secret(typed, 8));
  CHECK_FALSE(meant_secret(std::string(41, ' '), 8));
}

TEST_CASE("secret: a token is known by its symbols alone", "[service][enrol]") {
  const std::string token(52, 'Z');
  CHECK(token_digest(token) == token_digest(grouped_secret(token) + "\n"));
  CHECK(token_digest(token) != token_digest(std::string(51, 'Z') + "Y"));
  CHECK_FALSE(token_digest(std::string(51, 'Z')));
}

}  // namespace chiploc::test
