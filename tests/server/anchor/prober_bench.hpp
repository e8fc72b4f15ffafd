#pragma once
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "proto/crypto/session_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/anchor/prober.hpp"
#include "server/sim/sim_network.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/opening.hpp"

namespace chiploc {

using namespace std::chrono_literals;

/// A prober with a hand-driven clock, and the agent's end of its sessions by hand: for tests of single
/// datagrams.
class ProberBench : public ProbeOutbox, public ProbeResults {
 public:
  struct Sent {
    Path path;
    ByteVector bytes;
    std::optional<PingToken> ping;
  };
  /// The agent's half of one session.
  struct Agent {
    X25519Pair pair;
    SessionId session;
    MacKey to_anchor;
    MacKey to_agent;
  };

  explicit ProberBench(ProberOptions options = {})
      : prober{options, self, [this](MutableBytes out) { fill(out); }, *this, *this} {}

  // ProbeOutbox, ProbeResults
  void send(const Path& path, Bytes datagram, const PingToken* ping) override {
    sent.push_back({path, ByteVector(datagram.begin(), datagram.end()),
                    ping != nullptr ? std::optional<PingToken>{*ping} : std::nullopt});
  }
  void on_report(RoundReport report) override { reports.push_back(std::move(report)); }
  void on_statement(const RoundId&, ByteVector statement) override {
    statements.push_back(std::move(statement));
  }
  void on_knock(KnockRecord knock) override { knocks.push_back(std::move(knock)); }
  void on_progress(const RoundProgress& note) override { progress.push_back(note); }
  void on_mesh(MeshWindow) override {}

  void fill(MutableBytes out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
  }
  template <class SomeId>
  SomeId draw() {
    SomeId id;
    fill(id.bytes);
    return id;
  }

  [[nodiscard]] ClockReading clock() const {
    return {now, WallTime{now.since_epoch + sim::SimWorld::kEpoch}, RawTime{now.since_epoch}};
  }
  void advance(Nanoseconds by) {
    const SteadyTime end = now + by;
    for (;;) {
      const auto next = prober.next_deadline();
      if (!next || *next > end) break;
      now = std::max(now, *next);
      prober.on_timer(clock());
      hand_over();
    }
    now = end;
  }
  /// The socket's part: tells the prober that its pings are leaving.
  void hand_over() {
    for (; handed_over < sent.size(); ++handed_over) {
      if (sent[handed_over].ping) prober.on_sending(*sent[handed_over].ping, clock());
    }
  }
  void receive(Bytes datagram, std::optional<Endpoint> from = std::nullopt) {
    prober.on_datagram(datagram, Path{from.value_or(agent_endpoint), {}},
                       {.after = clock(), .kernel = {}, .card = {}});
    hand_over();
  }

