#pragma once
#include <deque>
#include <string>
#include <vector>

#include "agent/endpoint.hpp"
#include "agent/responder.hpp"
#include "agent/system.hpp"
#include "tests/agent/fake_anchor.hpp"

namespace chiploc {

struct SentDatagram {
  Endpoint to;
  ByteVector bytes;
  [[nodiscard]] DatagramType type() const { return *read_header(bytes); }
};

class CollectingOutbox final : public AgentOutbox {
 public:
  void send(const Endpoint& to, Bytes datagram) override { sent.push_back({to, vector_of(datagram)}); }
  std::vector<SentDatagram> sent;
};

/// A store in memory that remembers the order of events and can be told to fail.
class MemoryState final : public StateStore {
 public:
  std::uint64_t boot_count() const override { return 7; }
  std::uint64_t round_counter() const override { return counter; }
  Result<std::uint64_t, std::string> next_round_counter() override {
    if (broken) return Fail{std::string{"no room on the disk"}};
    log.push_back("stored");
    return ++counter;
  }
  std::uint64_t counter = 41;
  bool broken = false;
  std::vector<std::string> log;
};

/// Signs with the chip's key and notes when.
class NotingIssuer final : public StatementIssuer {
 public:
  NotingIssuer(const Signer& key, const Digest& certificate, std::vector<std::string>& log)
      : honest_{key, certificate}, log_{log} {}
  Result<ByteVector, KeyFault> issue(const Statement& claims) override {
    log_.push_back("signed");
    if (broken) return Fail{KeyFault{KeyFault::Code::kSigningFailed, "the token is gone"}};
    return honest_.issue(claims);
  }
  bool broken = false;

 private:
  SigningIssuer honest_;
  std::vector<std::string>& log_;
};

class FixedResidence final : public ResidenceClock {
 public:
  std::uint32_t residence_ns(SteadyTime) override { return 1234; }
};

/// Repeats itself from a seed, so that a failing schedule can be run again.
class SeededRandom final : public AgentRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_{seed} {}
  void fill(MutableBytes out) override {
    for (auto& byte : out) {  // splitmix64, one byte a step
      state_ += 0x9E3779B97F4A7C15ULL;
      std::uint64_t z = state_;
      z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
      z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
      byte = static_cast<std::uint8_t>((z ^ (z >> 31U)) >> 56U);
    }
  }

 private:
  std::uint64_t state_;
};

inline const Digest kTestCertificate = sha256(bytes_of("a certificate"));

class NotingObserver final : public ResponderObserver {
 public:
  struct Refused {
    RejectReason reason;
    CoordinatorId coordinator;
    ChipId chip;
  };
  void on_ticket_refused(const TicketRefusal& refusal) override {
    refused.push_back({refusal.reason, refusal.coordinator, refusal.chip});
  }
  void on_knock_unanswered(const UnansweredKnocks& knocks) override {
    unanswered.push_back({text_of(knocks.rendezvous), knocks.number, knocks.now - knocks.since});
  }
  void on_knock_answered(const Endpoint& rendezvous) override { answered.push_back(text_of(rendezvous)); }
  struct Unanswered {
    std::string rendezvous;
    std::uint64_t number;
    Nanoseconds time;
  };
  std::vector<Unanswered> unanswered;
  std::vector<std::string> answered;
  std::vector<Refused> refused;
};

/// One responder, its coordinator, and a clock that only the test moves.
struct AgentWorld {
  explicit AgentWorld(ResponderOptions options = {}, std::vector<RendezvousAnchor> rendezvous = {},
                      std::uint64_t seed = 1)
      : random{seed},
        responder{options,
                  identity(chip),
                  {{coordinator.id(), coordinator.key().public_key()}},
                  std::move(rendezvous),
                  {*device_key, issuer, state, residence, random, observer},
                  now} {}

  static ChipIdentity identity(const ChipId& chip) {
    return {chip, "LAB-100", "1.2.3", sha256(bytes_of("firmware")), DebugState::kDisabledPermanently};
  }

  /// What the responder sends back to this.
  std::vector<SentDatagram> tell(Bytes datagram, const Endpoint& from) {
    CollectingOutbox out;
    responder.on_datagram(datagram, from, now, wall, out);
    return out.sent;
  }
  std::vector<SentDatagram> tick() {
    CollectingOutbox out;
    responder.on_timer(now, wall, out);
    return out.sent;
  }
  void pass(Nanoseconds time) {
    now = now + time;
    wall = wall + time;
  }
  [[nodiscard]] std::uint64_t rejected(RejectReason reason) const {
    return responder.stats().rejected[static_cast<std::size_t>(reason)];
  }

  static Endpoint endpoint_of(int number) {
    return *parse_endpoint("10.0.0." + std::to_string(number % 200 + 1) + ":" +
                           std::to_string(7000 + number));
  }
  [[nodiscard]] Ticket ticket_for(const FakeAnchor& anchor, const RoundId& round) const {
    return coordinator.unsigned_ticket(chip, round, anchor.id(), anchor.public_key(), anchor.endpoint());
  }
  void give(FakeAnchor& anchor, Ticket ticket) const {
    if (!sign(ticket, coordinator.key())) std::abort();
    anchor.take(ticket);
  }
  /// An anchor with a good ticket; `index` of `count` in the round.
  [[nodiscard]] FakeAnchor anchor_of(const RoundId& round, std::uint8_t index = 0,
                                     std::uint8_t count = 1) const {
    FakeAnchor anchor{endpoint_of(index)};
    Ticket ticket = ticket_for(anchor, round);
    ticket.anchor_index = index;
    ticket.anchor_count = count;
    give(anchor, ticket);
    return anchor;
  }
  /// Brings an anchor's session to open. False if anything on the way went wrong.
  bool open(FakeAnchor& anchor) {
    const auto sent = tell(anchor.ticket_datagram(), anchor.endpoint());
    if (sent.size() != 1 || !anchor.on_open(sent[0].bytes)) return false;
    return tell(anchor.open_ack(), anchor.endpoint()).empty();
  }
  /// Exchanges pings 0 to count - 1 and finishes.
  bool ping_and_finish(FakeAnchor& anchor, std::uint32_t count = 3) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto sent = tell(anchor.ping(i), anchor.endpoint());
      if (sent.size() != 1 || !anchor.on_pong(sent[0].bytes)) return false;
    }
    const auto sent = tell(anchor.finish(), anchor.endpoint());
    return sent.size() == 1 && anchor.agrees(sent[0].bytes);
  }

  SteadyTime now{std::chrono::hours{5}};
  WallTime wall = wall_from_unix_seconds(kTestNow);
  ChipId chip = random_id<ChipId>();
  TestCoordinator coordinator;
  std::unique_ptr<SoftwareKey> device_key = generate_key(SignatureAlgorithm::kEs256);
  MemoryState state;
  NotingIssuer issuer{*device_key, kTestCertificate, state.log};
  FixedResidence residence;
  SeededRandom random;
  NotingObserver observer;
  Responder responder;
};

}  // namespace chiploc
