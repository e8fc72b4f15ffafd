#include "server/anchor/mesh.hpp"

#include <algorithm>

#include "server/anchor/borne_out.hpp"
#include "server/anchor/replay_window.hpp"

namespace chiploc {
namespace {

/// Pings of one peer that may be in flight at once: at one a second and a second of round trip far more than
/// needed.
constexpr std::size_t kSlots = 32;

X25519Pair fresh_pair(const RandomFill& random) {
  SecretBytes<32> secret;
  random(secret.writable());
  ByteArray<32> raw{};
  std::copy_n(secret.bytes().begin(), 32, raw.begin());
  X25519Pair pair = X25519Pair::from_private(raw);
  wipe(raw);
  return pair;
}

/// How much a source can be trusted to be short: the weakest one of a window names it.
int weakness(StampSource source) {
  switch (source) {
    case StampSource::kHardware:
      return 0;
    case StampSource::kKernelBoth:
      return 1;
    case StampSource::kKernelReceive:
      return 2;
    case StampSource::kUserBoth:
      return 3;
    case StampSource::kSimulated:
      return 4;
  }
  return 4;
}

}  // namespace

struct Mesh::Peer {
  struct Slot {
    bool used = false;
    bool answered = false;
    bool handed_over = false;
    std::uint32_t sequence = 0;
    Nonce nonce;
    TransmitStamps transmit;
    ReceiveStamps receive;
  };
  Peer(const MeshPeer& named, MacKey to_peer_key, MacKey from_peer_key)
      : peer{named}, to_peer{std::move(to_peer_key)}, from_peer{std::move(from_peer_key)} {}

