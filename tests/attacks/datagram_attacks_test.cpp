// Datagrams that are wrong: every one of an honest round is followed by spoiled copies of itself, to the same
// host. The round comes out as if there were none, and each is counted for what it is.
#include "tests/attacks/attack_world.hpp"

namespace chiploc::attacks {
namespace {

/// Runs a round in which `spoil` makes something of each genuine datagram. Returns how many were sent.
std::size_t run_spoiled(AttackWorld& world, const std::function<ByteVector(Bytes)>& spoil) {
  world.start_chip();
  std::size_t sent = 0;
  world.tap = [&](Bytes datagram, const Endpoint&, const Endpoint& to) {
    // From 1 ms away: the spoiled copy is there first.
    world.inject(to, spoil(datagram));
    ++sent;
  };
  const auto round = world.run_round();
  world.check_undisturbed(round);
  return sent;
}

TEST_CASE("attack: oversize datagrams", "[attacks]") {
  AttackWorld world;
  std::size_t more = 1;
  const std::size_t sent = run_spoiled(world, [&more](Bytes datagram) {
    ByteVector longer = vector_of(datagram);
    longer.resize(longer.size() + more, 0);
    more = more % 900 + 7;
    return longer;
  });
  CHECK(sent > 100);
  CHECK(world.rejected_by_all(RejectReason::kMalformed) == sent);
}

TEST_CASE("attack: truncated datagrams", "[attacks]") {
  AttackWorld world;
  std::size_t keep = 0;
  const std::size_t sent = run_spoiled(world, [&keep](Bytes datagram) {
    keep = (keep + 13) % datagram.size();
    return vector_of(datagram.first(keep));
  });
  CHECK(sent > 100);
  CHECK(world.rejected_by_all(RejectReason::kMalformed) == sent);
}

TEST_CASE("attack: bit-flipped datagrams", "[attacks]") {
  AttackWorld world;
  std::size_t bit = 0;
  const std::size_t sent = run_spoiled(world, [&bit](Bytes datagram) {
    // Behind the header; a flip there is the business of the next test.
    bit = (bit + 101) % ((datagram.size() - kHeaderSize) * 8);
    ByteVector changed = vector_of(datagram);
    changed[kHeaderSize + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    return changed;
  });
  CHECK(sent > 100);
  CHECK(world.rejected_by_all(RejectReason::kBadMac) > 20);
}

TEST_CASE("attack: random datagrams", "[attacks]") {
  AttackWorld world;
  std::size_t answered = 0;
  world.account = [&](std::size_t, const Endpoint&, const Endpoint& to) {
    answered += to == world.attacker ? 1U : 0U;
  };
  const std::size_t sent = run_spoiled(world, [&world](Bytes) {
    ByteVector noise(static_cast<std::size_t>(world.rounds.world.chance() * 1400.0));
    world.rounds.world.fill(noise);
    return noise;
  });
  CHECK(sent > 100);
  CHECK(world.rejected_by_all(RejectReason::kMalformed) == sent);
  CHECK(answered == 0);
}

}  // namespace
}  // namespace chiploc::attacks
