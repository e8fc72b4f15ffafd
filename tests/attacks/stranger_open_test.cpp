// OPENs by strangers who know the tickets: a rendezvous anchor that is told of a round, or whoever reads
// TICKETs on their way. Only the chip may open, whenever they come, from wherever, and however many.
#include "tests/attacks/attack_world.hpp"

namespace chiploc::attacks {
namespace {

enum class When { kBefore, kWith, kBetween, kAfter };
enum class Where { kOwnAddress, kChipsAddress, kChipsPort };

Endpoint address_of(const AttackWorld& world, Where where) {
  Endpoint at = where == Where::kOwnAddress ? world.attacker : world.chip_at;
  if (where == Where::kChipsAddress) at.port = 4242;  // another host behind the chip's NAT
  return at;
}

/// What a stranger with the ticket can make: a key of his own, signed with a key of his own.
ByteVector strange_open(const Ticket& ticket, const Signer& own, const Mac& cookie = {}) {
  return test::open_by(ticket, X25519Pair::generate(), own, cookie);
}

void check_only_the_chip_opened(const AttackWorld& world, const RoundWorld::Round& round) {
  world.check_undisturbed(round);
  for (const auto& [index, report] : world.rounds.reports(round)) CHECK(report.sessions.size() == 1);
}

TEST_CASE(
    "attack: who knows the tickets opens at every anchor, before, with, between and after the chip's OPENs",
    "[attacks]") {
  const auto when = GENERATE(When::kBefore, When::kWith, When::kBetween, When::kAfter);
  const auto where = GENERATE(Where::kOwnAddress, Where::kChipsAddress, Where::kChipsPort);
  const bool knocking = GENERATE(false, true);
  CAPTURE(static_cast<int>(when), static_cast<int>(where), knocking);
  AttackWorld world;
  const auto own = generate_key(SignatureAlgorithm::kEd25519);
  RoundWorld::Round round;
  std::size_t sent = 0;
  const auto open_everywhere = [&] {
    for (const Ticket& ticket : round.tickets) {
      for (int i = 0; i < 8; ++i, ++sent)
        world.inject(ticket.anchor_endpoint, strange_open(ticket, *own), address_of(world, where));
    }
  };
  bool seen = false;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint&) {
    if (seen || !parse_open(datagram) || !(from == world.chip_at)) return;
    seen = true;
    if (when == When::kWith) open_everywhere();  // 1 ms away: there 19 ms ahead of the chip's
    if (when == When::kAfter) world.rounds.world.after(60ms, open_everywhere);
    if (when == When::kBetween) {
      // The chip's first OPENs get lost, and the strangers' come before its second.
      for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i)
        world.rounds.network.set_path(world.chip_at, world.anchor_at(i), {.delay = 20ms, .loss = 1.0});
      world.rounds.world.after(100ms, [&] {
        for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i)
          world.rounds.network.set_path(world.chip_at, world.anchor_at(i), {.delay = 20ms});
        open_everywhere();
      });
    }
  };
  if (knocking) {
    round = world.rounds.start_round(std::nullopt);
    if (when == When::kBefore) open_everywhere();
    world.rounds.world.run_for(100ms);
    world.start_chip(true);
  } else {
    world.start_chip();
    round = world.rounds.start_round(world.chip->endpoint());
    if (when == When::kBefore) open_everywhere();
  }
  world.finish_round(round);
  CHECK(sent == 8 * RoundWorld::kAnchors);
  check_only_the_chip_opened(world, round);
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i)
    CHECK(world.rejected_by_anchor(i, RejectReason::kBadSignature) == 8);
}