  MeshPeer peer;
  MacKey to_peer;
  MacKey from_peer;
  SessionId our_pings;
  SessionId their_pings;
  ReplayWindow answered;
  TimerHook timer;
  std::uint32_t next_sequence = 0;
  std::array<Slot, kSlots> slots{};
  // The window so far.
  std::uint32_t sent = 0;
  std::vector<TimedSample> samples;
  StampSource source = StampSource::kHardware;
};

struct Mesh::Timers {
  TimerHeap<Peer, &Peer::timer> heap;
};

Mesh::Mesh(const MeshOptions& options, const AnchorId& self, RandomFill random, ProbeOutbox& outbox,
           ProbeResults& results, SteadyTime now)
    : options_{options},
      self_{self},
      random_{std::move(random)},
      outbox_{outbox},
      results_{results},
      pair_{fresh_pair(random_)},
      timers_{std::make_unique<Timers>()},
      next_report_{now + options.report_interval} {}

Mesh::~Mesh() = default;

void Mesh::set_peers(const std::vector<MeshPeer>& peers, SteadyTime now) {
  std::unordered_map<AnchorId, const MeshPeer*> wanted;
  for (const MeshPeer& peer : peers) {
    if (peer.id != self_) wanted.emplace(peer.id, &peer);
  }
  std::vector<Peer*> gone;
  for (const auto& [id, peer] : peers_) {
    const auto found = wanted.find(id);
    if (found != wanted.end() && found->second->public_key == peer->peer.public_key) {
      peer->peer.address = found->second->address;  // a move keeps key and session
      wanted.erase(found);
    } else {
      gone.push_back(peer.get());
    }
  }
  for (Peer* peer : gone) remove_peer(*peer);
  if (peers_.empty())
    next_report_ = now + options_.report_interval;  // the first window begins with the first peer
  for (const auto& [id, peer] : wanted) add_peer(*peer, now);
}

void Mesh::add_peer(const MeshPeer& named, SteadyTime now) {
  if (peers_.size() >= options_.peers) {
    ++counters_.peers_refused;
    return;
  }
  const auto secret = pair_.agree(named.public_key);
  if (!secret) {
    ++counters_.peers_refused;
    return;
  }
  const MeshKeys keys = derive_mesh(
      *secret,
      {.low = self_, .high = named.id, .low_public = pair_.public_key(), .high_public = named.public_key});
  const bool we_are_low = self_ < named.id;
  auto made = std::make_unique<Peer>(named, MacKey{(we_are_low ? keys.to_high : keys.to_low).bytes()},
                                     MacKey{(we_are_low ? keys.to_low : keys.to_high).bytes()});
  Peer& peer = *made;
  peer.our_pings = we_are_low ? keys.low_pings : keys.high_pings;
  peer.their_pings = we_are_low ? keys.high_pings : keys.low_pings;
  peers_.emplace(named.id, std::move(made));
  sessions_[peer.our_pings] = {&peer, true};
  sessions_[peer.their_pings] = {&peer, false};
  // Spread over one interval, so that a restart does not make all anchors ping in step.
  ByteArray<4> drawn{};
  random_(drawn);
  const double share = static_cast<double>(ByteReader{drawn}.u32()) / 4294967296.0;
  timers_->heap.set(
      peer,
      now + Nanoseconds{static_cast<std::int64_t>(share * static_cast<double>(options_.interval.count()))});
}

void Mesh::remove_peer(Peer& peer) {
  timers_->heap.remove(peer);
  sessions_.erase(peer.our_pings);
  sessions_.erase(peer.their_pings);
  peers_.erase(AnchorId{peer.peer.id});
}

std::optional<SteadyTime> Mesh::next_deadline() const {
  if (peers_.empty()) return std::nullopt;
  return std::min(timers_->heap.next().value_or(next_report_), next_report_);
}

void Mesh::on_timer(const ClockReading& now) {
  while (Peer* peer = timers_->heap.pop_due(now.steady)) send_ping(*peer, now.steady);
  if (now.steady < next_report_) return;
  next_report_ = now.steady + options_.report_interval;
  if (!peers_.empty()) report(now.wall);
}

void Mesh::send_ping(Peer& peer, SteadyTime now) {
  const std::size_t at = peer.next_sequence % kSlots;
  settle(peer, at);
  ByteArray<20> drawn{};
  random_(drawn);
  Peer::Slot& slot = peer.slots[at];
  slot = {};
  slot.used = true;
  slot.sequence = peer.next_sequence++;
  std::copy_n(drawn.begin(), 16, slot.nonce.bytes.begin());
  const double share = 0.5 + static_cast<double>(ByteReader{Bytes{drawn}.subspan(16)}.u32()) / 4294967296.0;
  timers_->heap.set(
      peer,
      now + Nanoseconds{static_cast<std::int64_t>(share * static_cast<double>(options_.interval.count()))});
  ++peer.sent;
  ++counters_.pings_sent;
  ByteArray<Ping::kSize> buffer{};
  encode(Ping{.session = peer.our_pings, .sequence = slot.sequence, .nonce = slot.nonce, .mac = {}}, buffer);
  peer.to_peer.seal(buffer);
  const PingToken token{.session = peer.our_pings, .sequence = slot.sequence};
  outbox_.send(Path{peer.peer.address, {}}, buffer, &token);
}

Result<Done, RejectReason> Mesh::on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps) {
  const auto type = read_header(datagram);
  if (!type) return Fail{type.error()};
  if (*type == DatagramType::kPing) return on_ping(datagram, path);
  if (*type == DatagramType::kPong) return on_pong(datagram, stamps);
  return Fail{RejectReason::kUnexpectedType};
}

Result<Done, RejectReason> Mesh::on_ping(Bytes datagram, const Path& path) {
  const auto ping = parse_ping(datagram);
  if (!ping) return Fail{ping.error()};
  const auto role = sessions_.find(ping->session);
  if (role == sessions_.end()) return Fail{RejectReason::kUnknownSession};
  if (role->second.ours) return Fail{RejectReason::kUnexpectedType};
  Peer& peer = *role->second.peer;
  if (!peer.from_peer.accepts(datagram)) return Fail{RejectReason::kBadMac};
  if (!peer.answered.take(ping->sequence)) return Fail{RejectReason::kAlreadyAnswered};
  ByteArray<Pong::kSize> buffer{};
  encode(Pong{.session = ping->session,
              .sequence = ping->sequence,
              .nonce = ping->nonce,
              .residence_ns = 0,
              .mac = {}},
         buffer);
  peer.to_peer.seal(buffer);
  ++counters_.pings_answered;
  outbox_.send(path, buffer, nullptr);
  return Done{};
}

