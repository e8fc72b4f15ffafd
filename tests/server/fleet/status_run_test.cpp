// The quick telling against the production one, verdict by verdict, over stories that dice wrote.
#include "server/fleet/status_run.hpp"

#include <random>

#include "tests/support/catch.hpp"

namespace chiploc::fleet {
namespace {

using enum VerdictKind;

constexpr WallTime kStart{std::chrono::seconds{1'800'000'000}};

VerdictId id_of(int n) {
  VerdictId id;
  id.bytes[0] = static_cast<std::uint8_t>(n);
  id.bytes[1] = static_cast<std::uint8_t>(n >> 8);
  return id;
}

TEST_CASE("status run: stories and changes are those of the production status", "[fleet]") {
  std::array<std::size_t, kChipStates> reached{};
  for (unsigned seed = 1; seed <= 1'500; ++seed) {
    std::mt19937 dice{seed};
    const auto roll = [&](int n) { return static_cast<int>(dice() % static_cast<unsigned>(n)); };
    StatusRules rules;
    rules.confirmations = static_cast<unsigned>(1 + roll(3));
    rules.restorations = static_cast<unsigned>(1 + roll(3));
    rules.unproven_after = std::chrono::hours{1 + roll(60)};
    rules.silent_after = std::chrono::hours{1 + roll(60)};
    rules.overdue_after = std::chrono::hours{1 + roll(60)};
    rules.lost_proof_after = std::chrono::hours{1 + roll(30)};
    rules.confirm_within = std::chrono::hours{1 + roll(100)};
    const int lifetime = 1 + roll(30);
    StatusRun quick{kStart, rules};
    ChipStory story = begin_story(kStart);
    Nanoseconds at{0};
    VerdictKind usual = kProof;
    for (int n = 0; n < 120; ++n) {
      // Runs of one kind, as fleets have them, with others in between.
      if (roll(15) == 0)
        usual = std::array{kProof, kProof, kOpen, kOpen, kSilence, kOutside, kProhibited, kTampering}
            [static_cast<std::size_t>(roll(8))];
      const VerdictKind kind =
          roll(8) == 0 ? std::array{kProof, kOpen, kSilence, kOutside}[static_cast<std::size_t>(roll(4))]
                       : usual;
      at += roll(12) == 0 ? std::chrono::minutes{roll(5'000)} : std::chrono::minutes{roll(120)};
      const int number = roll(40) == 0 ? n : n + 1;  // now and then the last one once more
      const Judged judged{id_of(number), kind, kStart + at, kStart + at + std::chrono::hours{lifetime}};
      const auto changes = quick.tell(judged);
      const auto expected = apply(story, {judged.decided, judged}, rules);
      CAPTURE(seed, n, static_cast<int>(kind));
      REQUIRE(changes == expected);
      REQUIRE(quick.story() == story);
      for (const StatusChange& change : changes) ++reached[static_cast<std::size_t>(change.to)];
      if (roll(30) == 0) {
        at += std::chrono::hours{roll(20)};
        REQUIRE(quick.advance_to(kStart + at) == advance(story, kStart + at, rules));
        REQUIRE(quick.story() == story);
      }
    }
  }
  for (const ChipState state :
       {ChipState::kPending, ChipState::kCompliant, ChipState::kUnproven, ChipState::kOverdue,
        ChipState::kSilent, ChipState::kDrifted, ChipState::kProhibited, ChipState::kTampered}) {
    CAPTURE(chiploc::name_of(state));
    CHECK(reached[static_cast<std::size_t>(state)] > 10);
  }
}

}  // namespace
}  // namespace chiploc::fleet
