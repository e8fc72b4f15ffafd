#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/crypto/session_key.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "server/anchor/report.hpp"
#include "server/verifier/evidence.hpp"
#include "tests/server/sim/round_world.hpp"
#include "tests/support/opening.hpp"

/// The stage of the attacks: production agents, anchors and verifier on a simulated network, and an attacker
/// who sees every datagram and may send any, from any address.
namespace chiploc::attacks {

using namespace std::chrono_literals;
using sim::RoundWorld;

inline constexpr std::uint64_t kAllAnchors = (1U << RoundWorld::kAnchors) - 1;

inline ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

template <class Datagram>
ByteVector datagram_of(const Datagram& datagram) {
  ByteVector buffer(Datagram::kSize);
  encode(datagram, buffer);
  return buffer;
}

/// One honest chip and four anchors, 20 ms apart, and an attacker 1 ms from everybody.
class AttackWorld {
 public:
  explicit AttackWorld(Nanoseconds chip_delay = 20ms) : rounds{1, {.delay = 1ms}} {
    for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
      report_keys.push_back(generate_key(SignatureAlgorithm::kEd25519));
      rounds.network.set_path(chip_at, anchor_at(i), {.delay = chip_delay});
    }
    auto first = std::move(rounds.network.observer);
    rounds.network.observer = [this, first](Bytes datagram, const Endpoint& from, const Endpoint& to) {
      first(datagram, from, to);
      if (tap && !injecting_) tap(datagram, from, to);
      if (account) account(datagram.size(), from, to);
    };
  }
  AttackWorld(const AttackWorld&) = delete;
  AttackWorld& operator=(const AttackWorld&) = delete;

