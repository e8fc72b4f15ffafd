// The law of the least round trip against sessions of single datagrams, as the emulated network would let them through.
#include "server/fleet/ping_law.hpp"

#include <algorithm>
#include <cmath>

#include "server/fleet/fleet_dice.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::fleet {
namespace {

/// What queues added to the least round trip of each session; none where no ping came back.
struct Sessions {
  std::vector<double> extras_ns;  ///< in order
  std::size_t unheard = 0;
};

Sessions by_datagrams(const NetworkOptions& network, unsigned pings, std::size_t sessions) {
  Sessions out;
  const std::uint64_t there = pair_hash(1, "anchor", "chip"), back = pair_hash(1, "chip", "anchor");
  for (std::size_t s = 0; s < sessions; ++s) {
    std::optional<double> least;
    for (unsigned p = 0; p < pings; ++p) {
      const DatagramFate request = datagram_fate(network, there, s * pings + p);
      const DatagramFate reply = datagram_fate(network, back, s * pings + p);
      if (request.lost || reply.lost) continue;
      const auto extra = static_cast<double>((request.extra + reply.extra).count());
      least = least ? std::min(*least, extra) : extra;
    }
    if (least) {
      out.extras_ns.push_back(*least);
    } else {
      ++out.unheard;
    }
  }
  std::sort(out.extras_ns.begin(), out.extras_ns.end());
  return out;
}

TEST_CASE("ping law: draws are distributed as the least of so many pings on the emulated network",
          "[fleet]") {
  struct Kind {
    NetworkOptions network;
    unsigned pings;
  };
  const Kind kinds[] = {{{}, 8},
                        {{}, 1},
                        {{.loss = 0.3, .reorder = 0.4, .burst = 0.5}, 3},
                        {{.loss = 0.1,
                          .reorder = 0.0,
                          .queue_mean = Nanoseconds{2'000'000},
                          .burst = 0.2,
                          .burst_mean = Nanoseconds{50'000'000}},
                         5},
                        {{.loss = 0.0, .queue_mean = Nanoseconds{0}, .burst = 0.7}, 4}};
  constexpr std::size_t kSessions = 40'000;
  // Kolmogorov and Smirnov: 1.95 / sqrt(n) is exceeded once in a thousand times; the dice are always the same.
  const double most = 1.95 / std::sqrt(static_cast<double>(kSessions));
  for (const Kind& kind : kinds) {
    CAPTURE(kind.network.loss, kind.network.burst, kind.pings);
    const PingLaw law{kind.network, kind.pings};
    const Sessions seen = by_datagrams(kind.network, kind.pings, kSessions);
    double farthest = 0.0;
    std::size_t beyond = kSessions;  // sessions whose least one is longer, or that heard nothing
    for (std::size_t i = 0; i < seen.extras_ns.size(); i += 7) {
      beyond = kSessions - i - 1;
      // Datagrams' times are whole nanoseconds, each rounded up: a tie of what never waits is no difference of the law.
      const Nanoseconds at{static_cast<std::int64_t>(seen.extras_ns[i])};
      if (i + 1 < seen.extras_ns.size() && seen.extras_ns[i + 1] <= seen.extras_ns[i] + 2.0) continue;
      farthest = std::max(farthest, std::abs(law.survival(at) - static_cast<double>(beyond) / kSessions));
    }
    CHECK(farthest < most);
    CHECK(std::abs(law.none() - static_cast<double>(seen.unheard) / kSessions) < most);
  }
}

TEST_CASE("ping law: what is drawn follows the law, and less probable is never shorter", "[fleet]") {
  const NetworkOptions network{.loss = 0.2};
  const PingLaw law{network, 6};
  CHECK(law.extra(1.0) == Nanoseconds{0});
  CHECK_FALSE(law.extra(0.0));
  CHECK_FALSE(law.extra(law.none() * 0.999));
  CHECK(law.extra(law.none() * 1.001));
  Nanoseconds before{0};
  for (double s = 1.0; s > law.none() * 1.001; s *= 0.99) {
    const auto extra = law.extra(s);
    REQUIRE(extra);
    CHECK(*extra >= before);
    CHECK(std::abs(law.survival(*extra) - s) < 1e-4);
    before = *extra;
  }
  CHECK(before > Nanoseconds{1'000'000});
}

TEST_CASE("fleet dice: the same for the same question, and even", "[fleet]") {
  const std::uint64_t chip = RoundDice::chip_bits(1, 77);
  CHECK(RoundDice(chip, 5).survival(3) == RoundDice(chip, 5).survival(3));
  CHECK(RoundDice(chip, 5).survival(3) != RoundDice(chip, 6).survival(3));
  CHECK(RoundDice(chip, 5).survival(3) != RoundDice(RoundDice::chip_bits(1, 78), 5).survival(3));
  CHECK(RoundDice(chip, 5).survival(3) != RoundDice(RoundDice::chip_bits(2, 77), 5).survival(3));
  constexpr int kBins = 64, kThrows = 64'000;
  std::vector<int> bins(kBins, 0);
  for (int i = 0; i < kThrows; ++i) {
    const double x =
        RoundDice(chip, static_cast<std::uint64_t>(i / 8)).survival(static_cast<std::uint64_t>(i % 8));
    REQUIRE(x > 0.0);
    REQUIRE(x <= 1.0);
    ++bins[static_cast<std::size_t>(std::min(x * kBins, kBins - 1.0))];
  }
  double chi2 = 0.0;
  for (const int n : bins)
    chi2 += (n - kThrows / kBins) * (n - kThrows / kBins) / static_cast<double>(kThrows / kBins);
  CHECK(chi2 < 104.0);  // of 63 degrees of freedom, exceeded once in a thousand times
}

}  // namespace
}  // namespace chiploc::fleet
