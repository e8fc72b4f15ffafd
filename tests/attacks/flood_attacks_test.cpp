// Strangers who send much: to make chiploc send more than they do, or to leave no room for the honest.
#include "tests/attacks/attack_world.hpp"

namespace chiploc::attacks {
namespace {

/// Bytes between each host of chiploc and one outside address that never answers, judged at every datagram.
struct Balance {
  explicit Balance(const Endpoint& outside) : outside_{outside} {}
  void note(std::size_t bytes, const Endpoint& from, const Endpoint& to) {
    if (from == outside_) in_[to] += bytes;
    if (to != outside_) return;
    out_[from] += bytes;
    worst_ = std::max(worst_, static_cast<std::int64_t>(out_[from]) - static_cast<std::int64_t>(in_[from]));
    received_ += bytes;
  }
  /// The most bytes that any host had sent beyond what it had received; never above zero.
  [[nodiscard]] std::int64_t worst() const { return worst_; }
  [[nodiscard]] std::size_t received() const { return received_; }

 private:
  Endpoint outside_;
  std::map<Endpoint, std::size_t> in_;
  std::map<Endpoint, std::size_t> out_;
  std::int64_t worst_ = 0;
  std::size_t received_ = 0;
};

X25519Pair any_pair(sim::SimWorld& world) {
  ByteArray<32> secret{};
  world.fill(secret);
  return X25519Pair::from_private(secret);
}

X25519Public any_key(sim::SimWorld& world) {
  X25519Public key;
  world.fill(key.bytes);
  key.bytes[31] &= 0x7fU;
  return key;
}

TEST_CASE("attack: amplification towards a forged address, by one who saw everything", "[attacks]") {
  AttackWorld world;
  world.start_chip(true);
  const Endpoint victim = sim::sim_endpoint(8, 8, 53);
  Balance balance{victim};
  world.account = [&](std::size_t bytes, const Endpoint& from, const Endpoint& to) {
    balance.note(bytes, from, to);
  };
  // Every datagram of an honest round is sent again, three times, in the victim's name.
  world.tap = [&](Bytes datagram, const Endpoint&, const Endpoint& to) {
    for (int i = 1; i <= 3; ++i) {
      world.rounds.world.after(20ms + i * 10ms, [&world, to, victim, bytes = vector_of(datagram)] {
        world.inject(to, bytes, victim);
      });
    }
  };
  const auto round = world.rounds.start_round(std::nullopt);
  // New sessions in its name under every ticket, with the device's own key, and whatever else may be
  // answered.
  for (int i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < RoundWorld::kAnchors; ++j) {
      world.rounds.world.after(i * 500ms, [&world, &round, j, victim] {
        const ByteVector open =
            test::open_by(round.tickets[j], any_pair(world.rounds.world), *world.rounds.chip_key);
        world.inject(world.anchor_at(j), open, victim);
        world.inject(world.anchor_at(j), datagram_of(Knock{world.rounds.chip, world.rounds.anchor_ids[j]}),
                     victim);
        ByteVector other_version(16, 0);
        other_version[0] = kMagic[0];
        other_version[1] = kMagic[1];
        other_version[2] = 9;
        world.inject(world.anchor_at(j), other_version, victim);
        world.inject(world.chip_at, other_version, victim);
      });
    }
  }
  world.finish_round(round);
  CHECK(balance.received() > 1000);  // something was answered, or this would prove nothing
  CHECK(balance.worst() <= 0);
  world.rounds.world.run_for(60s);
  CHECK(balance.worst() <= 0);
}

TEST_CASE("attack: a recorded knock proof sent again and again, between worthless ones that turn tables over",
          "[attacks]") {
  AttackWorld world;
  const auto round = world.rounds.start_round(std::nullopt);
  world.start_chip(true);
  ByteVector recorded;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint&) {
    if (from == world.chip_at && parse_knock_proof(datagram)) recorded = vector_of(datagram);
  };
  std::map<Mac, std::size_t> per_cookie;  // TICKETs to the chip's address, by the proof's cookie
  std::size_t worthless = 0;
  auto first = std::move(world.rounds.network.observer);
  world.rounds.network.observer = [&, first](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    first(datagram, from, to);
    if (const auto ticket = parse_ticket_datagram(datagram); ticket && to == world.chip_at)
      ++per_cookie[ticket->cookie];
  };
  // From 200 addresses that are really his: he has a good cookie for each.
  std::vector<Endpoint> own;
  for (std::uint16_t i = 0; i < 200; ++i) {
    const Endpoint at = sim::sim_endpoint(9, static_cast<std::uint8_t>(i), 2000);
    own.push_back(at);
    world.rounds.network.attach(at, [&world, &worthless, at](Bytes datagram, const Endpoint& from) {
      const auto reply = parse_knock_reply(datagram);
      if (!reply || reply->status != KnockStatus::kProve) return;
      KnockProof proof{reply->chip, world.rounds.anchor_ids[0], reply->cookie, 1, 1, 64, {}};
      std::fill_n(proof.signature.begin(), 64, std::uint8_t{1});
      world.inject(from, datagram_of(proof), at);
      ++worthless;
    });
  }
  for (int i = 0; i < 2000; ++i) {
    world.rounds.world.after(i * 5ms, [&, i] {
      world.inject(world.anchor_at(0), datagram_of(Knock{world.rounds.chip, world.rounds.anchor_ids[0]}),
                   own[static_cast<std::size_t>(i) % own.size()]);
      if (!recorded.empty()) world.inject(world.anchor_at(0), recorded, world.chip_at);
    });
  }
  world.finish_round(round);
  world.check_undisturbed(round);
  CHECK(worthless > 1000);
  CHECK_FALSE(per_cookie.empty());
  for (const auto& [cookie, tickets] : per_cookie) CHECK(tickets <= 3 * RoundWorld::kAnchors);
}

