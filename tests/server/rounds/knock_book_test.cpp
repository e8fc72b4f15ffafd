#include "server/rounds/knock_book.hpp"

#include <cmath>
#include <random>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

ChipId chip(std::uint8_t i = 1) {
  ChipId out;
  out.bytes.fill(i);
  return out;
}

/// An agent's knocks at one rendezvous anchor: each wait is random, from half of the mean to twice
/// (agent/knocker.cpp).
class Agent {
 public:
  Agent(Nanoseconds mean, std::uint64_t seed) : mean_{mean}, random_{seed} {}
  Nanoseconds wait() {
    const double uniform = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
    const double factor = std::min(0.5 - 0.5 * std::log1p(-uniform), 2.0);
    return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(mean_.count()) * factor)};
  }

 private:
  Nanoseconds mean_;
  std::mt19937_64 random_;
};

TEST_CASE("KnockBook: tells how often a chip knocks once there are four gaps, and forgets what is long past",
          "[rounds]") {
  KnockBook book;
  CHECK_FALSE(book.of(chip()));
  SteadyTime now{1000s};
  const auto knock = [&](Nanoseconds gap, std::uint32_t knocks = 1) {
    now = now + gap;
    return book.heard(chip(), knocks, now, WallTime{now.since_epoch});
  };
  knock(0s);
  for (int i = 0; i < 3; ++i) CHECK(knock(30s).every == 0s);
  CHECK(knock(50s).every == 30s);
  CHECK(book.of(chip())->longest == 50s);
  CHECK(book.of(chip())->last == WallTime{now.since_epoch});
  CHECK_FALSE(book.of(chip(2)));
  knock(3h);  // it was away
  CHECK(book.of(chip())->longest == 3h);
  CHECK(book.of(chip())->every == 30s);  // which does not make it one that knocks rarely
  for (std::size_t i = 0; i < KnockBook::kGaps; ++i) knock(20s);
  CHECK(book.of(chip())->longest == 20s);
  CHECK(knock(30s, 3).every == 20s);  // three since the last news: ten seconds each
  // What comes late from another anchor is no gap.
  CHECK(book.heard(chip(), 1, now - 5s, WallTime{1s}).last == WallTime{now.since_epoch});
  CHECK(book.heard(chip(), 0, now + 7s, WallTime{2s}).last == WallTime{2s});
}

TEST_CASE(
    "KnockBook: a round waits within the policy's limits, and as long as it takes where nothing is known",
    "[rounds]") {
  const RoundOptions options;
  CHECK(knock_wait_for(std::nullopt, options) == 180s);
  CHECK(knock_wait_for(KnockRhythm{WallTime{1s}}, options) == 180s);  // heard, and too seldom to know more
  const auto wait = [&](Nanoseconds longest) {
    return knock_wait_for(KnockRhythm{WallTime{1s}, longest / 2, longest}, options);
  };
  CHECK(wait(1ms) == 61s);  // forged knocks make gaps short: nobody waits less than usually for them
  CHECK(wait(30s) == 61s);
  CHECK(wait(50s) == 101s);
  CHECK(wait(10min) == 180s);
}

TEST_CASE("KnockBook: who was heard for a while comes within what is waited for it, whatever its mean",
          "[rounds]") {
  RoundOptions options;
  options.knock_wait = 24h;
  int rounds = 0;
  int missed = 0;
  for (const Nanoseconds mean : {Nanoseconds{1s}, Nanoseconds{30s}, Nanoseconds{10min}}) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      KnockBook book;
      Agent agent{mean, seed};
      SteadyTime now{1000s};
      for (std::size_t i = 0; i <= KnockBook::kGaps; ++i) {
        book.heard(chip(), 1, now, WallTime{now.since_epoch});
        now = now + agent.wait();
      }
      ++rounds;
      // The worst moment for a round to begin is right after a knock.
      if (agent.wait() > knock_wait_for(book.of(chip()), options)) ++missed;
    }
  }
  CAPTURE(rounds, missed);
  CHECK(missed == 0);
}

TEST_CASE("KnockBook: says in words what a round waits for", "[rounds]") {
  const WallTime now{1'000s};
  CHECK(knock_note(std::nullopt, 180s, now).find("no knock of it has come since chiplocd started") == 0);
  CHECK(knock_note(KnockRhythm{now - 3s}, 180s, now) ==
        "how often it knocks is not known yet; the last came 3 s ago");
  CHECK(knock_note(KnockRhythm{now - 12s, 25s, 50s}, 61s, now) ==
        "it knocks about every 25 s; the last came 12 s ago");
  CHECK(knock_note(KnockRhythm{now - 12s, 400s, 700s}, 180s, now).find("rarer than the round waits. Lower") !=
        std::string::npos);
}

}  // namespace
}  // namespace chiploc
