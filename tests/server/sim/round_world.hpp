#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "proto/crypto/cose.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/sim/sim_agent.hpp"
#include "server/sim/sim_anchor.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::sim {

using namespace std::chrono_literals;

/// Production anchors and agents on a simulated network, and the steps of a coordinator by hand: prepare,
/// tickets, close. Checks on the way what must hold whatever the network does.
class RoundWorld {
 public:
  struct Round {
    RoundId id;
    std::vector<Ticket> tickets;
  };
  static constexpr std::size_t kAnchors = 4;

  explicit RoundWorld(std::uint64_t seed, const SimPath& path = {}) : world{seed}, network{world, path} {
    network.observer = [this](Bytes datagram, const Endpoint& from, const Endpoint& to) {
      watch(datagram, from, to);
    };
    for (std::size_t i = 0; i < kAnchors; ++i) {
      AnchorId id;
      world.fill(id.bytes);
      anchor_ids.push_back(id);
      anchors.push_back(nullptr);
      start_anchor(i);
    }
    world.fill(chip.bytes);
    world.fill(certificate.bytes);
  }

  void start_anchor(std::size_t i) {
    anchors[i].reset();
    anchors[i] = std::make_unique<SimAnchor>(
        world, network, sim_endpoint(1, static_cast<std::uint8_t>(i + 1), 7411), anchor_ids[i]);
  }
  std::unique_ptr<SimAgent> make_agent(std::uint8_t place, bool knocking) {
    return make_agent(place, knocking, *chip_key);
  }
  std::unique_ptr<SimAgent> make_agent(std::uint8_t place, bool knocking, const Signer& key) {
    std::vector<RendezvousAnchor> rendezvous;
    if (knocking) rendezvous.push_back({anchor_ids[0], anchors[0]->endpoint()});
    return std::make_unique<SimAgent>(world, network, sim_endpoint(2, place, 7400), chip, key, certificate,
                                      coordinator->public_key(), std::move(rendezvous));
  }