TEST_CASE("attack: worthless proofs over a knocking chip's own cookie, ahead of its own", "[attacks]") {
  AttackWorld world;
  const auto round = world.rounds.start_round(std::nullopt);
  world.start_chip(true);
  std::size_t forged = 0;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    const auto proof = parse_knock_proof(datagram);
    if (!proof || !(from == world.chip_at)) return;
    KnockProof worthless = *proof;
    worthless.signature[0] ^= 1U;
    for (int i = 0; i < 20; ++i, ++forged) world.inject(to, datagram_of(worthless), world.chip_at);
  };
  world.finish_round(round);
  world.check_undisturbed(round);
  CHECK(forged >= 20);
}

TEST_CASE("attack: amplification by a chip towards the address in a ticket", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  Ticket ticket = world.rounds.start_round(std::nullopt).tickets[0];
  ticket.anchor_endpoint = sim::sim_endpoint(8, 8, 53);  // a coordinator's mistake: nobody is there
  REQUIRE(sign(ticket, *world.rounds.coordinator));
  std::size_t sent = 0;
  world.account = [&](std::size_t bytes, const Endpoint&, const Endpoint& to) {
    if (to == ticket.anchor_endpoint) sent += bytes;
  };
  ByteArray<Ticket::kDatagramSize> buffer{};
  const Bytes datagram = encode_ticket_datagram(bytes_of(ticket), buffer);
  world.inject(world.chip_at, datagram);
  world.rounds.world.run_for(300s);
  CHECK(sent > 0);
  CHECK(sent <= datagram.size());
  world.inject(world.chip_at, datagram);
  world.rounds.world.run_for(60s);
  CHECK(sent <= datagram.size());
}

