#include "server/anchor/random_pool.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "proto/base/bytes.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("pooled_random: no draw repeats, across refills and copies of the function", "[anchor]") {
  const RandomFill first = pooled_random();
  const RandomFill copy = first;  // as the prober hands it on
  std::set<ByteArray<16>> seen;
  for (int i = 0; i < 2000; ++i) {  // 32 KB: eight pools
    ByteArray<16> drawn{};
    (i % 2 == 0 ? first : copy)(drawn);
    CHECK(seen.insert(drawn).second);
  }
  CHECK_FALSE(seen.contains(ByteArray<16>{}));
}

TEST_CASE("pooled_random: fills whatever size is asked for", "[anchor]") {
  const RandomFill fill = pooled_random();
  for (const std::size_t size : {0U, 1U, 1024U, 1025U, 4096U, 10'000U}) {
    std::vector<std::uint8_t> drawn(size + 2, 0);
    fill(MutableBytes{drawn}.subspan(1, size));
    CHECK(drawn.front() == 0);
    CHECK(drawn.back() == 0);
    // All zero from 1024 random bytes would be a generator that was not asked.
    if (size >= 1024) CHECK(std::count(drawn.begin() + 1, drawn.end() - 1, 0) < static_cast<int>(size / 16));
  }
}

}  // namespace
}  // namespace chiploc
