// Forged tickets in a known coordinator's name, more than a chip has time to check: to keep the good ones
// out.
#include "tests/attacks/attack_world.hpp"

namespace chiploc::attacks {
namespace {

class TicketFlood {
 public:
  explicit TicketFlood(AttackWorld& world) : world_{world} {
    ticket_.coordinator = *coordinator_id_of(world.rounds.coordinator->public_key());
    ticket_.chip = world.rounds.chip;
    ticket_.anchor_count = 1;
    ticket_.ping_count = 64;
    ticket_.anchor_endpoint = world.attacker;
    world.rounds.world.fill(ticket_.anchor_public.bytes);
    ticket_.anchor_public.bytes[31] &= 0x7fU;
    ticket_.not_before = unix_seconds(world.rounds.world.wall()) - 5;
    ticket_.not_after = ticket_.not_before + 600;
  }
  TicketFlood(const TicketFlood&) = delete;
  TicketFlood& operator=(const TicketFlood&) = delete;

  /// Ten thousand a second for so long, from each of the addresses in turn: a good ticket that has no share
  /// of its own finds room once in forty times.
  void pour(std::chrono::seconds time, std::vector<Endpoint> sources) {
    for (int i = 0; i < time.count() * 10'000; ++i) {
      const Endpoint from = sources[static_cast<std::size_t>(i) % sources.size()];
      world_.rounds.world.after(i * 100us, [this, from] { send(from); });
    }
  }
  [[nodiscard]] static std::vector<Endpoint> strangers(std::uint8_t count) {
    std::vector<Endpoint> out;
    for (std::uint8_t i = 0; i < count; ++i) out.push_back(sim::sim_endpoint(7, i, 4000));
    return out;
  }

 private:
  void send(const Endpoint& from) {
    world_.rounds.world.fill(ticket_.round.bytes);
    world_.rounds.world.fill(ticket_.signature.bytes);
    ByteArray<Ticket::kDatagramSize> buffer{};
    world_.inject(world_.chip_at, encode_ticket_datagram(bytes_of(ticket_), buffer), from);
  }
  AttackWorld& world_;
  Ticket ticket_;
};

TEST_CASE("attack: forged tickets from one address, more than a chip can check", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  TicketFlood flood{world};
  flood.pour(9s, {world.attacker});
  world.rounds.world.run_for(1s);
  const auto round = world.run_round();
  world.check_undisturbed(round);
  CHECK(world.rejected_by_chip(RejectReason::kRateLimited) > 10'000);
}

TEST_CASE("attack: forged tickets from everywhere, the anchors' addresses too, while a chip knocks",
          "[attacks]") {
  AttackWorld world;
  auto sources = TicketFlood::strangers(200);
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) sources.push_back(world.anchor_at(i));
  world.start_chip(true);
  TicketFlood flood{world};
  flood.pour(17s, sources);
  world.rounds.world.run_for(1s);
  const auto round = world.rounds.start_round(std::nullopt);
  world.finish_round(round);
  world.check_undisturbed(round);
  CHECK(world.rejected_by_chip(RejectReason::kRateLimited) > 10'000);
}

TEST_CASE(
    "attack: replies to a chip's knocks, forged in the rendezvous anchor's name by one who cannot see them",
    "[attacks]") {
  AttackWorld world;
  world.start_chip(true);
  constexpr int kForged = 3400;  // every 5 ms: each comes before the anchor's own, 40 ms after the knock
  for (int i = 0; i < kForged; ++i) {
    world.rounds.world.after(i * 5ms, [&world, i] {
      KnockReply reply{world.rounds.chip, i % 2 == 0 ? KnockStatus::kNothing : KnockStatus::kProve, {}, {}};
      world.rounds.world.fill(reply.cookie.bytes);
      world.rounds.world.fill(reply.nonce.bytes);
      world.inject(world.chip_at, datagram_of(reply), world.anchor_at(0));
    });
  }
  world.rounds.world.run_for(1s);
  const auto round = world.rounds.start_round(std::nullopt);
  world.finish_round(round);
  world.check_undisturbed(round);
  CHECK(world.rejected_by_chip(RejectReason::kBadCookie) > 10);
}

TEST_CASE("attack: forged tickets from everywhere when a round begins at anchors that the chip knows",
          "[attacks]") {
  AttackWorld world;
  world.start_chip();
  (void)world.run_round();
  TicketFlood flood{world};
  flood.pour(9s, TicketFlood::strangers(200));
  world.rounds.world.run_for(1s);
  for (auto& anchor : world.rounds.anchors) anchor->statements.clear();
  const auto round = world.run_round();
  world.check_undisturbed(round);
  CHECK(world.rejected_by_chip(RejectReason::kRateLimited) > 10'000);
}

TEST_CASE("attack: forged tickets from everywhere while a round is closed", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  const auto round = world.rounds.start_round(world.chip->endpoint());
  world.rounds.world.run_for(16s);
  TicketFlood flood{world};
  flood.pour(6s, TicketFlood::strangers(200));
  world.rounds.world.run_for(1s);
  world.order = world.rounds.close(round, kAllAnchors);
  world.rounds.world.run_for(5s);
  world.check_undisturbed(round);
  CHECK(world.rejected_by_chip(RejectReason::kRateLimited) > 1000);
}

}  // namespace
}  // namespace chiploc::attacks
