#include "server/anchor/knock_tally.hpp"

#include "proto/crypto/digest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using Kind = KnockTally::Kind;

TEST_CASE("KnockTally: says of each chip how often and when last, and begins anew", "[anchor]") {
  KnockTally tally;
  CHECK(tally.empty());
  const auto chip = random_id<ChipId>();
  tally.note(chip, Kind::kKnock, false, SteadyTime{10s});
  tally.note(chip, Kind::kKnock, false, SteadyTime{12s});
  tally.note(chip, Kind::kProofRefused, true, SteadyTime{13s});
  const auto taken = tally.take(SteadyTime{15s});
  REQUIRE(taken.notes.size() == 1);
  CHECK(taken.notes[0].chip == chip);
  CHECK(taken.notes[0].age == 2s);
  CHECK(taken.notes[0].knocks == 2);
  CHECK(taken.notes[0].proofs_refused == 1);
  CHECK(tally.empty());
}

TEST_CASE("KnockTally: strangers fill one half, and leave that of chips that a round waits for", "[anchor]") {
  KnockTally tally;
  for (std::size_t i = 0; i < KnockTally::kChips + 5; ++i)
    tally.note(random_id<ChipId>(), Kind::kKnock, false, SteadyTime{1s});
  const auto awaited = random_id<ChipId>();
  tally.note(awaited, Kind::kKnock, true, SteadyTime{1s});
  for (std::size_t i = 0; i < KnockTally::kChips + 5; ++i)
    tally.note(random_id<ChipId>(), Kind::kKnock, true, SteadyTime{1s});
  const auto taken = tally.take(SteadyTime{2s});
  CHECK(taken.notes.size() == 2 * KnockTally::kChips);
  CHECK(taken.left_out == 5 + 6);
  CHECK(std::any_of(taken.notes.begin(), taken.notes.end(),
                    [&](const KnockNote& note) { return note.chip == awaited; }));
  CHECK(std::is_sorted(taken.notes.begin(), taken.notes.end(),
                       [](const KnockNote& a, const KnockNote& b) { return a.chip < b.chip; }));
}

}  // namespace
}  // namespace chiploc
