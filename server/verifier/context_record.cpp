// The context as it is stored, and read back from a disk that anybody may have held.
#include <cmath>
#include <set>

#include "proto/crypto/digest.hpp"
#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "server/verifier/context.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kIssuersMax = 8;
constexpr std::size_t kCodesMax = 1'024;
constexpr std::size_t kAreasMax = 10'000;
constexpr std::size_t kCohortMax = 256;
constexpr double kUncertaintyMaxKm = 1'000.0;
constexpr double kRadiusMaxKm = 20'100.0;

void fill(LatLon place, v1::Position& out) {
  out.set_lat_deg(place.lat_deg());
  out.set_lon_deg(place.lon_deg());
}

void fill(const std::vector<NamedArea>& areas, google::protobuf::RepeatedPtrField<v1::NamedDigest>& out) {
  for (const NamedArea& area : areas) {
    v1::NamedDigest& named = *out.Add();
    named.set_name(area.name);
    named.set_sha256(string_of(area.geojson_sha256.bytes));
  }
}

void fill_chip(const RoundContext& context, v1::RoundContext& out) {
  out.set_device_certificate(string_of(context.certificate));
  for (const ByteVector& issuer : context.issuers) out.add_device_issuers(string_of(issuer));
  out.set_certificate_standing("good");
  if (const auto& fault = context.certificate_fault) {
    out.set_certificate_standing(std::string{name_of(fault->code)});
    out.set_certificate_problem(fault->text);
  }
  if (const auto& last = context.last_accepted) {
    out.mutable_last_accepted()->set_boot_count(last->boot_count);
    out.mutable_last_accepted()->set_round_counter(last->round_counter);
  }
  if (const auto& begun = context.counters_begun) {
    out.mutable_counters_begun()->set_code(begun->code);
    out.mutable_counters_begun()->set_text(begun->text);
  }
  if (const auto& seen = context.seen_before) {
    v1::RoundContext::Sighting& sighting = *out.mutable_seen_before();
    sighting.set_round_id(string_of(seen->round.bytes));
    fill(seen->place.centre, *sighting.mutable_centre());
    sighting.set_radius_km(seen->place.radius.km());
    sighting.set_from_unix_ns(seen->from.since_epoch.count());
    sighting.set_to_unix_ns(seen->to.since_epoch.count());
  }
  out.set_explained_by(context.explained_by);
  out.set_serial(context.serial);
  out.set_licence_holder(context.licence_holder);
  out.set_site(context.cohort.site);
  for (const CohortChip& chip : context.cohort.others) {
    v1::RoundContext::CohortChip& other = *out.add_cohort();
    other.set_chip_id(string_of(chip.chip.bytes));
    for (const auto& [anchor, rtt] : chip.rtt) {
      other.add_anchor_ids(string_of(anchor.bytes));
      other.add_rtt_ns(rtt.count());
    }
  }
}

void fill(const Contact& contact, v1::RoundContext::Contact& out) {
  out.set_knocks(contact.knocks);
  out.set_wait_ns(contact.wait.count());
  out.set_limit_ns(contact.limit.count());
  out.set_knocks_every_ns(contact.every.count());
  out.set_last_knock_unix_ns(contact.last_knock.since_epoch.count());
  out.set_last_proof_unix_ns(contact.last_proof.since_epoch.count());
  out.set_rendezvous(contact.rendezvous);
}

void fill_claim(const Claim& claim, v1::RoundContext::Claim& out) {
  out.set_licence(claim.licence);
  out.set_in_force(claim.in_force);
  for (const CountryCode code : claim.licensed) out.add_licensed(code.text());
  for (const CountryCode code : claim.prohibited) out.add_prohibited(code.text());
  fill(claim.licensed_areas, *out.mutable_licensed_areas());
  fill(claim.prohibited_areas, *out.mutable_prohibited_areas());
}

