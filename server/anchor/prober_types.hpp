#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"
#include "server/anchor/sample.hpp"

/// The words that the prober, the mesh and the sockets below them share.
namespace chiploc {

/// Fills with unpredictable bytes (a seeded generator in simulated worlds).
using RandomFill = std::function<void(MutableBytes)>;

/// The two ends of a datagram. `local` is the address of ours that the peer wrote to; with port 0: any socket
/// of the peer's family. A socket bound to a wildcard then answers from the address that was asked.
struct Path {
  Endpoint peer;
  Endpoint local;
};

/// Names one ping, so that the stamps of its transmission find their way back.
struct PingToken {
  SessionId session;
  std::uint32_t sequence = 0;
};

/// What the kernel said of a transmission, later.
struct KernelTransmit {
  std::optional<WallTime> kernel;
  std::optional<CardStamp> card;
  std::uint32_t interface = 0;  ///< where it was stamped; 0: not said
};

/// Takes datagrams to send, in order. The bytes are borrowed for the length of the call. `ping` marks the
/// timed ones: the sender then calls ProbeEngine::on_sending() just before the system call. Never calls back
/// inside send().
class ProbeOutbox {
 public:
  virtual ~ProbeOutbox() = default;
  virtual void send(const Path& path, Bytes datagram, const PingToken* ping) = 0;
};

/// What sockets (or a simulated world) drive: datagrams, stamps and time in. One thread.
class ProbeEngine {
 public:
  virtual ~ProbeEngine() = default;
  virtual void on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps) = 0;
  /// The ping is about to be handed to the kernel. Not called: it was never sent, and counts as lost.
  virtual void on_sending(const PingToken& ping, const ClockReading& before) = 0;
  /// The kernel's stamps of a ping; may come after its pong, or never.
  virtual void on_transmitted(const PingToken& ping, const KernelTransmit& stamps) = 0;
  /// Does what has become due. Early and late calls do no harm.
  virtual void on_timer(const ClockReading& now) = 0;
  [[nodiscard]] virtual std::optional<SteadyTime> next_deadline() const = 0;
};

struct ReportedSample {
  std::uint32_t sequence = 0;
  std::uint32_t residence_ns = 0;  ///< the chip's own word
  // CLOCK_MONOTONIC before the send call and after the receive call, counted from the session's first ping:
  // what borne_out() needs.
  Nanoseconds sent{0};
  Nanoseconds received{0};
  RoundTripSample sample;
};
/// One session as it goes into a report.
struct SessionAccount {
  X25519Public agent_public;
  ByteVector opening;  ///< the device's signature of its OPEN
  SessionId session;
  ByteVector transcript;
  std::vector<ReportedSample> samples;
  bool finished = false;
  std::uint32_t pings_sent = 0;
  std::uint32_t samples_discarded = 0;
  SampleTally tally;  ///< what became of its samples, the discarded ones too
  Endpoint peer;
};
using RejectCounts = std::array<std::uint32_t, kRejectReasonLast + 1>;  ///< by RejectReason; [0] unused
/// What an anchor saw of the chip on its way into a round. For people; anybody can send most of it.
struct RoundTrail {
  std::uint32_t knocks = 0;  ///< that were asked for a proof
  std::uint32_t proofs = 0;
  std::uint32_t proofs_refused = 0;  ///< another key, or a stale cookie
  std::uint32_t tickets_sent = 0;    ///< datagrams, of any anchor of the round
  std::uint32_t opens = 0;
  RejectCounts rejects_received{};  ///< those of the report's rejects that came from the other end
};
/// One anchor's account of one round, before it is serialised and signed.
struct RoundReport {
  RoundId round;
  ByteArray<Ticket::kSize> ticket{};
  std::vector<SessionAccount> sessions;
  WallTime reported;
  RejectCounts rejects{};
  RoundTrail trail;
};

/// A valid proof of a device key that came with a knock.
struct KnockRecord {
  ChipId chip;
  ByteVector proof;  ///< the datagram
  WallTime seen;
  Endpoint peer;
};
struct RoundProgress {
  RoundId round;
  std::uint32_t sessions = 0;
  std::uint32_t pings_sent = 0;
  std::uint32_t pongs_received = 0;
  Nanoseconds rtt_min{
      0};  ///< 0: none yet. By the bracket of the clocks: for people who watch, never evidence
  std::uint32_t refusals = 0;  ///< REJECTs that seem to be the chip's
  std::uint8_t refusal = 0;    ///< the last of them: RejectReason; 0: none
};

/// Round trips to one peer of the mesh within a window.
struct MeshPair {
  AnchorId peer;
  std::uint32_t sent = 0;
  std::uint32_t received = 0;  ///< usable samples; 0: the other figures mean nothing
  Nanoseconds rtt_min{0};      ///< the least that borne_out() lets count; 0: none
  Nanoseconds rtt_median{0};   ///< the lower one of two middle values
  StampSource source{};        ///< the weakest of the window's samples
};
struct MeshWindow {
  WallTime end;
  std::vector<MeshPair> pairs;
};

/// Takes results. Called on the prober's thread from inside its calls; must not call back into it, nor block.
class ProbeResults {
 public:
  virtual ~ProbeResults() = default;
  virtual void on_report(RoundReport report) = 0;
  virtual void on_statement(const RoundId& round, ByteVector statement) = 0;
  virtual void on_knock(KnockRecord knock) = 0;
  virtual void on_progress(const RoundProgress& progress) = 0;
  virtual void on_mesh(MeshWindow window) = 0;
};

}  // namespace chiploc
