#pragma once
#include <cstdint>
#include <map>
#include <memory>

#include "agent/packet_handler.hpp"
#include "agent/seams.hpp"
#include "agent/system.hpp"

/// The ways in which the lab's agents misbehave, each a wrapper around one seam of the honest agent.
namespace chiploc {

/// How long each PONG is held back.
enum class StallLaw : std::uint8_t {
  kFixed,        ///< `least`
  kUniform,      ///< `least`, and up to `spread` more
  kExponential,  ///< `least`, and `spread` more in the mean
};
struct Stall {
  Nanoseconds least{0};
  Nanoseconds spread{0};
  StallLaw law = StallLaw::kFixed;
};
/// One draw.
[[nodiscard]] Nanoseconds stall_of(const Stall& stall, AgentRandom& random);

/// Holds every PONG back, as a host does that wants to seem further away. All else at once.
class StallingHandler final : public AgentPacketHandler {
 public:
  StallingHandler(AgentPacketHandler& honest, const Stall& stall, AgentRandom& random)
      : honest_{honest}, stall_{stall}, random_{random} {}
  void on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                   AgentOutbox& out) override;
  void on_timer(SteadyTime now, WallTime wall, AgentOutbox& out) override;
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override;

 private:
  struct Held {
    Endpoint to;
    ByteArray<Pong::kSize> pong;
  };
  class Sieve;
  static constexpr std::size_t kHeldMax = 4096;
  AgentPacketHandler& honest_;
  Stall stall_;
  AgentRandom& random_;
  std::multimap<SteadyTime, Held> held_;  ///< by when they are due
};

/// Answers each PING, and the ones after it before they were sent: a host in front of the chip that hopes to seem
/// nearer. It has the chip's answers but not the session's key, so what it makes up are the nonce and the MAC.
class EarlyHandler final : public AgentPacketHandler {
 public:
  /// `ahead`: how many PINGs to come are answered with each.
  EarlyHandler(AgentPacketHandler& honest, std::uint32_t ahead, AgentRandom& random)
      : honest_{honest}, ahead_{ahead}, random_{random} {}
  void on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                   AgentOutbox& out) override;
  void on_timer(SteadyTime now, WallTime wall, AgentOutbox& out) override {
    honest_.on_timer(now, wall, out);
  }
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override { return honest_.next_deadline(); }

 private:
  class Echo;
  AgentPacketHandler& honest_;
  std::uint32_t ahead_;
  AgentRandom& random_;
};

/// Signs statements with a key that is not the chip's, naming the chip's certificate.
class ForgingIssuer final : public StatementIssuer {
 public:
  ForgingIssuer(std::unique_ptr<Signer> forged, const Digest& certificate)
      : forged_{std::move(forged)}, issuer_{*forged_, certificate} {}
  [[nodiscard]] Result<ByteVector, KeyFault> issue(const Statement& claims) override {
    return issuer_.issue(claims);
  }

 private:
  std::unique_ptr<Signer> forged_;
  SigningIssuer issuer_;
};

/// Sends the statement of the round before. Before its first round it makes one up: same chip and key,
/// another round and nonce, the counter before; what an older recording would be.
class ReplayingIssuer final : public StatementIssuer {
 public:
  ReplayingIssuer(StatementIssuer& honest, AgentRandom& random) : honest_{honest}, random_{random} {}
  [[nodiscard]] Result<ByteVector, KeyFault> issue(const Statement& claims) override;

 private:
  StatementIssuer& honest_;
  AgentRandom& random_;
  ByteVector previous_;
};

/// Claims one residence, whatever it was: a host that hopes to have it subtracted from its distance.
class LyingResidence final : public ResidenceClock {
 public:
  explicit LyingResidence(std::uint32_t claimed_ns) : claimed_ns_{claimed_ns} {}
  [[nodiscard]] std::uint32_t residence_ns(SteadyTime) override { return claimed_ns_; }

 private:
  std::uint32_t claimed_ns_;
};

}  // namespace chiploc