void fill_anchors(const RoundContext& context, v1::RoundContext& out) {
  for (const AnchorFacts& anchor : context.anchors) {
    v1::RoundContext::Anchor& a = *out.add_anchors();
    a.set_name(anchor.name);
    a.set_id(string_of(anchor.id.bytes));
    a.set_report_key(string_of(anchor.report_key.raw_ed25519().value_or(ByteArray<32>{})));
    fill(anchor.place, *a.mutable_place());
    a.set_uncertainty_km(anchor.uncertainty.km());
    a.set_operator_name(anchor.operator_name);
    a.set_network(anchor.network);
  }
}

/// Reads one message field by field; the first fault stays.
class Reader {
 public:
  Reader(const v1::RoundContext& in, const AreaSource& areas) : in_{in}, areas_{areas} {}

  Result<RoundContext, std::string> run() {
    if (in_.format() != kFormat) fault("format", std::to_string(in_.format()) + " is not known");
    if (in_.realm() != v1::REALM_MEASURED && in_.realm() != v1::REALM_SIMULATED)
      fault("realm", "neither measured nor simulated");
    const auto coordinator = PublicKey::from_raw_ed25519(bytes_of(in_.coordinator_public()));
    if (!coordinator) fault("coordinator_public", coordinator.error().text);
    const auto certificate = Certificate::from_der(bytes_of(in_.device_certificate()));
    if (!certificate) fault("device_certificate", certificate.error().text);
    if (!fault_.empty()) return Fail{fault_};
    const auto device_key = certificate->public_key();
    if (!device_key) return Fail{"device_certificate: " + device_key.error().text};

    RoundContext out{
        .realm = static_cast<Realm>(in_.realm()), .coordinator_key = *coordinator, .device_key = *device_key};
    out.software_version = text("software_version", in_.software_version());
    out.round = id<RoundId>("round_id", in_.round_id());
    out.chip = id<ChipId>("chip_id", in_.chip_id());
    out.intent = WallTime{Nanoseconds{in_.intent_unix_ns()}};
    out.requested_by = text("requested_by", in_.requested_by());
    out.device_certificate = certificate->fingerprint();
    read_chip(out);
    read_anchors(out);
    read_claim(out.claim);
    read_digests(out);
    read_before(out);
    if (in_.has_contact()) out.contact = read_contact(in_.contact());
    if (in_.explained_by() > kExplained) fault("explained_by", "is not known");
    out.explained_by = in_.explained_by();
    out.serial = text("serial", in_.serial());
    out.licence_holder = text("licence_holder", in_.licence_holder());
    if (!fault_.empty()) return Fail{fault_};
    return out;
  }

 private:
  void fault(const std::string& field, const std::string& what) {
    if (fault_.empty()) fault_ = field + ": " + what;
  }
  std::string text(const std::string& field, const std::string& value) {
    if (value.size() > kContextTextMax) fault(field, "too long");
    return value;
  }
  template <class SomeId>
  SomeId id(const std::string& field, const std::string& bytes) {
    const auto read = SomeId::from_bytes(bytes_of(bytes));
    if (!read) fault(field, "has not " + std::to_string(SomeId::kSize) + " bytes");
    return read.value_or(SomeId{});
  }
  std::optional<LatLon> place(const std::string& field, bool there, const v1::Position& at) {
    const auto read = LatLon::from_degrees({.lat = at.lat_deg(), .lon = at.lon_deg()});
    if (!there || !read) fault(field, "is no place");
    return there ? read : std::nullopt;
  }
  Kilometers length(const std::string& field, double km, double most) {
    const bool good = std::isfinite(km) && km >= 0.0 && km <= most;
    if (!good) fault(field, "is no such length");
    return Kilometers{good ? km : 0.0};
  }