TEST_CASE("attack: an anchor uses the chip's signature at the other anchors, before the chip comes there",
          "[attacks]") {
  AttackWorld world;
  world.start_chip();
  std::optional<Open> seen;
  RoundWorld::Round round;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    const auto open = parse_open(datagram);
    if (!open || seen || !(from == world.chip_at) || !(to == world.anchor_at(0))) return;
    seen = *open;
    for (std::size_t i = 1; i < RoundWorld::kAnchors; ++i) {
      Open replayed = *open;  // the key and its signature are right; the MAC cannot be
      replayed.ticket = ticket_digest(round.tickets[i]);
      world.inject(world.anchor_at(i), datagram_of(replayed));
    }
  };
  // The other anchors' tickets are kept from the chip until such sessions would be over.
  for (std::size_t i = 1; i < RoundWorld::kAnchors; ++i)
    world.rounds.network.set_path(world.chip_at, world.anchor_at(i), {.delay = 20ms, .loss = 1.0});
  world.rounds.world.after(2500ms, [&] {
    for (std::size_t i = 1; i < RoundWorld::kAnchors; ++i)
      world.rounds.network.set_path(world.chip_at, world.anchor_at(i), {.delay = 20ms});
  });
  round = world.rounds.start_round(world.chip->endpoint());
  world.finish_round(round);
  REQUIRE(seen);
  check_only_the_chip_opened(world, round);
  for (std::size_t i = 1; i < RoundWorld::kAnchors; ++i)
    CHECK(world.rejected_by_anchor(i, RejectReason::kBadMac) == 1);
}

TEST_CASE("attack: OPENs of an earlier round of the same chip, under this round's tickets", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  std::optional<Open> earlier;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint&) {
    if (const auto open = parse_open(datagram); open && from == world.chip_at && !earlier) earlier = *open;
  };
  (void)world.run_round();
  REQUIRE(earlier);
  const auto round = world.rounds.start_round(world.chip->endpoint());
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
    Open replayed = *earlier;
    replayed.ticket = ticket_digest(round.tickets[i]);
    world.inject(world.anchor_at(i), datagram_of(replayed));
  }
  world.finish_round(round);
  for (const auto& [index, report] : world.rounds.reports(round)) CHECK(report.sessions.size() == 1);
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i)
    CHECK(world.rejected_by_anchor(i, RejectReason::kBadSignature) == 1);
}

TEST_CASE(
    "attack: a flood of OPENs under the tickets from forged addresses, before the chip and all the time",
    "[attacks]") {
  AttackWorld world;
  const auto own = generate_key(SignatureAlgorithm::kEd25519);
  const auto round = world.rounds.start_round(std::nullopt);
  std::map<std::pair<Endpoint, Endpoint>, std::int64_t> balance;  // of an anchor towards a forged address
  std::int64_t worst = 0;
  std::size_t answered = 0;
  world.account = [&](std::size_t bytes, const Endpoint& from, const Endpoint& to) {
    if (from.address[2] == 8) balance[{to, from}] -= static_cast<std::int64_t>(bytes);
    if (to.address[2] != 8) return;
    worst = std::max(worst, balance[{from, to}] += static_cast<std::int64_t>(bytes));
    ++answered;
  };
  const bool chips_address = GENERATE(false, true);  // every second one in the chip's own name
  CAPTURE(chips_address);
  std::vector<ByteVector> opens;
  for (const Ticket& ticket : round.tickets) opens.push_back(strange_open(ticket, *own));
  // At one address of his own he gets cookies, and puts the last of each anchor into all his OPENs.
  world.rounds.network.attach(world.attacker, [&](Bytes datagram, const Endpoint& from) {
    const auto asked = parse_open_cookie(datagram);
    const auto number = world.anchor_number(from);
    if (asked && number) opens[*number] = strange_open(round.tickets[*number], *own, asked->cookie);
  });
  for (int i = 0; i < 40; ++i) {
    for (std::size_t j = 0; j < RoundWorld::kAnchors; ++j) world.inject(world.anchor_at(j), opens[j]);
  }
  for (int i = 0; i < 4000; ++i) {
    world.rounds.world.after(i * 1ms, [&, i] {
      for (std::size_t j = 0; j < RoundWorld::kAnchors; ++j) {
        Endpoint from =
            sim::sim_endpoint(8, static_cast<std::uint8_t>(i % 251), static_cast<std::uint16_t>(1024 + i));
        if (chips_address && i % 2 == 0) from = world.chip_at;
        world.inject(world.anchor_at(j), opens[j], from);
      }
    });
  }
  world.rounds.world.run_for(100ms);
  world.start_chip(true);
  world.finish_round(round);
  check_only_the_chip_opened(world, round);
  CHECK(answered > 1000);
  CHECK(worst <= 0);
  // What was looked at stays within the limit of a ticket: 16 a second, and as many at once.
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i)
    CHECK(world.rejected_by_anchor(i, RejectReason::kBadSignature) <= 16 * 5);
}