Result<Done, RejectReason> Mesh::on_pong(Bytes datagram, const ReceiveStamps& stamps) {
  const auto pong = parse_pong(datagram);
  if (!pong) return Fail{pong.error()};
  const auto role = sessions_.find(pong->session);
  if (role == sessions_.end()) return Fail{RejectReason::kUnknownSession};
  if (!role->second.ours) return Fail{RejectReason::kUnexpectedType};
  Peer& peer = *role->second.peer;
  if (!peer.from_peer.accepts(datagram)) return Fail{RejectReason::kBadMac};
  Peer::Slot& slot = peer.slots[pong->sequence % kSlots];
  if (!slot.used || !slot.handed_over || slot.sequence != pong->sequence) {
    return Fail{RejectReason::kSequenceOutOfRange};
  }
  if (slot.nonce != pong->nonce) return Fail{RejectReason::kTranscriptMismatch};
  if (slot.answered) return Fail{RejectReason::kAlreadyAnswered};
  slot.answered = true;
  slot.receive = stamps;
  ++counters_.pongs_accepted;
  return Done{};
}

void Mesh::on_sending(const PingToken& ping, const ClockReading& before) {
  const auto role = sessions_.find(ping.session);
  if (role == sessions_.end() || !role->second.ours) return;
  Peer::Slot& slot = role->second.peer->slots[ping.sequence % kSlots];
  if (!slot.used || slot.sequence != ping.sequence) return;
  slot.transmit.before = before;
  slot.handed_over = true;
}

void Mesh::on_transmitted(const PingToken& ping, const KernelTransmit& stamps) {
  const auto role = sessions_.find(ping.session);
  if (role == sessions_.end() || !role->second.ours) return;
  Peer::Slot& slot = role->second.peer->slots[ping.sequence % kSlots];
  if (!slot.used || slot.sequence != ping.sequence) return;
  if (!slot.transmit.kernel) slot.transmit.kernel = stamps.kernel;
  if (!slot.transmit.card) slot.transmit.card = stamps.card;
}

/// An answered ping becomes a sample. Only now, so that a transmit stamp that came after the pong is in it.
void Mesh::settle(Peer& peer, std::size_t at) {
  Peer::Slot& slot = peer.slots[at];
  if (!slot.used || !slot.answered) return;
  slot.used = false;
  const auto measured = measure(slot.transmit, slot.receive);
  counters_.samples.add(measured);
  if (!measured) return;
  if (peer.samples.size() >= options_.samples) return;
  const StampSource source = options_.simulated ? StampSource::kSimulated : measured->source;
  if (peer.samples.empty() || weakness(source) > weakness(peer.source)) peer.source = source;
  peer.samples.push_back(
      {measured->rtt, slot.transmit.before.steady.since_epoch, slot.receive.after.steady.since_epoch});
}

void Mesh::report(WallTime now) {
  MeshWindow window;
  window.end = now;
  for (const auto& [id, peer] : peers_) {
    for (std::size_t at = 0; at < kSlots; ++at) settle(*peer, at);
    MeshPair pair;
    pair.peer = id;
    pair.sent = peer->sent;
    pair.received = static_cast<std::uint32_t>(peer->samples.size());
    if (!peer->samples.empty()) {
      if (const auto counted = borne_out(peer->samples)) pair.rtt_min = peer->samples[*counted].rtt;
      std::sort(peer->samples.begin(), peer->samples.end(),
                [](const TimedSample& a, const TimedSample& b) { return a.rtt < b.rtt; });
      pair.rtt_median = peer->samples[(peer->samples.size() - 1) / 2].rtt;
      pair.source = peer->source;
    }
    window.pairs.push_back(pair);
    peer->sent = 0;
    peer->samples.clear();
  }
  std::sort(window.pairs.begin(), window.pairs.end(),
            [](const MeshPair& a, const MeshPair& b) { return a.peer < b.peer; });
  results_.on_mesh(std::move(window));
}

}  // namespace chiploc