  /// PREPARE, tickets, ASSIGN and PENDING (at anchor 0) for all anchors.
  Round start_round(std::optional<Endpoint> inbound, std::uint8_t pings = 12, Nanoseconds deadline = 15s,
                    Nanoseconds linger = 2s) {
    Round round;
    world.fill(round.id.bytes);
    std::vector<ByteArray<Ticket::kSize>> raw(kAnchors);
    for (std::size_t i = 0; i < kAnchors; ++i) {
      const auto anchor_public = anchors[i]->prober().prepare(round.id, chip, world.now() + 120s);
      REQUIRE(anchor_public);
      Ticket ticket;
      ticket.coordinator = *coordinator_id_of(coordinator->public_key());
      ticket.round = round.id;
      ticket.chip = chip;
      ticket.anchor = anchor_ids[i];
      ticket.anchor_index = static_cast<std::uint8_t>(i);
      ticket.anchor_count = kAnchors;
      ticket.ping_count = pings;
      ticket.anchor_endpoint = anchors[i]->endpoint();
      ticket.anchor_public = *anchor_public;
      world.fill(ticket.nonce.bytes);
      ticket.not_before = unix_seconds(world.wall()) - 5;
      ticket.not_after = unix_seconds(world.wall()) + 60;
      REQUIRE(sign(ticket, *coordinator));
      raw[i] = bytes_of(ticket);
      round.tickets.push_back(ticket);
    }
    std::vector<Bytes> views(raw.begin(), raw.end());
    for (std::size_t i = 0; i < kAnchors; ++i) {
      REQUIRE(anchors[i]->prober().assign({raw[i], inbound, 40ms, deadline, linger, chip_key->public_key()},
                                          world.now()));
      anchors[i]->settle();
    }
    if (!inbound) {
      REQUIRE(anchors[0]->prober().pend(round.id, chip, chip_key->public_key(), views, world.now() + 60s));
      anchors[0]->settle();
    }
    return round;
  }
  /// All reports that came for the round, by anchor index.
  [[nodiscard]] std::map<std::size_t, RoundReport> reports(const Round& round) const {
    std::map<std::size_t, RoundReport> out;
    for (std::size_t i = 0; i < kAnchors; ++i) {
      for (const RoundReport& report : anchors[i]->reports) {
        if (report.round != round.id) continue;
        CHECK(out.count(i) == 0);  // reported once
        out[i] = report;
      }
    }
    return out;
  }
  /// CLOSE through one anchor; the statement if it came.
  CloseOrder close(const Round& round, std::uint64_t mask, std::size_t through = 0) {
    CloseOrder order{*coordinator_id_of(coordinator->public_key()), round.id, chip, {}, mask, {}};
    world.fill(order.nonce.bytes);
    REQUIRE(sign(order, *coordinator));
    REQUIRE(anchors[through]->prober().close(round.id, bytes_of(order), world.now() + 10s, world.now()));
    anchors[through]->settle();
    return order;
  }
  /// Whether a statement holds up against the finished sessions of these reports.
  void check_statement(Bytes cose, const CloseOrder& order,
                       const std::map<std::size_t, RoundReport>& reports) {
    const auto statement = check_statement_signature(cose);
    REQUIRE(statement);
    CHECK(statement->nonce == order.nonce);
    CHECK(statement->round == order.round);
    std::size_t matched = 0;
    for (const auto& entry : statement->transcripts) {
      const auto report = reports.find(entry.anchor_index);
      REQUIRE(report != reports.end());
      for (const SessionAccount& session : report->second.sessions) {
        if (session.finished && sha256(session.transcript) == entry.transcript) ++matched;
      }
    }
    CHECK(matched == statement->transcripts.size());
  }
  [[nodiscard]] Result<Statement, StatementFault> check_statement_signature(Bytes cose) {
    return chiploc::check_statement(cose, chip_key->public_key(), certificate);
  }
  /// What must hold in every world: no round trip shorter than light, samples only of pings that were in the
  /// transcript, and nothing in a simulated world that could pass for evidence.
  void check_samples(const std::map<std::size_t, RoundReport>& reports) const {
    for (const auto& [index, report] : reports) {
      for (const SessionAccount& session : report.sessions) {
        const auto head = parse_transcript(session.transcript);
        REQUIRE(head);
        const Nanoseconds true_rtt = 2 * network.path(anchors[index]->endpoint(), session.peer).delay;
        std::set<std::uint32_t> seen;
        for (const ReportedSample& sample : session.samples) {
          CHECK(sample.sample.rtt >= true_rtt);
          CHECK(sample.sample.bracket >= sample.sample.rtt);
          CHECK(sample.sample.source == StampSource::kSimulated);
          CHECK(((head->received >> sample.sequence) & 1U) == 1U);
          CHECK(seen.insert(sample.sequence).second);
        }
      }
    }
  }
  /// The most PONGs that any one agent sent for one sequence of one session: must be one.
  [[nodiscard]] std::size_t answers_max() const {
    std::size_t most = 0;
    for (const auto& [key, count] : answers_) most = std::max(most, count);
    return most;
  }
  /// A digest of all that was sent, in order: two runs of one seed must agree.
  [[nodiscard]] Digest trace() { return trace_.finish(); }

  SimWorld world;
  SimNetwork network;
  std::unique_ptr<SoftwareKey> coordinator = *key_from_ed25519_seed(ByteVector(32, 7));
  /// Ed25519 signs alike each time, which the test of determinism needs.
  std::unique_ptr<SoftwareKey> chip_key = *key_from_ed25519_seed(ByteVector(32, 8));
  ChipId chip;
  Digest certificate;
  std::vector<AnchorId> anchor_ids;
  std::vector<std::unique_ptr<SimAnchor>> anchors;

 private:
  void watch(Bytes datagram, const Endpoint& from, const Endpoint& to) {
    trace_.update(datagram);
    const auto pong = parse_pong(datagram);
    if (pong) ++answers_[{from, to, pong->session, pong->sequence}];
  }
  std::map<std::tuple<Endpoint, Endpoint, SessionId, std::uint32_t>, std::size_t> answers_;
  Sha256 trace_;
};

}  // namespace chiploc::sim
