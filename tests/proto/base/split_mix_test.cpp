#include "proto/base/split_mix.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {

TEST_CASE("SplitMix64: the sequence that its authors' code gives", "[proto]") {
  // From state 1234567, by the reference implementation (Vigna, https://prng.di.unimi.it/splitmix64.c).
  const std::uint64_t sequence[] = {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                    4593380528125082431U, 16408922859458223821U};
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected : sequence) {
    CHECK(split_mix(state) == expected);
    CHECK(split_mix_final(state += kSplitMixStep) == expected);
  }
}

TEST_CASE("SplitMix64: texts count by what they say, and where they end", "[proto]") {
  constexpr auto pair = [](std::string_view a, std::string_view b) {
    return split_mix_text(split_mix_text(7, a), b);
  };
  static_assert(split_mix_text(7, "fra") == split_mix_text(7, std::string_view{"frankfurt"}.substr(0, 3)));
  CHECK(split_mix_text(7, "fra") != split_mix_text(8, "fra"));
  CHECK(split_mix_text(7, "fra") != split_mix_text(7, "far"));
  CHECK(split_mix_text(7, "") != split_mix_text(7, std::string_view{"\0", 1}));
  CHECK(pair("ab", "c") != pair("a", "bc"));
}

}  // namespace chiploc
