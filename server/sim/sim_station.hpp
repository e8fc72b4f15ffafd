#pragma once
#include <functional>
#include <memory>
#include <string>

#include "proto/v1/anchor_service.pb.h"
#include "server/anchor/commands.hpp"
#include "server/anchor/report.hpp"
#include "server/sim/sim_anchor.hpp"

namespace chiploc::sim {

/// An anchor with its line to the coordinator: the production core, commands and reports. The line loses
/// nothing, so there is no spool; what stands in its place are ids.
class SimStation final : private ProbeResults {
 public:
  using ToCoordinator = std::function<void(v1::AnchorMessage)>;

  /// `host`: as of SimAnchor.
  SimStation(SimWorld& world, SimNetwork& network, std::string name, const Endpoint& at,
             const Signer& report_key, const MeshOptions& mesh, ToCoordinator to_coordinator,
             std::shared_ptr<SimHost> host = nullptr);

  [[nodiscard]] const AnchorId& id() const { return id_; }
  [[nodiscard]] v1::Hello hello();
  void on_command(const v1::CoordinatorMessage& command);
  [[nodiscard]] const Endpoint& endpoint() const { return anchor_.endpoint(); }
  [[nodiscard]] SimAnchor& anchor() { return anchor_; }

 private:
  void on_report(RoundReport report) override;
  void on_statement(const RoundId& round, ByteVector statement) override;
  void on_knock(KnockRecord knock) override;
  void on_progress(const RoundProgress& progress) override;
  void on_mesh(MeshWindow window) override;
  /// Who knocked, as often as the program says it with its heartbeat.
  void tell_knocks();
  /// The bytes of a message, as the spool would keep them.
  void deliver(const ByteVector& message);

  SimWorld& world_;
  std::string name_;
  AnchorId id_;
  const Signer& report_key_;
  ToCoordinator to_coordinator_;
  SimAnchor anchor_;
  AnchorCommands commands_;
  std::uint64_t spool_id_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chiploc::sim
