#include "server/lab/lab_run.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("lab check: seeds are a number, or a range", "[sim][lab]") {
  const auto is = [](const char* text, std::uint64_t first, std::uint64_t last) {
    const auto seeds = seeds_of(text);
    return seeds && seeds->first == first && seeds->last == last;
  };
  CHECK(is("1", 1, 1));
  CHECK(is("20", 1, 20));
  CHECK(is("7..9", 7, 9));
  CHECK(is("0..0", 0, 0));
  CHECK(is("10000", 1, 10'000));
  for (const char* wrong : {"", "0", "x", "3x", "-1", "..", "3..", "..3", "9..7", "1..2..3", "10001",
                            "1 .. 2", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(seeds_of(wrong).has_value());
  }
}

}  // namespace
}  // namespace chiploc
