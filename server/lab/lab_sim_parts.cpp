#include "server/lab/lab_sim_parts.hpp"

#include <utility>

#include "proto/crypto/keys.hpp"

namespace chiploc {
namespace {

StallLaw law_of(LabStallLaw law) {
  return law == LabStallLaw::kUniform       ? StallLaw::kUniform
         : law == LabStallLaw::kExponential ? StallLaw::kExponential
                                            : StallLaw::kFixed;
}

}  // namespace

StatementIssuer& SimParts::statements(StatementIssuer& honest) {
  if (chip_.behaviour == Behaviour::kForged) {
    ByteArray<32> seed{};
    random_.fill(seed);
    if (auto key = key_from_ed25519_seed(seed))
      issuer_ = std::make_unique<ForgingIssuer>(std::move(key).value(), certificate_);
  }
  if (chip_.behaviour == Behaviour::kReplaying) issuer_ = std::make_unique<ReplayingIssuer>(honest, random_);
  return issuer_ ? *issuer_ : honest;
}

AgentPacketHandler& SimParts::handler(AgentPacketHandler& honest) {
  if (chip_.behaviour == Behaviour::kStalled) {
    const Stall stall{.least = chip_.stall, .spread = chip_.stall_spread, .law = law_of(chip_.stall_law)};
    handler_ = std::make_unique<StallingHandler>(honest, stall, random_);
  }
  if (chip_.behaviour == Behaviour::kEarly)
    handler_ = std::make_unique<EarlyHandler>(honest, chip_.early_answers, random_);
  return handler_ ? *handler_ : honest;
}

}  // namespace chiploc
