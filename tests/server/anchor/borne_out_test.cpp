#include "server/anchor/borne_out.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

/// In flight from `sent` for as long as its round trip, in milliseconds.
TimedSample flight(int sent, int rtt) {
  return {std::chrono::milliseconds{rtt}, std::chrono::milliseconds{sent},
          std::chrono::milliseconds{sent + rtt}};
}

/// The rule as it is stated, by all pairs.
std::optional<Nanoseconds> least_by_pairs(const std::vector<TimedSample>& samples) {
  std::optional<Nanoseconds> least;
  for (const TimedSample& a : samples) {
    for (const TimedSample& b : samples) {
      if (a.received <= a.sent || b.received <= b.sent || a.received >= b.sent) continue;
      const Nanoseconds longer = std::max(a.rtt, b.rtt);
      if (!least || longer < *least) least = longer;
    }
  }
  return least;
}

TEST_CASE("borne out: the least sample counts when an as long one bears it out") {
  CHECK(borne_out(std::vector{flight(0, 10), flight(20, 10)}) == 1);
  CHECK(borne_out(std::vector{flight(20, 10), flight(0, 10), flight(40, 12)}) == 1);
}

TEST_CASE("borne out: a least sample that stands alone does not count, the next one does") {
  CHECK(borne_out(std::vector{flight(0, 10), flight(20, 3), flight(40, 11), flight(60, 12)}) == 0);
  CHECK(borne_out(std::vector{flight(0, 12), flight(20, 3), flight(40, 11), flight(60, 10)}) == 3);
}

TEST_CASE("borne out: short samples that were in flight at one moment are one witness") {
  // Three pings were out when the pause came; only those before and after it are whole.
  const std::vector samples{flight(0, 100), flight(110, 40), flight(120, 30), flight(130, 20),
                            flight(160, 105)};
  CHECK(borne_out(samples) == 0);
}

TEST_CASE("borne out: a sample may bear out one that is not the least") {
  // 10 overlaps 11 and 12, 11 and 12 do not overlap: nothing is shorter that could be cut by one pause.
  CHECK(borne_out(std::vector{flight(0, 11), flight(6, 10), flight(12, 12)}) == 2);
}

TEST_CASE("borne out: flights that touch overlap, for two equal readings have no order") {
  CHECK_FALSE(borne_out(std::vector{flight(0, 10), flight(10, 10)}));
  CHECK(borne_out(std::vector{flight(0, 10), flight(11, 10)}));
}

TEST_CASE("borne out: nothing counts where no two samples part") {
  CHECK_FALSE(borne_out({}));
  CHECK_FALSE(borne_out(std::vector{flight(0, 10)}));
  CHECK_FALSE(borne_out(std::vector{flight(0, 300), flight(50, 300), flight(100, 300)}));
  // Without times, however many: whether zeros or the wrong way round.
  CHECK_FALSE(borne_out(std::vector<TimedSample>(12, TimedSample{10ms, 0ms, 0ms})));
  CHECK_FALSE(borne_out(std::vector{TimedSample{10ms, 90ms, 80ms}, TimedSample{10ms, 20ms, 10ms}}));
  CHECK_FALSE(borne_out(std::vector{flight(0, 10), TimedSample{10ms, 0ms, 0ms}}));
}

TEST_CASE("borne out: the sweep finds what all pairs find, and one pause never makes it too short") {
  std::mt19937_64 random{7};
  const auto below = [&random](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  std::size_t cut_short = 0;
  std::size_t counted_some = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t count = 1 + below(12);
    const std::int64_t path = 1 + below(300);
    const std::int64_t pause_at = below(800);
    const std::int64_t pause = below(400);
    // The anchor's clock, which stands still while it is paused.
    const auto reading = [&](std::int64_t at) {
      if (at <= pause_at) return Nanoseconds{at};
      return Nanoseconds{std::max(pause_at, at - pause)};
    };
    std::vector<TimedSample> samples;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t sent = below(800);
      // A paused anchor sends nothing: what falls into the pause leaves at its end.
      const std::int64_t leaves = sent > pause_at && sent < pause_at + pause ? pause_at + pause : sent;
      const std::int64_t comes = leaves + path + below(20);
      const Nanoseconds begin = reading(leaves);
      const Nanoseconds end = reading(comes);
      samples.push_back({end - begin, begin, end});
      if (end - begin < Nanoseconds{path}) ++cut_short;
    }
    CAPTURE(round, path, pause_at, pause);
    const auto counted = borne_out(samples);
    const auto by_pairs = least_by_pairs(samples);
    REQUIRE(counted.has_value() == by_pairs.has_value());
    if (!counted) continue;
    ++counted_some;
    REQUIRE(samples[*counted].rtt == *by_pairs);
    REQUIRE(samples[*counted].rtt >= Nanoseconds{path});
  }
  CHECK(cut_short > 1'000);
  CHECK(counted_some > 1'000);
}

}  // namespace
}  // namespace chiploc