  void read_chip(RoundContext& out) {
    out.certificate = ByteVector(in_.device_certificate().begin(), in_.device_certificate().end());
    if (static_cast<std::size_t>(in_.device_issuers_size()) > kIssuersMax)
      fault("device_issuers", "too many");
    for (const std::string& issuer : in_.device_issuers()) {
      if (issuer.size() > Certificate::kSizeMax) fault("device_issuers", "too large");
      out.issuers.emplace_back(issuer.begin(), issuer.end());
    }
    const std::string problem = text("certificate_problem", in_.certificate_problem());
    if (in_.certificate_standing() == "good") {
      if (!problem.empty()) fault("certificate_problem", "of a good certificate");
      return;
    }
    const auto code = certificate_fault_of(in_.certificate_standing());
    if (!code) return fault("certificate_standing", "is not known");
    out.certificate_fault = CertificateFault{*code, problem};
  }

  void read_anchors(RoundContext& out) {
    if (static_cast<std::size_t>(in_.anchors_size()) > kAnchorsMax) return fault("anchors", "too many");
    std::set<AnchorId> known;
    for (int i = 0; i < in_.anchors_size() && fault_.empty(); ++i) {
      const v1::RoundContext::Anchor& a = in_.anchors(i);
      const std::string field = "anchors[" + std::to_string(i) + "]";
      const auto key = PublicKey::from_raw_ed25519(bytes_of(a.report_key()));
      const auto at = place(field + ".place", a.has_place(), a.place());
      const auto name = id<AnchorId>(field + ".id", a.id());
      if (!key) fault(field + ".report_key", key.error().text);
      if (!key || !at) return;
      if (anchor_id_of(*key).value() != name) fault(field + ".id", "not of its key");
      if (!known.insert(name).second) fault(field + ".id", "twice");
      out.anchors.push_back(
          {.name = text(field + ".name", a.name()),
           .id = name,
           .report_key = *key,
           .place = *at,
           .uncertainty = length(field + ".uncertainty_km", a.uncertainty_km(), kUncertaintyMaxKm),
           .operator_name = text(field + ".operator_name", a.operator_name()),
           .network = text(field + ".network", a.network())});
    }
  }

  template <class Codes>
  void read_codes(const std::string& field, const Codes& in, std::vector<CountryCode>& out) {
    if (static_cast<std::size_t>(in.size()) > kCodesMax) return fault(field, "too many");
    for (const std::string& one : in) {
      const auto code = CountryCode::from_text(one);
      if (!code || code->text() != one) return fault(field, "not a country's code");
      out.push_back(*code);
    }
  }
  template <class Areas>
  void read_areas(const std::string& field, const Areas& in, std::vector<NamedArea>& out) {
    if (static_cast<std::size_t>(in.size()) > kAreasMax) return fault(field, "too many");
    for (const v1::NamedDigest& named : in) {
      const auto digest = id<Digest>(field, named.sha256());
      if (!fault_.empty()) return;
      auto area = areas_(named.name(), digest);
      if (!area) return fault(field, "the drawing of " + text(field, named.name()) + " is not at hand");
      out.push_back({text(field, named.name()), std::move(area), digest});
    }
  }
  void read_claim(Claim& out) {
    if (!fault_.empty()) return;
    const v1::RoundContext::Claim& in = in_.claim();
    out.licence = text("claim.licence", in.licence());
    out.in_force = in.in_force();
    read_codes("claim.licensed", in.licensed(), out.licensed);
    read_codes("claim.prohibited", in.prohibited(), out.prohibited);
    read_areas("claim.licensed_areas", in.licensed_areas(), out.licensed_areas);
    read_areas("claim.prohibited_areas", in.prohibited_areas(), out.prohibited_areas);
  }

  void read_digests(RoundContext& out) {
    const auto policy = policy_from(in_.policy());
    if (!policy) return fault("policy", policy.error());
    out.policy = *policy;
    out.policy_sha256 = id<Digest>("policy_sha256", in_.policy_sha256());
    out.borders_version = text("borders_version", in_.borders_version());
    out.borders_sha256 = id<Digest>("borders_sha256", in_.borders_sha256());
    out.calibration_sha256 = id<Digest>("calibration_sha256", in_.calibration_sha256());
  }

