#include "proto/base/joined.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::joined_test {

TEST_CASE("joined: separators stand between, neither before nor behind", "[base]") {
  CHECK(joined(std::vector<std::string>{}, ", ").empty());
  CHECK(joined(std::vector<std::string>{"DE"}, ", ") == "DE");
  CHECK(joined(std::vector<std::string>{"DE", "FR", "NL"}, ", ") == "DE, FR, NL");
  CHECK(joined(std::array<std::string_view, 2>{"a", "b"}, "") == "ab");
  CHECK(joined(std::vector<std::string>{"", "b", ""}, ",") == ",b,");  // an empty text is one of them
}

TEST_CASE("joined: what has no text is told how to say it", "[base]") {
  struct Named {
    std::string name;
    [[nodiscard]] std::string text() const { return name; }
  };
  CHECK(joined(std::vector<Named>{{"x"}, {"y"}}, " ") == "x y");
  CHECK(joined(std::vector<int>{1, 2, 3}, "; ", [](int n) { return std::to_string(n); }) == "1; 2; 3");
}

TEST_CASE("first_joined: what is left out is counted", "[base]") {
  const std::vector<std::string> three{"DE", "FR", "NL"};
  CHECK(first_joined(three, " ", 3) == "DE FR NL");
  CHECK(first_joined(three, " ", 2) == "DE FR and 1 more");
  CHECK(first_joined(std::vector<std::string>{}, " ", 2).empty());
}

}  // namespace chiploc::joined_test
