#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/responder.hpp"
#include "server/sim/sim_network.hpp"

namespace chiploc::sim {

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
  ~SimAgent() override;
  SimAgent(const SimAgent&) = delete;
  SimAgent& operator=(const SimAgent&) = delete;

  [[nodiscard]] ResponderStats stats() const { return responder_->stats(); }
  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  void send(const Endpoint& to, Bytes datagram) override { network_.send(at_, to, datagram); }

 private:
  void arm();
  void fill(MutableBytes out) override { world_.fill(out); }
  std::uint64_t boot_count() const override { return 1; }
  std::uint64_t round_counter() const override { return counter_; }
  Result<std::uint64_t, std::string> next_round_counter() override { return ++counter_; }
  Result<ByteVector, KeyFault> issue(const Statement& claims) override;
  std::uint32_t residence_ns(SteadyTime) override { return 1000; }

  SimWorld& world_;
  SimNetwork& network_;
  Endpoint at_;
  const Signer& key_;
  Digest certificate_;
  std::uint64_t counter_ = 0;
  std::unique_ptr<Responder> responder_;
  std::optional<SteadyTime> armed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chiploc::sim