TEST_CASE("attack: table exhaustion by strangers' tickets while an honest round goes on", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  const auto flood_ticket = [&](bool known_coordinator) {
    Ticket ticket;
    if (known_coordinator) ticket.coordinator = *coordinator_id_of(world.rounds.coordinator->public_key());
    world.rounds.world.fill(ticket.round.bytes);
    ticket.chip = world.rounds.chip;
    ticket.anchor_count = 1;
    ticket.ping_count = 64;
    ticket.anchor_endpoint = world.attacker;
    ticket.anchor_public = any_key(world.rounds.world);
    ticket.not_before = unix_seconds(world.rounds.world.wall()) - 5;
    ticket.not_after = ticket.not_before + 60;
    world.rounds.world.fill(ticket.signature.bytes);
    ByteArray<Ticket::kDatagramSize> buffer{};
    world.inject(world.chip_at, encode_ticket_datagram(bytes_of(ticket), buffer));
  };
  std::size_t to_attacker = 0;
  world.account = [&](std::size_t bytes, const Endpoint&, const Endpoint& to) {
    if (to == world.attacker) to_attacker += bytes;
  };
  for (int i = 0; i < 3000; ++i) {
    world.rounds.world.after(i * 1ms, [&flood_ticket, i] { flood_ticket(i % 10 == 0); });
  }
  // Of each ten one has the right coordinator's name: more than fit, and more than one address may cost.
  world.rounds.world.run_for(1s);
  const auto round = world.run_round();
  world.check_undisturbed(round);
  CHECK(world.chip->stats().sessions_used == 4);
  CHECK(world.rejected_by_chip(RejectReason::kBadSignature) +
            world.rejected_by_chip(RejectReason::kRateLimited) ==
        300);
  CHECK(world.rejected_by_chip(RejectReason::kBadSignature) <= 64 + 3 * 64);
  CHECK(world.rejected_by_chip(RejectReason::kUnknownCoordinator) == 2700);
  CHECK(to_attacker <= 16U * 16U * 4U);  // hints, sixteen a second
}

TEST_CASE("attack: table exhaustion by strangers' knocks while an honest round goes on", "[attacks]") {
  AttackWorld world;
  ProberOptions options;
  options.knock.proofs_per_second = 20;
  world.rounds.anchors[0].reset();
  world.rounds.anchors[0] = std::make_unique<sim::SimAnchor>(
      world.rounds.world, world.rounds.network, world.anchor_at(0), world.rounds.anchor_ids[0], options);
  const auto round = world.rounds.start_round(std::nullopt);
  // Knocks of this chip and of others, and proofs with made-up cookies, each from another address.
  for (int i = 0; i < 12'000; ++i) {
    world.rounds.world.after(i * 1ms, [&world, i] {
      const Endpoint from =
          sim::sim_endpoint(7, static_cast<std::uint8_t>(i % 251), static_cast<std::uint16_t>(1024 + i));
      ChipId chip = world.rounds.chip;
      if (i % 3 == 0) world.rounds.world.fill(chip.bytes);
      world.inject(world.anchor_at(0), datagram_of(Knock{chip, world.rounds.anchor_ids[0]}), from);
      KnockProof proof{world.rounds.chip, world.rounds.anchor_ids[0], {}, 1, 1, 64, {}};
      world.rounds.world.fill(proof.cookie.bytes);
      std::fill_n(proof.signature.begin(), 64, std::uint8_t{1});
      world.inject(world.anchor_at(0), datagram_of(proof), from);
    });
  }
  world.rounds.world.run_for(50ms);
  world.start_chip(true);
  world.finish_round(round);
  world.check_undisturbed(round);
  CHECK(world.rejected_by_anchor(0, RejectReason::kBadCookie) == 12'000);
}

TEST_CASE("attack: table exhaustion by sessions of a stolen key while an honest round goes on", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  std::size_t opens = 0;
  RoundWorld::Round round;
  // Whoever sees an OPEN pass knows the ticket's digest; who does not can only guess.
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    const auto open = parse_open(datagram);
    if (!open || !(from == world.chip_at)) return;
    for (int i = 0; i < 100; ++i) {
      world.rounds.world.after(25ms + i * 1ms, [&, to] {
        Ticket ticket = round.tickets[*world.anchor_number(to)];
        world.inject(to, test::open_by(ticket, any_pair(world.rounds.world), *world.rounds.chip_key));
        world.rounds.world.fill(ticket.nonce.bytes);
        world.inject(to, test::open_by(ticket, any_pair(world.rounds.world), *world.rounds.chip_key));
      });
    }
    opens += 100;
  };
  round = world.rounds.start_round(world.chip->endpoint());
  world.finish_round(round);
  world.check_undisturbed(round);
  for (const auto& [index, report] : world.rounds.reports(round)) CHECK(report.sessions.size() <= 4);
  CHECK(world.rejected_by_all(RejectReason::kTableFull) >= opens - 4 * 3);
  CHECK(world.rejected_by_all(RejectReason::kUnknownSession) == opens);
}

}  // namespace
}  // namespace chiploc::attacks
