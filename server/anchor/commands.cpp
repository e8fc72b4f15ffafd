#include "server/anchor/commands.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

/// A round's key is kept between these, whatever the two clocks say: PREPARE's end is by the coordinator's
/// wall clock, and one that runs an hour apart from ours must neither end a round under way nor keep its key
/// for ever. The lower one covers the longest deadline that a person may ask for, and a chip's knock that is
/// waited for; Release comes sooner as a rule.
constexpr Nanoseconds kExpiryMax = std::chrono::hours{1};
constexpr Nanoseconds kExpiryMin = std::chrono::minutes{11};

std::string sentence_for(CommandFault fault, std::size_t rounds) {
  switch (fault) {
    case CommandFault::kTooManyRounds:
      return std::to_string(rounds) + " rounds in flight, the limit";
    case CommandFault::kUnknownRound:
      return "unknown round: never prepared here, released, or prepared before a restart";
    case CommandFault::kMalformed:
      return "a ticket or order that does not parse";
    case CommandFault::kNotForMe:
      return "names another anchor, chip or key than was prepared";
    case CommandFault::kOtherTicket:
      return "the round has another ticket already";
    case CommandFault::kNoSession:
      return "no session of this round is finished here";
    case CommandFault::kTooManyPending:
      return "the table of pending chips is full";
  }
  return "unknown";
}

Nanoseconds milliseconds_of(std::uint32_t ms) { return std::chrono::milliseconds{ms}; }

}  // namespace

void AnchorCommands::cannot(const std::string& round, const std::string& what, const std::string& reason) {
  spdlog::warn("command.refused command={} round={} reason=\"{}\"", what,
               log_text(to_hex(bytes_of(round)), 32), log_text(reason));
  if (what != "prepare" && what != "assign") return;
  v1::AnchorMessage message;
  message.mutable_cannot_prepare()->set_round_id(round);
  message.mutable_cannot_prepare()->set_reason(reason);
  reply_(message);
}

void AnchorCommands::handle(const v1::CoordinatorMessage& command, const ClockReading& now) {
  Prober& prober = core_.prober();
  const auto fault = [&](CommandFault f) { return sentence_for(f, prober.rounds_in_flight()); };
  switch (command.body_case()) {
    case v1::CoordinatorMessage::kPrepare: {
      const v1::Prepare& prepare = command.prepare();
      const auto round = RoundId::from_bytes(bytes_of(prepare.round_id()));
      const auto chip = ChipId::from_bytes(bytes_of(prepare.chip_id()));
      if (!round || !chip) return cannot(prepare.round_id(), "prepare", "round or chip id is not 16 bytes");
      // Brought into range before anything is taken off: any 64 bits may stand there.
      const Nanoseconds wall = now.wall.since_epoch;
      const Nanoseconds left =
          std::clamp(Nanoseconds{prepare.expires_unix_ns()}, wall + kExpiryMin, wall + kExpiryMax) - wall;
      const auto made = prober.prepare(*round, *chip, now.steady + left);
      if (!made) return cannot(prepare.round_id(), "prepare", fault(made.error()));
      v1::AnchorMessage message;
      message.mutable_prepared()->set_round_id(prepare.round_id());
      message.mutable_prepared()->set_anchor_public(string_of(made->bytes));
      return reply_(message);
    }
    case v1::CoordinatorMessage::kAssign: {
      const v1::Assign& assign = command.assign();
      const auto ticket = parse_ticket(bytes_of(assign.ticket()));
      const std::string round = ticket ? string_of(ticket->round.bytes) : std::string{};
      Assignment assignment;
      assignment.ticket = bytes_of(assign.ticket());
      if (!assign.inbound_address().empty()) {
        assignment.inbound = endpoint_from_text(assign.inbound_address());
        if (!assignment.inbound || assignment.inbound->port == 0) {
          return cannot(round, "assign",
                        "inbound address \"" + assign.inbound_address() + "\" is no address and port");
        }
      }
      if (assign.ping_interval_ms() != 0)
        assignment.ping_interval = milliseconds_of(assign.ping_interval_ms());
      if (assign.deadline_ms() != 0) assignment.deadline = milliseconds_of(assign.deadline_ms());
      assignment.linger = milliseconds_of(assign.linger_ms());
      const auto key = PublicKey::from_spki_der(bytes_of(assign.chip_public()));
      if (!key) return cannot(round, "assign", "chip_public: " + key.error().text);
      assignment.chip_key = *key;
      const auto done = prober.assign(assignment, now.steady);
      if (!done) cannot(round, "assign", fault(done.error()));
      return;
    }
    case v1::CoordinatorMessage::kPending: {
      const v1::Pending& pending = command.pending();
      const auto round = RoundId::from_bytes(bytes_of(pending.round_id()));
      const auto chip = ChipId::from_bytes(bytes_of(pending.chip_id()));
      const auto key = PublicKey::from_spki_der(bytes_of(pending.chip_public()));
      if (!round || !chip) return cannot(pending.round_id(), "pending", "round or chip id is not 16 bytes");
      if (!key) return cannot(pending.round_id(), "pending", "chip_public: " + key.error().text);
      std::vector<Bytes> tickets;
      for (const std::string& ticket : pending.tickets()) tickets.push_back(bytes_of(ticket));
      const Nanoseconds lifetime = std::min(milliseconds_of(pending.lifetime_ms()), kExpiryMax);
      const auto done = prober.pend(*round, *chip, *key, tickets, now.steady + lifetime);
      if (!done) cannot(pending.round_id(), "pending", fault(done.error()));
      return;
    }
    case v1::CoordinatorMessage::kUnpend:
      if (const auto round = RoundId::from_bytes(bytes_of(command.unpend().round_id())))
        prober.unpend(*round);
      return;
    case v1::CoordinatorMessage::kClose: {
      const v1::CloseRequest& close = command.close();
      const auto round = RoundId::from_bytes(bytes_of(close.round_id()));
      if (!round) return cannot(close.round_id(), "close", "round id is not 16 bytes");
      const auto done = prober.close(*round, bytes_of(close.order()),
                                     now.steady + milliseconds_of(close.deadline_ms()), now.steady);
      if (!done) cannot(close.round_id(), "close", fault(done.error()));
      return;
    }
    case v1::CoordinatorMessage::kRelease:
      if (const auto round = RoundId::from_bytes(bytes_of(command.release().round_id()))) {
        prober.unpend(*round);
        prober.release(*round);
      }
      return;
    case v1::CoordinatorMessage::kPeers: {
      std::vector<MeshPeer> peers;
      for (const v1::Peer& peer : command.peers().peers()) {
        const auto id = AnchorId::from_bytes(bytes_of(peer.anchor_id()));
        const auto key = X25519Public::from_bytes(bytes_of(peer.mesh_public()));
        const auto address = endpoint_from_text(peer.address());
        if (!id || !key || !address || address->port == 0) {
          spdlog::warn("mesh.peer_refused anchor={} address=\"{}\"", log_text(peer.anchor()),
                       log_text(peer.address()));
          continue;
        }
        peers.push_back({*id, *key, *address});
      }
      core_.mesh().set_peers(peers, now.steady);
      spdlog::info("mesh.peers count={}", core_.mesh().peers());
      return;
    }
    case v1::CoordinatorMessage::kWelcome:
    case v1::CoordinatorMessage::kAcknowledge:
    case v1::CoordinatorMessage::BODY_NOT_SET:
      break;
  }
  spdlog::debug("command.ignored kind={}", static_cast<int>(command.body_case()));
}

}  // namespace chiploc
