#pragma once
#include <memory>
#include <vector>

#include "server/anchor/anchor_core.hpp"
#include "server/sim/sim_host.hpp"
#include "server/sim/sim_network.hpp"

namespace chiploc::sim {

/// The production anchor core on a simulated network: what UdpProber does, with a simulated clock.
class SimAnchor final : public ProbeOutbox, public ProbeResults {
 public:
  /// `results`: who takes them; nullptr: they are kept in the lists below. `host`: on which the program is started, which
  /// does not stand just then; nullptr: on a new one.
  SimAnchor(SimWorld& world, SimNetwork& network, const Endpoint& at, const AnchorId& id,
            ProberOptions options = {}, MeshOptions mesh = {}, ProbeResults* results = nullptr,
            std::shared_ptr<SimHost> host = nullptr);
  ~SimAnchor() override;
  SimAnchor(const SimAnchor&) = delete;
  SimAnchor& operator=(const SimAnchor&) = delete;

  [[nodiscard]] AnchorCore& core() { return *core_; }
  [[nodiscard]] Prober& prober() { return core_->prober(); }
  [[nodiscard]] Mesh& mesh() { return core_->mesh(); }
  [[nodiscard]] const Endpoint& endpoint() const { return at_; }
  /// The guest stops now for so long: it does nothing, and all its clocks stand still. What comes meanwhile
  /// waits at its card, and is stamped when it goes on.
  void pause(Nanoseconds length);
  /// Call after any command: sends what it made and sets the timer.
  void settle();
  /// What its monotonic clock shows.
  [[nodiscard]] SteadyTime now() const { return clock().steady; }
  [[nodiscard]] ClockReading clock() const { return host_->clock(); }
  /// Its clocks run so from now on.
  void run_clocks_at(const ClockRates& rates) { host_->run_clocks_at(rates); }
  /// Its wall clock is set by so much, now.
  void set_clock_by(Nanoseconds step) { host_->set_clock_by(step); }

  // ProbeOutbox
  void send(const Path& path, Bytes datagram, const PingToken* ping) override;
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
  void receive(Bytes datagram, const Endpoint& from);

  SimWorld& world_;
  SimNetwork& network_;
  Endpoint at_;
  std::unique_ptr<AnchorCore> core_;
  std::vector<Waiting> waiting_;
  std::shared_ptr<SimHost> host_;
  std::optional<SteadyTime> armed_;
  std::vector<std::pair<ByteVector, Endpoint>> arrived_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chiploc::sim