TEST_CASE("attack: a flood of OPENs that brings cookies, from an address that is really the stranger's",
          "[attacks]") {
  AttackWorld world;
  const auto own = generate_key(SignatureAlgorithm::kEd25519);
  const auto round = world.rounds.start_round(std::nullopt);
  std::size_t cookies = 0;
  std::vector<Endpoint> ports;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    const Endpoint at = sim::sim_endpoint(9, 9, port);
    ports.push_back(at);
    world.rounds.network.attach(at, [&, at](Bytes datagram, const Endpoint& from) {
      const auto asked = parse_open_cookie(datagram);
      const auto number = world.anchor_number(from);
      if (!asked || !number) return;
      ++cookies;
      world.inject(from, strange_open(round.tickets[*number], *own, asked->cookie), at);
    });
  }
  std::vector<ByteVector> opens;
  for (const Ticket& ticket : round.tickets) opens.push_back(strange_open(ticket, *own));
  for (int i = 0; i < 4000; ++i) {
    world.rounds.world.after(i * 1ms, [&, i] {
      for (std::size_t j = 0; j < RoundWorld::kAnchors; ++j)
        world.inject(world.anchor_at(j), opens[j], ports[static_cast<std::size_t>(i) % ports.size()]);
    });
  }
  world.rounds.world.run_for(100ms);
  world.start_chip(true);
  world.finish_round(round);
  check_only_the_chip_opened(world, round);
  CHECK(cookies > 1000);
  const OpenDeskOptions limits;
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
    CHECK(world.rejected_by_anchor(i, RejectReason::kBadSignature) <=
          5 * (limits.wrong_per_ticket + limits.wrong_per_source));
    CHECK(world.rejected_by_anchor(i, RejectReason::kRateLimited) > 1000);
  }
}

TEST_CASE("attack: OPEN_COOKIEs forged by one who cannot see the chip's OPENs", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  for (int i = 0; i < 2000; ++i) {
    world.rounds.world.after(i * 1ms, [&, i] {
      OpenCookie forged;
      world.rounds.world.fill(forged.open.bytes);
      world.rounds.world.fill(forged.cookie.bytes);
      world.inject(world.chip_at, datagram_of(forged),
                   world.anchor_at(static_cast<std::size_t>(i) % RoundWorld::kAnchors));
    });
  }
  const auto round = world.run_round();
  check_only_the_chip_opened(world, round);
  CHECK(world.rejected_by_chip(RejectReason::kUnknownSession) == 2000);
  CHECK(world.chip->stats().opens_sent <= 3 * RoundWorld::kAnchors);
}

TEST_CASE("attack: two holders of the device key both show, whatever strangers send meanwhile", "[attacks]") {
  AttackWorld world;
  const auto own = generate_key(SignatureAlgorithm::kEd25519);
  world.start_chip(true);
  const auto second = world.rounds.make_agent(2, true);
  const auto round = world.rounds.start_round(std::nullopt);
  for (int i = 0; i < 1000; ++i) {
    world.rounds.world.after(i * 2ms, [&] {
      for (const Ticket& ticket : round.tickets)
        world.inject(ticket.anchor_endpoint, strange_open(ticket, *own));
    });
  }
  world.rounds.world.run_for(16s);
  const auto reports = world.rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  for (const auto& [index, report] : reports) {
    REQUIRE(report.sessions.size() == 2);
    CHECK(report.sessions[0].finished);
    CHECK(report.sessions[1].finished);
    CHECK(report.sessions[0].agent_public != report.sessions[1].agent_public);
  }
}

}  // namespace
}  // namespace chiploc::attacks
