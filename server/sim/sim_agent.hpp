#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/responder.hpp"
#include "proto/crypto/cose.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

/// The production responder on a simulated network, with its state in memory.
class SimAgent final : public AgentOutbox,
                       private AgentRandom,
                       private StateStore,
                       private StatementIssuer,
                       private ResidenceClock,
                       private ResponderObserver {
 public:
  SimAgent(SimWorld& world, SimNetwork& network, const Endpoint& at, const ChipId& chip, const Signer& key,
           const Digest& certificate, const PublicKey& coordinator,
           std::vector<RendezvousAnchor> rendezvous = {})
      : world_{world}, network_{network}, at_{at}, key_{key}, certificate_{certificate} {
    ResponderOptions options;
    options.knock.mean_interval = std::chrono::seconds{2};
    ChipIdentity identity{chip, "LAB-100", "1.2.3", {}, DebugState::kDisabledPermanently};
    responder_ = std::make_unique<Responder>(
        options, identity, std::vector<TrustedCoordinator>{{*coordinator_id_of(coordinator), coordinator}},
        std::move(rendezvous), Responder::Parts{key_, *this, *this, *this, *this, *this}, world.now());
    network_.attach(at_, [this](Bytes datagram, const Endpoint& from) {
      responder_->on_datagram(datagram, from, world_.now(), world_.wall(), *this);
      arm();
    });
    arm();
  }
  ~SimAgent() override {
    network_.detach(at_);
    *alive_ = false;
  }
  SimAgent(const SimAgent&) = delete;
  SimAgent& operator=(const SimAgent&) = delete;

  [[nodiscard]] ResponderStats stats() const { return responder_->stats(); }
  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  void send(const Endpoint& to, Bytes datagram) override { network_.send(at_, to, datagram); }

 private:
  void arm() {
    const auto next = responder_->next_deadline();
    if (!next || (armed_ && *armed_ <= *next && *armed_ > world_.now())) return;
    armed_ = std::max(*next, world_.now());
    world_.after(*armed_ - world_.now(), [this, alive = alive_, at = *armed_] {
      if (!*alive || armed_ != at) return;
      armed_.reset();
      responder_->on_timer(world_.now(), world_.wall(), *this);
      arm();
    });
  }
  void fill(MutableBytes out) override { world_.fill(out); }
  std::uint64_t boot_count() const override { return 1; }
  std::uint64_t round_counter() const override { return counter_; }
  Result<std::uint64_t, std::string> next_round_counter() override { return ++counter_; }
  Result<ByteVector, KeyFault> issue(const Statement& claims) override {
    return sign_statement(claims, certificate_, key_);
  }
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
