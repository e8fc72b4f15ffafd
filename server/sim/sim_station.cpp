#include "server/sim/sim_station.hpp"

#include <cassert>

#include "proto/crypto/digest.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc::sim {
namespace {
constexpr const char* kVersion = "simulated";
constexpr std::chrono::seconds kHeartbeat{5};  // UplinkOptions::heartbeat_interval
}  // namespace

SimStation::SimStation(SimWorld& world, SimNetwork& network, std::string name, const Endpoint& at,
                       const Signer& report_key, const MeshOptions& mesh, ToCoordinator to_coordinator,
                       std::shared_ptr<SimHost> host)
    : world_{world},
      name_{std::move(name)},
      id_{anchor_id_of(report_key.public_key()).value()},
      report_key_{report_key},
      to_coordinator_{std::move(to_coordinator)},
      anchor_{world, network, at, id_, ProberOptions{}, mesh, this, std::move(host)},
      commands_{anchor_.core(), [this](const v1::AnchorMessage& answer) { to_coordinator_(answer); }} {
  anchor_.settle();
  tell_knocks();
}

void SimStation::tell_knocks() {
  const KnockTally::Taken taken = anchor_.prober().take_knocks(anchor_.now());
  if (!taken.notes.empty() || taken.left_out != 0) to_coordinator_(knock_notes_message(taken));
  world_.after(kHeartbeat, [this, alive = std::weak_ptr<bool>{alive_}] {
    if (!alive.expired()) tell_knocks();
  });
}

v1::Hello SimStation::hello() {
  v1::Hello out;
  out.set_protocol_version(kProtocolVersion);
  out.set_anchor(name_);
  out.set_anchor_id(string_of(id_.bytes));
  out.set_mesh_public(string_of(anchor_.mesh().public_key().bytes));
  out.set_software_version(kVersion);
  return out;
}

void SimStation::on_command(const v1::CoordinatorMessage& command) {
  commands_.handle(command, anchor_.clock());
  anchor_.settle();
}

void SimStation::deliver(const ByteVector& bytes) {
  v1::AnchorMessage message;
  const bool parsed = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  assert(parsed);
  static_cast<void>(parsed);
  message.set_spool_id(++spool_id_);
  to_coordinator_(std::move(message));
}

void SimStation::on_report(RoundReport report) {
  deliver(report_message(report, {id_, kVersion}, report_key_).value());
}
void SimStation::on_statement(const RoundId& round, ByteVector statement) {
  deliver(statement_message(round, statement));
}
void SimStation::on_knock(KnockRecord knock) { deliver(knock_message(knock, {id_, kVersion})); }
void SimStation::on_mesh(MeshWindow window) {
  deliver(mesh_message(window, {id_, kVersion}, report_key_).value());
}

void SimStation::on_progress(const RoundProgress& progress) {
  v1::AnchorMessage message;
  v1::SessionProgress& note = *message.mutable_progress();
  note.set_round_id(string_of(progress.round.bytes));
  note.set_pings_sent(progress.pings_sent);
  note.set_pongs_received(progress.pongs_received);
  note.set_rtt_min_ns(progress.rtt_min.count());
  note.set_refusals(progress.refusals);
  note.set_refusal(progress.refusal);
  to_coordinator_(std::move(message));
}

}  // namespace chiploc::sim
