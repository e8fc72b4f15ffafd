// An OPEN copied on its way and sent ahead from forged addresses: to take the chip's place in its session, or
// to make anchors send to a stranger.
#include "tests/attacks/attack_world.hpp"

namespace chiploc::attacks {
namespace {

/// Sends each OPEN of the chip again at once, in the name of so many others; his copies arrive 19 ms ahead of
/// it.
void copy_opens(AttackWorld& world, std::uint8_t addresses) {
  world.tap = [&world, addresses](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    if (!parse_open(datagram) || !(from == world.chip_at)) return;
    for (std::uint8_t i = 0; i < addresses; ++i) world.inject(to, datagram, sim::sim_endpoint(8, i, 53));
  };
}

void check_measured(AttackWorld& world, const RoundWorld::Round& round) {
  const CheckedEvidence checked = world.judge(round);
  CHECK(checked.outcome == EvidenceOutcome::kMeasured);
  CHECK(checked.reasons.empty());
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
    CHECK(checked.anchors[i].used);
    CHECK(checked.anchors[i].samples >= 8);
    CHECK(checked.anchors[i].rtt_min == 40ms);
  }
}

TEST_CASE("attack: a copied OPEN arrives first from a forged address", "[attacks]") {
  const auto addresses = GENERATE(std::uint8_t{1}, std::uint8_t{100});
  CAPTURE(addresses);
  AttackWorld world;
  const bool knocking = addresses == 100;
  world.start_chip(knocking);
  copy_opens(world, addresses);
  std::map<std::pair<Endpoint, Endpoint>, std::int64_t> balance;  // of an anchor towards a forged address
  std::int64_t worst = 0;
  std::size_t sent = 0;
  world.account = [&](std::size_t bytes, const Endpoint& from, const Endpoint& to) {
    if (from.address[2] == 8) balance[{to, from}] -= static_cast<std::int64_t>(bytes);
    if (to.address[2] != 8) return;
    worst = std::max(worst, balance[{from, to}] += static_cast<std::int64_t>(bytes));
    sent += bytes;
  };
  if (knocking) {
    const auto round = world.rounds.start_round(std::nullopt);
    world.finish_round(round);
    check_measured(world, round);
  } else {
    check_measured(world, world.run_round());
  }
  CHECK(sent > 0);
  CHECK(worst <= 0);
}

TEST_CASE("attack: copies of an OPEN, and of the answers, aimed at a stranger", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  const Endpoint victim = sim::sim_endpoint(8, 8, 53);
  std::map<Endpoint, std::int64_t> owed;  // by anchor
  std::int64_t worst = 0;
  std::size_t sent = 0;
  world.account = [&](std::size_t bytes, const Endpoint& from, const Endpoint& to) {
    if (from == victim) owed[to] -= static_cast<std::int64_t>(bytes);
    if (!(to == victim)) return;
    worst = std::max(worst, owed[from] += static_cast<std::int64_t>(bytes));
    sent += bytes;
  };
  // Everything that the chip sends also comes in the victim's name, ahead of it: he cannot answer the ping
  // that went to the victim.
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    if (from == world.chip_at) world.inject(to, datagram, victim);
  };
  const auto round = world.run_round();
  CHECK(sent > 0);
  CHECK(worst <= 0);
  CHECK(world.judge(round).outcome == EvidenceOutcome::kMeasured);
}

}  // namespace
}  // namespace chiploc::attacks
