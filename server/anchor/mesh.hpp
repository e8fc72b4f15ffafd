#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/crypto/session_key.hpp"
#include "proto/crypto/x25519.hpp"
#include "server/anchor/prober_types.hpp"
#include "server/anchor/timer_heap.hpp"

namespace chiploc {

struct MeshOptions {
  /// Mean time between two pings to one peer; each gap is a random factor from 0.5 to 1.5 of it.
  Nanoseconds interval = std::chrono::milliseconds{1000};
  /// How often a window is reported.
  Nanoseconds report_interval = std::chrono::milliseconds{10'000};
  /// Peers beyond this are not pinged, and counted. The coordinator's registry is the only source.
  std::size_t peers = 1024;
  /// Samples kept of one peer and window: enough for a ping every 40 ms.
  std::size_t samples = 256;
  /// Samples are marked as simulated: set by simulated worlds and nowhere else.
  bool simulated = false;
};

struct MeshPeer {
  AnchorId id;
  X25519Public public_key;
  Endpoint address;
};

struct MeshCounters {
  std::uint64_t pings_sent = 0;
  std::uint64_t pings_answered = 0;
  std::uint64_t pongs_accepted = 0;
  SampleTally samples;
  std::uint64_t peers_refused = 0;  ///< a bad key, our own id, or beyond the limit
};

/// Anchors ping each other all the time (PROTOCOL.md section 7): this end of all pairs. Sends its own pings,
/// answers its peers', and sums up each window. Owns no socket, clock or thread; one thread. State grows with
/// the peers that the coordinator names, never with what strangers send.
class Mesh {
 public:
  Mesh(const MeshOptions& options, const AnchorId& self, RandomFill random, ProbeOutbox& outbox,
       ProbeResults& results, SteadyTime now);
  ~Mesh();
  Mesh(const Mesh&) = delete;
  Mesh& operator=(const Mesh&) = delete;

  /// Our key of this process; goes into Hello.
  [[nodiscard]] const X25519Public& public_key() const { return pair_.public_key(); }
  /// The whole mesh as it stands. A peer with key and address unchanged keeps its session and its window.
  void set_peers(const std::vector<MeshPeer>& peers, SteadyTime now);
  [[nodiscard]] std::size_t peers() const { return peers_.size(); }

  /// Whether this session is one of ours: then its datagrams belong here.
  [[nodiscard]] bool owns(const SessionId& session) const { return sessions_.count(session) != 0; }
  /// A PING or PONG. Fails with kMalformed, kUnexpectedType (a PING on our own pings' session or a PONG on
  /// the other), kUnknownSession, kBadMac, kAlreadyAnswered (also: too old to tell), kSequenceOutOfRange (a
  /// pong for a ping that is no longer, or was never, waited for), kTranscriptMismatch (another nonce).
  [[nodiscard]] Result<Done, RejectReason> on_datagram(Bytes datagram, const Path& path,
                                                       const ReceiveStamps& stamps);
  void on_sending(const PingToken& ping, const ClockReading& before);
  void on_transmitted(const PingToken& ping, const KernelTransmit& stamps);
  void on_timer(const ClockReading& now);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;

  [[nodiscard]] const MeshCounters& counters() const { return counters_; }

 private:
  struct Peer;
  struct Role {  ///< what a session id stands for
    Peer* peer = nullptr;
    bool ours = false;  ///< of the pings that we send
  };
  Result<Done, RejectReason> on_ping(Bytes datagram, const Path& path);
  Result<Done, RejectReason> on_pong(Bytes datagram, const ReceiveStamps& stamps);
  void add_peer(const MeshPeer& peer, SteadyTime now);
  void remove_peer(Peer& peer);
  void send_ping(Peer& peer, SteadyTime now);
  void settle(Peer& peer, std::size_t slot);
  void report(WallTime now);

  MeshOptions options_;
  AnchorId self_;
  RandomFill random_;
  ProbeOutbox& outbox_;
  ProbeResults& results_;
  X25519Pair pair_;
  MeshCounters counters_;
  std::unordered_map<AnchorId, std::unique_ptr<Peer>> peers_;
  std::unordered_map<SessionId, Role> sessions_;
  struct Timers;
  std::unique_ptr<Timers> timers_;
  SteadyTime next_report_;
};

}  // namespace chiploc
