#include "server/sim/sim_agent.hpp"

#include <algorithm>

#include "proto/crypto/cose.hpp"

namespace chiploc::sim {

ResponderOptions SimAgent::usual() {
  ResponderOptions options;
  options.knock.mean_interval = std::chrono::seconds{2};
  return options;
}

SimAgent::SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip,
                   const Signer& key, const Digest& certificate, const PublicKey& coordinator,
                   std::vector<RendezvousAnchor> rendezvous, const ResponderOptions& options)
    : SimAgent{world,   network, at,     chip, key, certificate, coordinator, std::move(rendezvous),
               options, nullptr, nullptr} {}

SimAgent::SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip,
                   const Signer& key, const Digest& certificate, const PublicKey& coordinator,
                   std::vector<RendezvousAnchor> rendezvous, const ResponderOptions& options,
                   AgentParts& parts, SimAgentState& state)
    : SimAgent{world,   network, at,    chip, key, certificate, coordinator, std::move(rendezvous),
               options, &parts,  &state} {}

SimAgent::SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip,
                   const Signer& key, const Digest& certificate, const PublicKey& coordinator,
                   std::vector<RendezvousAnchor> rendezvous, const ResponderOptions& options,
                   AgentParts* parts, SimAgentState* state)
    : world_{world},
      network_{network},
      at_{at},
      key_{key},
      certificate_{certificate},
      state_{state == nullptr ? own_state_ : *state} {
  AgentParts& around = parts == nullptr ? honest_ : *parts;
  ChipIdentity identity{chip, "LAB-100", "1.2.3", {}, DebugState::kDisabledPermanently};
  responder_ = std::make_unique<Responder>(
      options, identity, std::vector<TrustedCoordinator>{{*coordinator_id_of(coordinator), coordinator}},
      std::move(rendezvous),
      Responder::Parts{key_, around.statements(*this), *this, around.residence(*this), *this, *this},
      world.now());
  handler_ = &around.handler(*responder_);
  network_.attach(at_, [this](Bytes datagram, const Endpoint& from) {
    handler_->on_datagram(datagram, from, world_.now(), world_.wall() + clock_off_, *this);
    arm();
  });
  arm();
}

SimAgent::~SimAgent() {
  network_.detach(at_);
  *alive_ = false;
}

void SimAgent::arm() {
  const auto next = handler_->next_deadline();
  if (!next || (armed_ && *armed_ <= *next && *armed_ > world_.now())) return;
  armed_ = std::max(*next, world_.now());
  world_.after(*armed_ - world_.now(), [this, alive = alive_, at = *armed_] {
    if (!*alive || armed_ != at) return;
    armed_.reset();
    handler_->on_timer(world_.now(), world_.wall() + clock_off_, *this);
    arm();
  });
}

Result<ByteVector, KeyFault> SimAgent::issue(const Statement& claims) {
  return sign_statement(claims, certificate_, key_);
}

}  // namespace chiploc::sim
