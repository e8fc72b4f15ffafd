#pragma once
// What a real anchor would answer to each message of a coordinator, with real keys.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proto/v1/anchor_service.pb.h"
#include "tests/support/catch.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::test {

/// The one chip that all anchors of a bench measure: what it signs, and what it counts.
struct ScriptedChip {
  std::map<std::uint8_t, Digest> digests;  ///< of this round's transcripts, by anchor index
  std::uint64_t counter = 0;
};

class AnchorScript {
 public:
  AnchorScript(RoundMaker& world, ScriptedChip& chip, std::size_t index)
      : world_{world}, chip_{chip}, index_{index} {}

  bool chip_answers = true;
  int made_up_statements = 0;  ///< sent in place of the chip's

  [[nodiscard]] v1::Hello hello(std::uint32_t version) const {
    v1::Hello out;
    out.set_protocol_version(version);
    out.set_anchor(world_.anchors[index_].name);
    out.set_anchor_id(id_of(index_));
    out.set_mesh_public(std::string(32, 'm'));
    return out;
  }

  [[nodiscard]] std::vector<v1::AnchorMessage> answers(const v1::CoordinatorMessage& message) {
    if (message.has_prepare()) return {prepared(message.prepare())};
    if (message.has_assign()) {
      // The same ticket again is the word of an earlier deadline; what is reported is reported.
      const bool again = std::exchange(assigned_, message.assign().ticket()) == message.assign().ticket();
      if (again || !chip_answers) return {};
      return {report(message.assign())};
    }
    if (message.has_close()) return statements(message.close());
    return {};
  }

  /// A window of its mesh: the least round trip to each of some others.
  [[nodiscard]] v1::AnchorMessage mesh(const std::vector<std::pair<std::size_t, Nanoseconds>>& round_trips) {
    v1::MeshBody body;
    body.set_anchor_id(id_of(index_));
    body.set_window_end_unix_ns(1);
    for (const auto& [peer, rtt] : round_trips) {
      v1::MeshBody::Pair& pair = *body.add_pairs();
      pair.set_peer_id(id_of(peer));
      pair.set_sent(2);
      pair.set_received(2);
      pair.set_rtt_min_ns(rtt.count());
      pair.set_rtt_median_ns(rtt.count());
    }
    v1::AnchorMessage message = spooled();
    const std::string raw = body.SerializeAsString();
    message.mutable_mesh()->set_body(raw);
    message.mutable_mesh()->set_signature(
        string_of(sign_mesh_report(bytes_of(raw), *world_.anchors[index_].key).value().bytes));
    return message;
  }

  [[nodiscard]] v1::AnchorMessage report(const v1::Assign& assign) {
    const Ticket ticket = parse_ticket(bytes_of(assign.ticket())).value();
    if (world_.round != ticket.round) chip_.digests.clear();
    world_.round = ticket.round;
    const v1::SessionReport session =
        world_.make_session(ticket, world_.rtt_to(world_.anchors[index_], world_.chip_place));
    chip_.digests[ticket.anchor_index] = sha256(bytes_of(session.transcript()));
    v1::AnchorMessage message = spooled();
    const ByteVector raw = world_.sign_report_of(index_, ticket, {session});
    REQUIRE(message.mutable_report()->ParseFromArray(raw.data(), static_cast<int>(raw.size())));
    return message;
  }

 private:
  [[nodiscard]] std::string id_of(std::size_t index) const {
    return string_of(anchor_id_of(world_.anchors[index].key->public_key()).value().bytes);
  }
  [[nodiscard]] v1::AnchorMessage spooled() {
    v1::AnchorMessage message;
    message.set_spool_id(++spool_id_);
    return message;
  }

  [[nodiscard]] static v1::AnchorMessage prepared(const v1::Prepare& prepare) {
    v1::AnchorMessage message;
    message.mutable_prepared()->set_round_id(prepare.round_id());
    message.mutable_prepared()->set_anchor_public(string_of(random_id<X25519Public>().bytes));
    return message;
  }

  [[nodiscard]] std::vector<v1::AnchorMessage> statements(const v1::CloseRequest& request) {
    std::vector<v1::AnchorMessage> out;
    for (int i = 0; i < made_up_statements; ++i)
      out.push_back(carry(request.round_id(), "made up " + std::to_string(i)));
    if (made_up_statements > 0) return out;
    const CloseOrder order = parse_close_order(bytes_of(request.order())).value();
    RoundEvidenceBytes facts{.round = order.round,
                             .chip = order.chip,
                             .coordinator = order.coordinator,
                             .device_key = world_.device_key->public_key(),
                             .device_certificate = world_.certificate,
                             .tickets = {},
                             .close_order = order,
                             .reports = {},
                             .statements = {},
                             .last_accepted = {},
                             .fault_budget = 1};
    Statement statement = world_.blank_statement(facts);
    statement.round_counter = ++chip_.counter;
    for (const auto& [index, digest] : chip_.digests) statement.transcripts.push_back({index, digest});
    out.push_back(
        carry(request.round_id(),
              string_of(sign_statement(statement, world_.certificate, *world_.device_key).value())));
    return out;
  }

  [[nodiscard]] v1::AnchorMessage carry(const std::string& round, const std::string& statement) {
    v1::AnchorMessage message = spooled();
    message.mutable_statement()->set_round_id(round);
    message.mutable_statement()->set_statement(statement);
    return message;
  }

  RoundMaker& world_;
  ScriptedChip& chip_;
  std::size_t index_;
  std::uint64_t spool_id_ = 0;
  std::string assigned_;
};

}  // namespace chiploc::test
