#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "geo/geodesic.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/v1/evidence.pb.h"
#include "proto/wire/transcript.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc::test {

struct MadeAnchor {
  std::string name;
  Degrees place;
  std::string operator_name;
  std::string network;
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  Kilometers uncertainty{0.0};
};

/// Makes the evidence of whole rounds with real keys, signatures and transcripts, and lets a test spoil any
/// step of it. Round trips are those of light in vacuum over `path_factor` times the geodesic, plus `extra`.
class RoundMaker {
 public:
  std::unique_ptr<SoftwareKey> coordinator_key = generate_key(SignatureAlgorithm::kEd25519);
  std::unique_ptr<SoftwareKey> device_key;
  Digest certificate = random_id<Digest>();
  ChipId chip = random_id<ChipId>();
  RoundId round = random_id<RoundId>();
  std::vector<MadeAnchor> anchors;
  std::uint64_t round_counter = 1;
  std::uint64_t boot_count = 1;
  double path_factor = 1.05;
  Nanoseconds extra{20'000};

  // Where a test steps in.
  std::function<void(std::size_t anchor, v1::SessionReport&)> spoil_session;
  std::function<void(std::size_t anchor, v1::ReportBody&)> spoil_report;
  std::function<void(Statement&)> spoil_statement;

  explicit RoundMaker(SignatureAlgorithm algorithm = SignatureAlgorithm::kEd25519)
      : device_key{generate_key(algorithm)} {}

  void add_anchor(std::string name, Degrees place, std::string operator_name = "", std::string network = "") {
    MadeAnchor anchor;
    anchor.name = name;
    anchor.place = place;
    anchor.operator_name = operator_name.empty() ? "op-" + name : operator_name;
    anchor.network = network.empty() ? "net-" + name : network;
    anchors.push_back(std::move(anchor));
  }

  [[nodiscard]] Nanoseconds rtt_to(const MadeAnchor& anchor, Degrees place) const {
    const Kilometers way =
        geodesic_distance(LatLon::from_degrees(anchor.place).value(), LatLon::from_degrees(place).value());
    const double seconds = 2.0 * way.km() * path_factor / kLightInVacuum.km_s();
    return extra + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>{seconds});
  }

  /// Where the chip of ScriptedAnchor answers from.
  Degrees chip_place{.lat = 50.11, .lon = 8.68};