  Ticket make_ticket(const RoundId& round, std::uint8_t pings = 4) {
    const auto anchor_public = prober.prepare(round, chip, now + 60s);
    REQUIRE(anchor_public);
    Ticket ticket;
    ticket.coordinator = *coordinator_id_of(coordinator->public_key());
    ticket.round = round;
    ticket.chip = chip;
    ticket.anchor = self;
    ticket.anchor_count = 3;
    ticket.ping_count = pings;
    ticket.anchor_endpoint = sim::sim_endpoint(1, 1, 7411);
    ticket.anchor_public = *anchor_public;
    ticket.nonce = draw<Nonce>();
    ticket.not_before = unix_seconds(clock().wall) - 10;
    ticket.not_after = unix_seconds(clock().wall) + 60;
    REQUIRE(sign(ticket, *coordinator));
    return ticket;
  }
  Ticket assign_round(Nanoseconds deadline = 10s, Nanoseconds linger = 0s) {
    const Ticket ticket = make_ticket(draw<RoundId>());
    assign(ticket, deadline, linger);
    return ticket;
  }
  void assign(const Ticket& ticket, Nanoseconds deadline = 10s, Nanoseconds linger = 0s) {
    const auto raw = bytes_of(ticket);
    REQUIRE(prober.assign({raw, std::nullopt, 40ms, deadline, linger, chip_key->public_key()}, now));
  }
  /// What a stranger can make.
  static ByteVector unsigned_open(const Ticket& ticket, const X25519Public& agent_public) {
    Open open{ticket_digest(ticket), agent_public, {}, 64, {}, {}};
    open.signature[0] = 1;
    ByteVector out(Open::kSize);
    encode(open, out);
    return out;
  }
  X25519Pair fresh_pair() {
    ByteArray<32> secret{};
    fill(secret);
    return X25519Pair::from_private(secret);
  }
  Agent open(const Ticket& ticket) {
    X25519Pair pair = fresh_pair();
    const SessionKeys keys = test::keys_for(ticket, pair);
    receive(test::open_by(ticket, pair, *chip_key));
    return {std::move(pair), keys.session, MacKey{keys.to_anchor.bytes()}, MacKey{keys.to_agent.bytes()}};
  }
  /// The newest datagram of a type that was sent; fails the test if there is none.
  [[nodiscard]] const Sent& last(DatagramType type) const {
    for (auto it = sent.rbegin(); it != sent.rend(); ++it) {
      if (read_header(it->bytes).value() == type) return *it;
    }
    FAIL("no datagram of type " << name_of(type));
    return sent.front();
  }
  [[nodiscard]] std::size_t count(DatagramType type) const {
    std::size_t n = 0;
    for (const Sent& one : sent) n += read_header(one.bytes).value() == type ? 1U : 0U;
    return n;
  }
  [[nodiscard]] std::size_t bytes_sent() const {
    std::size_t n = 0;
    for (const Sent& one : sent) n += one.bytes.size();
    return n;
  }
  [[nodiscard]] Ping last_ping() const { return *parse_ping(last(DatagramType::kPing).bytes); }
  template <class Datagram, std::size_t N = Datagram::kSize>
  ByteVector sealed(const Datagram& datagram, const MacKey& key) {
    ByteVector buffer(N);
    encode(datagram, buffer);
    key.seal(buffer);
    return buffer;
  }
  ByteVector pong_of(const Ping& ping, const Agent& agent) {
    return sealed(Pong{ping.session, ping.sequence, ping.nonce, 1000, {}}, agent.to_anchor);
  }
  /// Answers everything until the session is finished.
  void answer_all(const Agent& agent, const Ticket& ticket) {
    for (int i = 0; i < 1000 && count(DatagramType::kFinish) == 0; ++i) {
      const std::size_t before = count(DatagramType::kPing);
      advance(5ms);
      if (count(DatagramType::kPing) > before) receive(pong_of(last_ping(), agent));
    }
    acknowledge_finish(agent, ticket);
  }
  void acknowledge_finish(const Agent& agent, const Ticket& ticket) {
    const Finish finish = *parse_finish(last(DatagramType::kFinish).bytes);
    receive(sealed(FinishAck{agent.session, transcript_digest(agent, ticket, finish.received), {}},
                   agent.to_anchor));
  }
  /// Built from what was sent, as the agent builds it.
  Digest transcript_digest(const Agent& agent, const Ticket& ticket, std::uint64_t received) {
    Transcript transcript{ticket_digest(ticket), agent.pair.public_key(), agent.session};
    for (const Sent& one : sent) {
      if (!one.ping || one.ping->session != agent.session) continue;
      const Ping ping = *parse_ping(one.bytes);
      const ByteVector pong = pong_of(ping, agent);
      transcript.add(ping.sequence, {ping.nonce, 1000, parse_pong(pong)->mac});
    }
    ByteArray<Transcript::kSizeMax> buffer{};
    return sha256(transcript.write(received, buffer));
  }
  [[nodiscard]] std::uint64_t rejected(RejectReason reason) const {
    return prober.counters().rejected[static_cast<std::size_t>(reason)];
  }
  CloseOrder order_for(const Ticket& ticket) {
    CloseOrder order{ticket.coordinator, ticket.round, ticket.chip, draw<Nonce>(), 1, {}};
    REQUIRE(sign(order, *coordinator));
    return order;
  }

 private:
  std::mt19937_64 random_{1};

 public:
  std::unique_ptr<SoftwareKey> coordinator = generate_key(SignatureAlgorithm::kEd25519);
  std::unique_ptr<SoftwareKey> chip_key = generate_key(SignatureAlgorithm::kEs256);
  AnchorId self = draw<AnchorId>();
  ChipId chip = draw<ChipId>();
  Endpoint agent_endpoint = sim::sim_endpoint(2, 2, 7400);
  SteadyTime now{1000s};
  std::deque<Sent> sent;
  std::size_t handed_over = 0;
  std::vector<RoundReport> reports;
  std::vector<ByteVector> statements;
  std::vector<KnockRecord> knocks;
  std::vector<RoundProgress> progress;
  Prober prober;
};

}  // namespace chiploc
