#pragma once
#include <memory>
#include <vector>

#include "server/anchor/anchor_core.hpp"
#include "server/sim/sim_world.hpp"

namespace chiploc::sim {

/// The production anchor core on a simulated network: what UdpProber does, with a simulated clock.
class SimAnchor final : public ProbeOutbox, public ProbeResults {
 public:
  SimAnchor(SimWorld& world, SimNetwork& network, const Endpoint& at, const AnchorId& id,
            ProberOptions options = {}, MeshOptions mesh = {})
      : world_{world}, network_{network}, at_{at} {
    options.simulated = true;
    mesh.simulated = true;
    core_ = std::make_unique<AnchorCore>(
        options, mesh, id, [&world](MutableBytes out) { world.fill(out); }, *this, *this, world.now());
    network_.attach(at_, [this](Bytes datagram, const Endpoint& from) { receive(datagram, from); });
  }
  ~SimAnchor() override {
    network_.detach(at_);
    *alive_ = false;
  }
  SimAnchor(const SimAnchor&) = delete;
  SimAnchor& operator=(const SimAnchor&) = delete;

  [[nodiscard]] Prober& prober() { return core_->prober(); }
  [[nodiscard]] Mesh& mesh() { return core_->mesh(); }
  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  /// The guest stops now for so long: it does nothing, and all its clocks stand still. What comes meanwhile
  /// waits at its card, and is stamped when it goes on.
  void pause(Nanoseconds length) {
    stopped_at_ = now();
    world_.after(length, [this, alive = alive_, length] {
      if (!*alive) return;
      stopped_at_.reset();
      lost_ += length;
      std::vector<std::pair<ByteVector, Endpoint>> arrived;
      arrived.swap(arrived_);
      for (const auto& [datagram, from] : arrived) receive(datagram, from);
      core_->on_timer(clock());
      armed_.reset();
      settle();
    });
  }
  /// Call after any command: sends what it made and sets the timer.
  void settle() {
    if (stopped_at_) return;
    std::vector<Waiting> batch;
    batch.swap(waiting_);
    for (const Waiting& one : batch) {
      if (one.is_ping) {
        core_->on_sending(one.ping, clock());
        // The stamp comes back from the error queue a little later, or (rarely) never.
        if (world_.chance() >= stamp_loss) {
          const WallTime stamp = clock().wall;
          world_.after(std::chrono::microseconds{30}, [this, alive = alive_, ping = one.ping, stamp] {
            if (*alive) core_->on_transmitted(ping, {.kernel = stamp, .card = {}});
          });
        }
      }
      network_.send(at_, one.to, one.bytes);
    }
    const auto next = core_->next_deadline();
    if (!next || (armed_ && *armed_ <= *next && *armed_ > now())) return;
    armed_ = std::max(*next, now());
    world_.after(*armed_ - now(), [this, alive = alive_, at = *armed_] {
      if (!*alive || armed_ != at || stopped_at_) return;
      armed_.reset();
      core_->on_timer(clock());
      settle();
    });
  }
  [[nodiscard]] SteadyTime now() const { return stopped_at_.value_or(world_.now() - lost_); }
  [[nodiscard]] ClockReading clock() const {
    return {now(), world_.wall() - (world_.now() - now()), RawTime{now().since_epoch}};
  }

  // ProbeOutbox
  void send(const Path& path, Bytes datagram, const PingToken* ping) override {
    waiting_.push_back({path.peer, ByteVector(datagram.begin(), datagram.end()), ping != nullptr,
                        ping != nullptr ? *ping : PingToken{}});
  }
  // ProbeResults
  void on_report(RoundReport report) override { reports.push_back(std::move(report)); }
  void on_statement(const RoundId&, ByteVector statement) override {
    statements.push_back(std::move(statement));
  }
  void on_knock(KnockRecord knock) override { knocks.push_back(std::move(knock)); }
  void on_progress(const RoundProgress& note) override { progress.push_back(note); }
  void on_mesh(MeshWindow window) override { windows.push_back(std::move(window)); }

  std::vector<RoundReport> reports;
  std::vector<ByteVector> statements;
  std::vector<KnockRecord> knocks;
  std::vector<RoundProgress> progress;
  std::vector<MeshWindow> windows;
  double stamp_loss = 0;

 private:
  struct Waiting {
    Endpoint to;
    ByteVector bytes;
    bool is_ping;
    PingToken ping;
  };
  void receive(Bytes datagram, const Endpoint& from) {
    if (stopped_at_) {
      arrived_.emplace_back(ByteVector(datagram.begin(), datagram.end()), from);
      return;
    }
    core_->on_datagram(datagram, Path{from, at_}, {.after = clock(), .kernel = clock().wall, .card = {}});
    settle();
  }

  SimWorld& world_;
  SimNetwork& network_;
  Endpoint at_;
  std::unique_ptr<AnchorCore> core_;
  std::vector<Waiting> waiting_;
  std::optional<SteadyTime> armed_;
  std::optional<SteadyTime> stopped_at_;  ///< paused; what its clocks show
  Nanoseconds lost_{0};                   ///< by its clocks, to pauses
  std::vector<std::pair<ByteVector, Endpoint>> arrived_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chiploc::sim
