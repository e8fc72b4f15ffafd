#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "proto/crypto/cose.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/crypto/session_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/crypto/x25519.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"
#include "proto/wire/transcript.hpp"

/// The other side of the agent's protocol, made of the production crypto and nothing else: a coordinator that
/// signs tickets and orders, and anchors that hold sessions. For tests of the agent only.
namespace chiploc {

inline constexpr std::uint64_t kTestNow = 1'800'000'000;  // Unix seconds

template <std::size_t N>
ByteVector vector_of(const ByteArray<N>& bytes) {
  return {bytes.begin(), bytes.end()};
}
inline ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

class TestCoordinator {
 public:
  TestCoordinator()
      : key_{generate_key(SignatureAlgorithm::kEd25519)}, id_{*coordinator_id_of(key_->public_key())} {}
  [[nodiscard]] const SoftwareKey& key() const { return *key_; }
  [[nodiscard]] const CoordinatorId& id() const { return id_; }

  [[nodiscard]] Ticket unsigned_ticket(const ChipId& chip, const RoundId& round, const AnchorId& anchor,
                                       const X25519Public& anchor_public, const Endpoint& endpoint) const {
    Ticket t;
    t.coordinator = id_;
    t.round = round;
    t.chip = chip;
    t.anchor = anchor;
    t.anchor_index = 0;
    t.anchor_count = 1;
    t.ping_count = 12;
    t.anchor_endpoint = endpoint;
    t.anchor_public = anchor_public;
    t.nonce = random_id<Nonce>();
    t.not_before = kTestNow - 5;
    t.not_after = kTestNow + 60;
    return t;
  }
  [[nodiscard]] CloseOrder order(const ChipId& chip, const RoundId& round, std::uint64_t mask) const {
    CloseOrder o;
    o.coordinator = id_;
    o.round = round;
    o.chip = chip;
    o.nonce = random_id<Nonce>();
    o.mask = mask;
    if (!sign(o, *key_)) std::abort();
    return o;
  }

 private:
  std::unique_ptr<SoftwareKey> key_;
  CoordinatorId id_;
};

/// One anchor with one ticket and, once the agent's OPEN came, one session.
class FakeAnchor {
 public:
  explicit FakeAnchor(const Endpoint& endpoint)
      : endpoint_{endpoint}, id_{random_id<AnchorId>()}, pair_{X25519Pair::generate()} {}

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const AnchorId& id() const { return id_; }
  [[nodiscard]] const X25519Public& public_key() const { return pair_.public_key(); }
  [[nodiscard]] const Ticket& ticket() const { return ticket_; }
  [[nodiscard]] SessionId session() const { return keys_->session; }
  [[nodiscard]] std::uint64_t received() const { return transcript_.present(); }

  /// Takes a ticket as it is, signed or not.
  void take(const Ticket& ticket) {
    ticket_ = ticket;
    raw_ = bytes_of(ticket);
  }
  [[nodiscard]] ByteVector ticket_datagram(const Mac& cookie = {}) const {
    ByteArray<Ticket::kDatagramSize> buffer{};
    return vector_of(encode_ticket_datagram(raw_, buffer, cookie));
  }

  /// Judges an OPEN and derives the session. False if it is not for this ticket.
  bool on_open(Bytes datagram) {
    const auto open = parse_open(datagram);
    if (!open || open->ticket != ticket_digest(raw_)) return false;
    const auto secret = pair_.agree(open->agent_public);
    if (!secret) return false;
    agent_public_ = open->agent_public;
    keys_.emplace(derive_session(
        *secret, {ticket_digest(raw_), ticket_.chip, id_, open->agent_public, pair_.public_key()}));
    to_agent_.emplace(keys_->to_agent.bytes());
    to_anchor_.emplace(keys_->to_anchor.bytes());
    if (!to_anchor_->accepts(datagram)) return false;
    transcript_ = Transcript{ticket_digest(raw_), agent_public_, keys_->session};
    return true;
  }
  /// Whether the bytes carry the agent's MAC of this session.
  [[nodiscard]] bool made_by_the_agent(Bytes datagram) const { return to_anchor_->accepts(datagram); }
  template <class Datagram>
  [[nodiscard]] ByteVector sealed(const Datagram& datagram) const {
    ByteVector buffer(Datagram::kSize);
    encode(datagram, buffer);
    to_agent_->seal(buffer);
    return buffer;
  }
  /// Gives any bytes a right MAC of this session.
  void seal(MutableBytes datagram) const { to_agent_->seal(datagram); }
  [[nodiscard]] ByteVector open_ack() const { return sealed(OpenAck{keys_->session, {}}); }
  [[nodiscard]] ByteVector ping(std::uint32_t sequence) {
    Ping ping;
    ping.session = keys_->session;
    ping.sequence = sequence;
    if (nonces_.size() <= sequence) nonces_.resize(sequence + 1U);
    nonces_[sequence] = random_id<Nonce>();
    ping.nonce = nonces_[sequence];
    return sealed(ping);
  }
  /// The PONG, if it is one: session, MAC and nonce right. Notes it for the transcript.
  std::optional<Pong> on_pong(Bytes datagram) {
    const auto pong = parse_pong(datagram);
    if (!pong || pong->session != keys_->session || !to_anchor_->accepts(datagram)) return std::nullopt;
    if (pong->sequence >= nonces_.size() || pong->nonce != nonces_[pong->sequence]) return std::nullopt;
    if (!transcript_.add(pong->sequence, {pong->nonce, pong->residence_ns, pong->mac})) return std::nullopt;
    return *pong;
  }
  [[nodiscard]] ByteVector finish(std::uint64_t map) const { return sealed(Finish{keys_->session, map, {}}); }
  [[nodiscard]] ByteVector finish() const { return finish(received()); }
  /// The digest of what this end saw.
  [[nodiscard]] Digest digest() const {
    ByteArray<Transcript::kSizeMax> buffer{};
    return sha256(transcript_.write(received(), buffer));
  }
  /// Whether a FINISH_ACK is authentic and names the same transcript.
  [[nodiscard]] bool agrees(Bytes datagram) const {
    const auto ack = parse_finish_ack(datagram);
    return ack && to_anchor_->accepts(datagram) && ack->session == keys_->session &&
           ack->transcript == digest();
  }
  [[nodiscard]] ByteVector close(const CloseOrder& order) const {
    return sealed(Close{keys_->session, order, {}});
  }
  /// Takes one STATEMENT fragment; the whole statement once all are there.
  std::optional<ByteVector> on_statement(Bytes datagram) {
    const auto fragment = parse_statement(datagram);
    if (!fragment || fragment->session != keys_->session || !to_anchor_->accepts(datagram))
      return std::nullopt;
    if (fragment->index == 0) statement_.clear();
    statement_.insert(statement_.end(), fragment->payload.begin(), fragment->payload.end());
    if (fragment->index + 1 < fragment->count) return std::nullopt;
    return statement_;
  }

 private:
  Endpoint endpoint_;
  AnchorId id_;
  X25519Pair pair_;
  Ticket ticket_;
  ByteArray<Ticket::kSize> raw_{};
  X25519Public agent_public_;
  std::optional<SessionKeys> keys_;
  std::optional<MacKey> to_agent_;
  std::optional<MacKey> to_anchor_;
  std::vector<Nonce> nonces_;
  Transcript transcript_;
  ByteVector statement_;
};

}  // namespace chiploc