  /// A whole honest round of the chip at `place`, or what the spoilers make of it.
  [[nodiscard]] RoundEvidenceBytes make(Degrees place) {
    RoundEvidenceBytes out{.round = round,
                           .chip = chip,
                           .coordinator = coordinator_id_of(coordinator_key->public_key()).value(),
                           .device_key = device_key->public_key(),
                           .device_certificate = certificate,
                           .tickets = {},
                           .close_order = CloseOrder{},
                           .reports = {},
                           .statements = {},
                           .last_accepted = std::nullopt,
                           .fault_budget = 1};
    out.close_order->coordinator = out.coordinator;
    out.close_order->round = round;
    out.close_order->chip = chip;
    out.close_order->nonce = random_id<Nonce>();
    Statement statement = blank_statement(out);
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      out.tickets.push_back(issue(i, out));
      v1::SessionReport session = make_session(out.tickets.back().ticket, rtt_to(anchors[i], place));
      statement.transcripts.push_back({static_cast<std::uint8_t>(i), sha256(bytes_of(session.transcript()))});
      if (spoil_session) spoil_session(i, session);
      out.reports.emplace_back(out.tickets.back().anchor.id,
                               sign_report_of(i, out.tickets.back().ticket, {session}));
      out.close_order->mask |= std::uint64_t{1} << i;
    }
    REQUIRE(sign(*out.close_order, *coordinator_key).has_value());
    if (spoil_statement) spoil_statement(statement);
    out.statements.push_back(sign_statement(statement, certificate, *device_key).value());
    return out;
  }

  [[nodiscard]] Statement blank_statement(const RoundEvidenceBytes& evidence) const {
    Statement s;
    s.issued_at = 1'700'000'000;
    s.nonce = evidence.close_order->nonce;
    s.chip = chip;
    s.hardware_model = "TEST-1";
    s.firmware_version = "1.0";
    s.debug_state = DebugState::kDisabledPermanently;
    s.boot_count = boot_count;
    s.round = round;
    s.round_counter = round_counter;
    s.coordinator = evidence.coordinator;
    return s;
  }

  [[nodiscard]] v1::SessionReport make_session(const Ticket& ticket, Nanoseconds rtt) const {
    const auto agent_public = random_id<X25519Public>();
    const auto session = random_id<SessionId>();
    Transcript transcript{ticket_digest(ticket), agent_public, session};
    v1::SessionReport out;
    for (std::uint32_t i = 0; i < ticket.ping_count; ++i) {
      transcript.add(i, {random_id<Nonce>(), 1000, random_id<Mac>()});
      v1::Sample& sample = *out.add_samples();
      sample.set_sequence(i);
      // Two of each length, each sent after the answer to the one before: the first two bear each other out.
      const Nanoseconds took = rtt + Nanoseconds{i / 2 * 10'000};
      const Nanoseconds sent = i * (rtt + std::chrono::milliseconds{1});
      sample.set_rtt_ns(took.count());
      sample.set_bracket_ns(took.count() + 5'000);
      sample.set_sent_ns(sent.count());
      sample.set_received_ns((sent + took).count() + 5'000);
      sample.set_source(v1::STAMP_SOURCE_KERNEL_BOTH);
    }
    ByteArray<Transcript::kSizeMax> buffer{};
    out.set_transcript(string_of(transcript.write(transcript.present(), buffer)));
    out.set_agent_public(string_of(agent_public.bytes));
    const auto opening = sign(OpeningClaim::of(ticket, agent_public), *device_key).value();
    out.set_opening(string_of(Bytes{opening.bytes}.first(opening.size)));
    out.set_session_id(string_of(session.bytes));
    out.set_finished(true);
    out.set_pings_sent(ticket.ping_count);
    return out;
  }

  [[nodiscard]] ByteVector sign_report_of(std::size_t index, const Ticket& ticket,
                                          const std::vector<v1::SessionReport>& sessions) {
    v1::ReportBody body;
    body.set_round_id(string_of(round.bytes));
    body.set_anchor_id(string_of(ticket.anchor.bytes));
    body.set_ticket(string_of(bytes_of(ticket)));
    for (const auto& session : sessions) *body.add_sessions() = session;
    if (spoil_report) spoil_report(index, body);
    v1::SignedReport envelope;
    envelope.set_body(body.SerializeAsString());
    const auto signature = sign_report(bytes_of(envelope.body()), *anchors[index].key);
    envelope.set_signature(string_of(signature.value().bytes));
    const std::string raw = envelope.SerializeAsString();
    return {raw.begin(), raw.end()};
  }

 private:
  [[nodiscard]] IssuedTicket issue(std::size_t index, const RoundEvidenceBytes& evidence) const {
    const MadeAnchor& anchor = anchors[index];
    IssuedTicket out{.ticket = {},
                     .anchor = {.name = anchor.name,
                                .id = anchor_id_of(anchor.key->public_key()).value(),
                                .report_key = anchor.key->public_key(),
                                .place = LatLon::from_degrees(anchor.place).value(),
                                .uncertainty = anchor.uncertainty,
                                .operator_name = anchor.operator_name,
                                .network = anchor.network}};
    Ticket& ticket = out.ticket;
    ticket.coordinator = evidence.coordinator;
    ticket.round = round;
    ticket.chip = chip;
    ticket.anchor = out.anchor.id;
    ticket.anchor_index = static_cast<std::uint8_t>(index);
    ticket.anchor_count = static_cast<std::uint8_t>(anchors.size());
    ticket.ping_count = 12;
    ticket.anchor_endpoint.address = {192, 0, 2, static_cast<std::uint8_t>(index)};
    ticket.anchor_endpoint.port = 7411;
    ticket.anchor_public = random_id<X25519Public>();
    ticket.nonce = random_id<Nonce>();
    ticket.not_before = 1'700'000'000;
    ticket.not_after = 1'700'000'120;
    REQUIRE(sign(ticket, *coordinator_key).has_value());
    return out;
  }
};

inline constexpr Degrees kFrankfurt{.lat = 50.11, .lon = 8.68};
/// Anchors all around Frankfurt: a chip there is within all their disks.
inline RoundMaker four_anchors(SignatureAlgorithm algorithm = SignatureAlgorithm::kEd25519) {
  RoundMaker maker{algorithm};
  maker.add_anchor("ber", {.lat = 52.52, .lon = 13.40});
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("zrh", {.lat = 47.37, .lon = 8.54});
  return maker;
}

}  // namespace chiploc::test
