#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/program.hpp"
#include "agent/responder.hpp"
#include "server/sim/sim_network.hpp"

namespace chiploc::sim {

/// What outlives a restart of the program, as its state file.
struct SimAgentState {
  std::uint64_t boots = 1;
  std::uint64_t rounds = 0;
};

/// The production responder on a simulated network, with its state in memory.
class SimAgent final : public AgentOutbox,
                       private AgentRandom,
                       private StateStore,
                       private StatementIssuer,
                       private ResidenceClock,
                       private ResponderObserver {
 public:
  static ResponderOptions usual();

  SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip, const Signer& key,
           const Digest& certificate, const PublicKey& coordinator,
           std::vector<RendezvousAnchor> rendezvous = {}, const ResponderOptions& options = usual());
  /// The same with parts around the honest ones, as a program has them, and a state that outlives it. Both
  /// are the caller's and outlive the agent.
  SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip, const Signer& key,
           const Digest& certificate, const PublicKey& coordinator, std::vector<RendezvousAnchor> rendezvous,
           const ResponderOptions& options, AgentParts& parts, SimAgentState& state);
  ~SimAgent() override;
  SimAgent(const SimAgent&) = delete;
  SimAgent& operator=(const SimAgent&) = delete;

  [[nodiscard]] ResponderStats stats() const { return responder_->stats(); }
  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  /// Its wall clock is so far ahead of the world's from now on.
  void set_clock_off(Nanoseconds by) { clock_off_ = by; }
  void send(const Endpoint& to, Bytes datagram) override { network_.send(at_, to, datagram); }

 private:
  SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip, const Signer& key,
           const Digest& certificate, const PublicKey& coordinator, std::vector<RendezvousAnchor> rendezvous,
           const ResponderOptions& options, AgentParts* parts, SimAgentState* state);
  void arm();
  void fill(MutableBytes out) override { world_.fill(out); }
  std::uint64_t boot_count() const override { return state_.boots; }
  std::uint64_t round_counter() const override { return state_.rounds; }
  Result<std::uint64_t, std::string> next_round_counter() override { return ++state_.rounds; }
  Result<ByteVector, KeyFault> issue(const Statement& claims) override;
  std::uint32_t residence_ns(SteadyTime) override { return 1000; }

  SimWorld& world_;
  SimNetwork& network_;
  Endpoint at_;
  const Signer& key_;
  Digest certificate_;
  Nanoseconds clock_off_{0};
  AgentParts honest_;
  SimAgentState own_state_;
  SimAgentState& state_;
  std::unique_ptr<Responder> responder_;
  AgentPacketHandler* handler_ = nullptr;  ///< the responder, or what is around it
  std::optional<SteadyTime> armed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chiploc::sim
