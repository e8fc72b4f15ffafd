#pragma once
// One behaviour around a simulated agent: what chiploc-rogue-agent has around a real one.

#include <memory>

#include "agent/program.hpp"
#include "agent/rogue/behaviours.hpp"
#include "server/lab/lab_file.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc {

/// The world's dice.
class SimRandom final : public AgentRandom {
 public:
  explicit SimRandom(sim::SimWorld& world) : world_{world} {}
  void fill(MutableBytes out) override { world_.fill(out); }

 private:
  sim::SimWorld& world_;
};

/// Behaviours that are the network's (moved, relayed) or nobody's (silent) change nothing here.
class SimParts final : public AgentParts {
 public:
  /// `random` outlives it.
  SimParts(const LabChip& chip, const Digest& certificate, AgentRandom& random)
      : chip_{chip}, certificate_{certificate}, random_{random} {}

  StatementIssuer& statements(StatementIssuer& honest) override;
  ResidenceClock& residence(ResidenceClock& honest) override {
    return chip_.behaviour == Behaviour::kLying ? lying_ : honest;
  }
  AgentPacketHandler& handler(AgentPacketHandler& honest) override;

 private:
  static constexpr std::uint32_t kClaimedResidence = 50'000'000;  // ns, as chiploc-rogue-agent
  LabChip chip_;
  Digest certificate_;
  AgentRandom& random_;
  LyingResidence lying_{kClaimedResidence};
  std::unique_ptr<StatementIssuer> issuer_;
  std::unique_ptr<AgentPacketHandler> handler_;
};

}  // namespace chiploc
