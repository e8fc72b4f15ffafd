#pragma once
#include <limits>

#include "proto/crypto/issue.hpp"
#include "server/verifier/calibration_record.hpp"
#include "server/verifier/replay.hpp"
#include "server/verifier/verdict_record.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::test {

/// What the anchors of a maker measure of each other, at half the speed of light in vacuum.
inline AnchorMesh mesh_of(const RoundMaker& maker) {
  std::map<AnchorId, LatLon> places;
  for (const MadeAnchor& anchor : maker.anchors) {
    places.emplace(anchor_id_of(anchor.key->public_key()).value(),
                   LatLon::from_degrees(anchor.place).value());
  }
  AnchorMesh out;
  for (const auto& [id, place] : places) {
    out.anchors.push_back(id);
    out.mesh.places.push_back(place);
    for (const auto& [other, there] : places) {
      const auto ns = std::llround(4e9 * geodesic_distance(place, there).km() / kLightInVacuum.km_s());
      out.mesh.rtt_ms.push_back(id == other ? std::numeric_limits<double>::quiet_NaN()
                                            : static_cast<double>(ns) / 1e6);
    }
  }
  return out;
}

/// Makes rounds as a coordinator stores them: with a real certificate, and everything by digest.
class StoredRoundMaker {
 public:
  explicit StoredRoundMaker(RoundMaker rounds) : maker{std::move(rounds)} {
    const WallTime from = wall_from_unix_seconds(1'700'000'000);
    const auto authority =
        CertificateAuthority::create("Maker", SignatureAlgorithm::kEd25519, from, 3650).value();
    const auto issued = authority.issue({.common_name = "chip",
                                         .organizational_unit = {},
                                         .serial_number = maker.chip.hex(),
                                         .dns_names = {},
                                         .ip_addresses = {},
                                         .from = from},
                                        maker.device_key->public_key());
    certificate =
        issued.value().der().empty() ? ByteVector{} : ByteVector(issued->der().begin(), issued->der().end());
    maker.certificate = issued->fingerprint();
    calibration = KeptLine{default_delay_model(), mesh_of(maker), {}};
  }

  NamedArea draw(const std::string& name, const std::string& geojson) {
    const Digest digest = sha256(bytes_of(geojson));
    areas[digest] = geojson;
    return {name, std::make_shared<const Area>(std::move(*Area::from_geojson(geojson).area)), digest};
  }

  [[nodiscard]] RoundContext context_of(const RoundEvidenceBytes& evidence) const {
    RoundContext out = context_for(evidence, maker.coordinator_key->public_key(), claim, policy);
    out.certificate = certificate;
    out.requested_by = "somebody";
    out.intent = WallTime{std::chrono::seconds{1'700'000'010}};
    out.seen_before = seen_before;
    out.cohort = cohort;
    out.calibration_sha256 = sha256(calibration_bytes(calibration.line, calibration.mesh, calibration.known));
    complete(out, Borders::world());
    if (edit_context) edit_context(out);
    return out;
  }

  /// Judges the evidence, and stores all that a coordinator stores.
  [[nodiscard]] StoredRound store(const RoundEvidenceBytes& made) {
    const RoundContext context = context_of(made);
    const RoundEvidence evidence = evidence_of(made);
    StoredRound out{.context = context_bytes(context)};
    for (const Ticket& ticket : evidence.tickets) {
      const auto raw = bytes_of(ticket);
      out.tickets.emplace_back(raw.begin(), raw.end());
    }
    if (evidence.close_order) {
      const auto raw = bytes_of(*evidence.close_order);
      out.close_order.assign(raw.begin(), raw.end());
    }
    for (const auto& [anchor, report] : evidence.reports) out.reports.push_back({anchor, report});
    out.statements = evidence.statements;
    out.areas = areas;
    out.calibration = calibration_bytes(calibration.line, calibration.mesh, calibration.known);
    const WallTime now = context.intent + std::chrono::seconds{9};
    const Decision decision = decide(context, evidence, Borders::world(), now);
    const auto model = learn_places(calibration.mesh, Borders::world()).model;
    Explanation explanation = explain(decision, context, Borders::world(), calibration.line,
                                      posterior_left_out ? nullptr : model.get(), calibration.known);
    explanation.posterior_left_out = posterior_left_out;
    explanation.silence = explain_silence(decision, context, evidence, heard);
    record = to_record(decision, explanation,
                       names_of(context, random_id<Id<struct MadeVerdict, 16>>().bytes, sha256(out.context)));
    out.record = record_bytes(record);
    return out;
  }

  RoundMaker maker;
  ByteVector certificate;
  Claim claim;
  Policy policy;
  KeptLine calibration;
  std::map<Digest, std::string> areas;
  std::optional<Sighting> seen_before;
  Cohort cohort;
  bool posterior_left_out = false;
  Heard heard;  ///< beside the evidence of a silent round
  std::function<void(RoundContext&)> edit_context;
  v1::VerdictRecord record;  ///< of the round stored last
};

}  // namespace chiploc::test