  void read_before(RoundContext& out) {
    if (in_.has_last_accepted()) {
      out.last_accepted = CounterMark{.boot_count = in_.last_accepted().boot_count(),
                                      .round_counter = in_.last_accepted().round_counter()};
    }
    if (in_.has_counters_begun()) {
      const v1::Reason& begun = in_.counters_begun();
      out.counters_begun = Reason{text("counters_begun", begun.code()), text("counters_begun", begun.text())};
    }
    if (in_.has_seen_before()) {
      const v1::RoundContext::Sighting& seen = in_.seen_before();
      const auto round = id<RoundId>("seen_before.round_id", seen.round_id());
      const auto centre = place("seen_before.centre", seen.has_centre(), seen.centre());
      const Kilometers radius = length("seen_before.radius_km", seen.radius_km(), kRadiusMaxKm);
      if (!centre) return;
      out.seen_before = Sighting{round,
                                 {*centre, radius, 0.0},
                                 WallTime{Nanoseconds{seen.from_unix_ns()}},
                                 WallTime{Nanoseconds{seen.to_unix_ns()}},
                                 {}};
    }
    out.cohort.site = text("site", in_.site());
    if (static_cast<std::size_t>(in_.cohort_size()) > kCohortMax) return fault("cohort", "too many");
    for (const v1::RoundContext::CohortChip& chip : in_.cohort()) {
      if (chip.anchor_ids_size() != chip.rtt_ns_size()) return fault("cohort", "round trips without anchors");
      CohortChip& other = out.cohort.others.emplace_back();
      other.chip = id<ChipId>("cohort.chip_id", chip.chip_id());
      for (int i = 0; i < chip.rtt_ns_size(); ++i) {
        other.rtt.emplace_back(id<AnchorId>("cohort.anchor_ids", chip.anchor_ids(i)),
                               Nanoseconds{chip.rtt_ns(i)});
      }
    }
  }

  Contact read_contact(const v1::RoundContext::Contact& in) {
    if (in.wait_ns() < 0 || in.limit_ns() < 0 || in.knocks_every_ns() < 0)
      fault("contact", "less than no time");
    return {.knocks = in.knocks(),
            .wait = Nanoseconds{in.wait_ns()},
            .limit = Nanoseconds{in.limit_ns()},
            .every = Nanoseconds{in.knocks_every_ns()},
            .last_knock = WallTime{Nanoseconds{in.last_knock_unix_ns()}},
            .last_proof = WallTime{Nanoseconds{in.last_proof_unix_ns()}},
            .rendezvous = in.rendezvous()};
  }

  const v1::RoundContext& in_;
  const AreaSource& areas_;
  std::string fault_;
};

}  // namespace

ByteVector context_bytes(const RoundContext& context) {
  v1::RoundContext out;
  out.set_format(kFormat);
  out.set_realm(static_cast<v1::Realm>(context.realm));
  out.set_software_version(context.software_version);
  out.set_round_id(string_of(context.round.bytes));
  out.set_chip_id(string_of(context.chip.bytes));
  out.set_intent_unix_ns(context.intent.since_epoch.count());
  out.set_requested_by(context.requested_by);
  out.set_coordinator_public(string_of(context.coordinator_key.raw_ed25519().value_or(ByteArray<32>{})));
  fill_chip(context, out);
  fill_anchors(context, out);
  fill_claim(context.claim, *out.mutable_claim());
  *out.mutable_policy() = to_record(context.policy);
  out.set_policy_sha256(string_of(context.policy_sha256.bytes));
  out.set_borders_version(context.borders_version);
  out.set_borders_sha256(string_of(context.borders_sha256.bytes));
  out.set_calibration_sha256(string_of(context.calibration_sha256.bytes));
  if (context.contact) fill(*context.contact, *out.mutable_contact());
  return canonical_bytes(out);
}

Result<RoundContext, std::string> parse_context(Bytes bytes, const AreaSource& areas) {
  v1::RoundContext in;
  if (!read_canonical(bytes, kContextBytesMax, in))
    return Fail{std::string{"the context is not as this version writes it"}};
  return Reader{in, areas}.run();
}

}  // namespace chiploc