  void start_chip(bool knocking = false) { chip = rounds.make_agent(1, knocking); }
  [[nodiscard]] Endpoint anchor_at(std::size_t i) const {
    return sim::sim_endpoint(1, static_cast<std::uint8_t>(i + 1), 7411);
  }
  [[nodiscard]] std::optional<std::size_t> anchor_number(const Endpoint& at) const {
    for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
      if (anchor_at(i) == at) return i;
    }
    return std::nullopt;
  }
  /// Sends from the attacker's address, or from any that it forges. The tap does not see it.
  void inject(const Endpoint& to, Bytes datagram) { inject(to, datagram, attacker); }
  void inject(const Endpoint& to, Bytes datagram, const Endpoint& from) {
    injecting_ = true;
    rounds.network.send(from, to, datagram);
    injecting_ = false;
  }
  [[nodiscard]] std::uint64_t rejected_by_anchor(std::size_t i, RejectReason reason) {
    return rounds.anchors[i]->prober().counters().rejected[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t rejected_by_chip(RejectReason reason) const {
    return chip->stats().rejected[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t rejected_by_all(RejectReason reason) {
    std::uint64_t sum = rejected_by_chip(reason);
    for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) sum += rejected_by_anchor(i, reason);
    return sum;
  }

  /// An inbound round to its end: reports, CLOSE, statement.
  RoundWorld::Round run_round(std::uint8_t pings = 12) {
    const auto round = rounds.start_round(chip->endpoint(), pings);
    finish_round(round);
    return round;
  }
  void finish_round(const RoundWorld::Round& round) {
    rounds.world.run_for(16s);
    order = rounds.close(round, kAllAnchors);
    rounds.world.run_for(4s);
  }
  /// What the coordinator would judge. The reports are made and signed as the anchor program does it; only
  /// the stamps are called the kernel's, since simulated ones are never evidence.
  [[nodiscard]] RoundEvidenceBytes evidence(const RoundWorld::Round& round) const {
    RoundEvidenceBytes out{.round = round.id,
                           .chip = rounds.chip,
                           .coordinator = *coordinator_id_of(rounds.coordinator->public_key()),
                           .device_key = rounds.chip_key->public_key(),
                           .device_certificate = rounds.certificate,
                           .tickets = {},
                           .close_order = order,
                           .reports = {},
                           .statements = {},
                           .last_accepted = std::nullopt,
                           .fault_budget = 1};
    const auto reports = rounds.reports(round);
    for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
      const std::string name = "anchor-" + std::to_string(i);
      out.tickets.push_back({round.tickets[i],
                             {.name = name,
                              .id = rounds.anchor_ids[i],
                              .report_key = report_keys[i]->public_key(),
                              .place = LatLon::from_degrees({.lat = 50.0, .lon = 8.0}).value(),
                              .uncertainty = Kilometers{0.0},
                              .operator_name = name,
                              .network = name}});
      if (const auto found = reports.find(i); found != reports.end()) {
        out.reports.emplace_back(rounds.anchor_ids[i], signed_report(found->second, i));
      }
      for (const ByteVector& statement : rounds.anchors[i]->statements) out.statements.push_back(statement);
    }
    return out;
  }
  [[nodiscard]] CheckedEvidence judge(const RoundWorld::Round& round) const {
    return check_evidence(evidence(round));
  }
  /// The round came through as if there had been no attacker.
  void check_undisturbed(const RoundWorld::Round& round, std::size_t samples = 12) const {
    const CheckedEvidence checked = judge(round);
    CHECK(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(checked.reasons.empty());
    for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
      CHECK(checked.anchors[i].used);
      CHECK(checked.anchors[i].samples == samples);
      CHECK(checked.anchors[i].rtt_min == 2 * rounds.network.path(chip_at, anchor_at(i)).delay);
    }
  }

  RoundWorld rounds;
  Endpoint chip_at = sim::sim_endpoint(2, 1, 7400);
  Endpoint attacker = sim::sim_endpoint(9, 9, 666);
  std::unique_ptr<sim::SimAgent> chip;
  std::optional<CloseOrder> order;
  std::vector<std::unique_ptr<SoftwareKey>> report_keys;
  /// Sees every datagram but the attacker's own, as it is sent.
  std::function<void(Bytes datagram, const Endpoint& from, const Endpoint& to)> tap;
  /// Sees the size of every datagram, the attacker's too.
  std::function<void(std::size_t bytes, const Endpoint& from, const Endpoint& to)> account;

 private:
  [[nodiscard]] ByteVector signed_report(RoundReport report, std::size_t i) const {
    for (SessionAccount& session : report.sessions) {
      for (ReportedSample& sample : session.samples) sample.sample.source = StampSource::kKernelBoth;
    }
    const auto raw = report_message(report, {rounds.anchor_ids[i], "test"}, *report_keys[i]);
    REQUIRE(raw);
    v1::AnchorMessage message;
    REQUIRE(message.ParseFromArray(raw->data(), static_cast<int>(raw->size())));
    return vector_of(bytes_of(message.report().SerializeAsString()));
  }
  bool injecting_ = false;
};

/// A session under a ticket that was seen on the way, with an ephemeral key of the attacker's own: he answers
/// pings and finishes as a chip would, from his own address. `device` signs his OPEN; he brought the device
/// to do so, or took a key of his own.
class Impostor {
 public:
  Impostor(AttackWorld& world, const Ticket& ticket, const Signer& device)
      : world_{world},
        ticket_{ticket},
        device_{device},
        at_{sim::sim_endpoint(9, static_cast<std::uint8_t>(ticket.anchor_index + 1), 667)},
        pair_{X25519Pair::generate()},
        transcript_{} {
    const auto secret = pair_.agree(ticket.anchor_public);
    REQUIRE(secret);
    SessionKeys keys = derive_session(*secret, {ticket_digest(ticket), ticket.chip, ticket.anchor,
                                                pair_.public_key(), ticket.anchor_public});
    to_anchor_.emplace(keys.to_anchor.bytes());
    transcript_ = Transcript{ticket_digest(ticket), pair_.public_key(), keys.session};
    world.rounds.network.attach(at_, [this](Bytes datagram, const Endpoint&) { on_datagram(datagram); });
  }
  ~Impostor() { world_.rounds.network.detach(at_); }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  void open() { world_.inject(ticket_.anchor_endpoint, test::open_by(ticket_, pair_, device_), at_); }
  [[nodiscard]] const X25519Public& public_key() const { return pair_.public_key(); }
  [[nodiscard]] std::size_t answered() const { return answered_; }

 private:
  void on_datagram(Bytes datagram) {
    if (const auto ping = parse_ping(datagram)) {
      ByteVector pong = datagram_of(Pong{ping->session, ping->sequence, ping->nonce, 1000, {}});
      to_anchor_->seal(pong);
      transcript_.add(ping->sequence, {ping->nonce, 1000, parse_pong(pong)->mac});
      ++answered_;
      world_.inject(ticket_.anchor_endpoint, pong, at_);
    } else if (const auto finish = parse_finish(datagram)) {
      ByteArray<Transcript::kSizeMax> buffer{};
      ByteVector ack =
          datagram_of(FinishAck{finish->session, sha256(transcript_.write(finish->received, buffer)), {}});
      to_anchor_->seal(ack);
      world_.inject(ticket_.anchor_endpoint, ack, at_);
    }
  }
  AttackWorld& world_;
  Ticket ticket_;
  const Signer& device_;
  Endpoint at_;
  X25519Pair pair_;
  std::optional<MacKey> to_anchor_;
  Transcript transcript_;
  std::size_t answered_ = 0;
};

}  // namespace chiploc::attacks
