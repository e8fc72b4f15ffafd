#include "server/verifier/context.hpp"

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::context_test {
namespace {

using test::StoredRoundMaker;

const char* const kSquare = R"({"type":"Polygon","coordinates":[[[8,50],[9,50],[9,51],[8,51],[8,50]]]})";

/// A context with something in every field.
struct Full {
  StoredRoundMaker made{test::four_anchors()};
  RoundEvidenceBytes evidence = made.maker.make(test::kFrankfurt);
  RoundContext context = make();

  RoundContext make() {
    made.claim = {.licence = "L-1",
                  .licensed = {CountryCode::from_text("DE").value()},
                  .prohibited = {CountryCode::from_text("KP").value()}};
    made.claim.licensed_areas.push_back(made.draw("campus", kSquare));
    made.claim.prohibited_areas.push_back(made.draw("zone", kSquare));
    evidence.last_accepted = CounterMark{.boot_count = 1, .round_counter = 0};
    evidence.counters_begun = Reason{"counters_new_key", "It has a new key."};
    evidence.certificate_fault = CertificateFault{CertificateFault::Code::kCrlStale, "it is old"};
    RoundContext out = made.context_of(evidence);
    out.issuers = {{1, 2, 3}};
    out.serial = "SN-7";
    out.licence_holder = "Example Ltd";
    out.anchors[1].uncertainty = Kilometers{0.1};
    out.seen_before = Sighting{random_id<RoundId>(),
                               {out.anchors[0].place, Kilometers{1.0 / 3.0}, 0.0},
                               WallTime{Nanoseconds{5}},
                               WallTime{Nanoseconds{7}},
                               {}};
    out.cohort = {"campus", {{random_id<ChipId>(), {{out.anchors[0].id, Nanoseconds{1'000'001}}}}}};
    out.contact = Contact{.knocks = true,
                          .wait = Nanoseconds{61'000'000'001},
                          .limit = Nanoseconds{180'000'000'000},
                          .every = Nanoseconds{25'000'000'000},
                          .last_knock = WallTime{Nanoseconds{11}},
                          .last_proof = WallTime{Nanoseconds{12}},
                          .rendezvous = 2};
    return out;
  }
  [[nodiscard]] AreaSource areas() const {
    return [this](const std::string&, const Digest& digest) -> std::shared_ptr<const Area> {
      const auto found = made.areas.find(digest);
      if (found == made.areas.end()) return nullptr;
      return std::make_shared<const Area>(std::move(*Area::from_geojson(found->second).area));
    };
  }
  [[nodiscard]] v1::RoundContext message() const {
    v1::RoundContext out;
    const ByteVector bytes = context_bytes(context);
    REQUIRE(out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return out;
  }
};

TEST_CASE("context: what is written is read, every field of it, and written again to the byte") {
  const Full full;
  const v1::RoundContext message = full.message();
  const auto* descriptor = v1::RoundContext::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    INFO(field->name());
    const auto* reflection = message.GetReflection();
    CHECK((field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                : reflection->HasField(message, field)));
  }
  const ByteVector bytes = context_bytes(full.context);
  const auto read = parse_context(bytes, full.areas());
  INFO((read ? "" : read.error()));
  REQUIRE(read);
  CHECK(context_bytes(*read) == bytes);
  CHECK(read->device_key == full.context.device_key);
  CHECK(read->device_certificate == full.made.maker.certificate);
  CHECK(read->policy == full.context.policy);
  CHECK(read->anchors[1].uncertainty.km() == 0.1);
  CHECK(read->seen_before->place.radius.km() == 1.0 / 3.0);
  CHECK(
      read->claim.licensed_areas[0].area->contains(LatLon::from_degrees({.lat = 50.5, .lon = 8.5}).value()));
  CHECK(read->cohort == full.context.cohort);
  CHECK(read->contact == full.context.contact);
  CHECK(read->explained_by == kExplained);
  CHECK(read->serial == "SN-7");
  CHECK(read->licence_holder == "Example Ltd");
  // It decides as the one that was written.
  const RoundEvidence evidence = test::evidence_of(full.evidence);
  const auto state = [&](const RoundContext& c) { return decide(c, evidence, Borders::world(), {}).finding; };
  CHECK(state(*read).reasons == state(full.context).reasons);
}

TEST_CASE("context: each thing that is not right is named") {
  const Full full;
  const auto fault_after = [&full](const std::function<void(v1::RoundContext&)>& change) {
    v1::RoundContext message = full.message();
    change(message);
    const auto read = parse_context(canonical_bytes(message), full.areas());
    return read ? std::string{"none"} : read.error();
  };
  using M = v1::RoundContext;
  CHECK(fault_after([](M&) {}) == "none");
  const std::vector<std::pair<std::string, std::function<void(M&)>>> cases{
      {"format", [](M& m) { m.set_format(0); }},
      {"contact", [](M& m) { m.mutable_contact()->set_wait_ns(-1); }},
      {"realm", [](M& m) { m.set_realm(v1::REALM_UNSPECIFIED); }},
      {"explained_by", [](M& m) { m.set_explained_by(kExplained + 1); }},
      {"serial", [](M& m) { m.set_serial(std::string(5'000, 'a')); }},
      {"realm", [](M& m) { m.set_realm(static_cast<v1::Realm>(3)); }},
      {"round_id", [](M& m) { m.set_round_id("short"); }},
      {"chip_id", [](M& m) { m.clear_chip_id(); }},
      {"requested_by", [](M& m) { m.set_requested_by(std::string(5'000, 'a')); }},
      {"coordinator_public", [](M& m) { m.set_coordinator_public(std::string(32, '\0')); }},
      {"device_certificate", [](M& m) { m.mutable_device_certificate()->pop_back(); }},
      {"device_issuers", [](M& m) { m.add_device_issuers(std::string(20'000, 'x')); }},
      {"certificate_standing", [](M& m) { m.set_certificate_standing("fine"); }},
      {"certificate_problem", [](M& m) { m.set_certificate_standing("good"); }},
      {"anchors[0].id", [](M& m) { m.mutable_anchors(0)->set_id(m.anchors(1).id()); }},
      {"anchors[4].id", [](M& m) { *m.add_anchors() = M::Anchor{m.anchors(0)}; }},
      {"anchors[1].report_key", [](M& m) { m.mutable_anchors(1)->clear_report_key(); }},
      {"anchors[2].place", [](M& m) { m.mutable_anchors(2)->clear_place(); }},
      {"anchors[2].place", [](M& m) { m.mutable_anchors(2)->mutable_place()->set_lat_deg(91.0); }},
      {"anchors[3].uncertainty_km", [](M& m) { m.mutable_anchors(3)->set_uncertainty_km(-1.0); }},
      {"anchors",
       [](M& m) {
         while (m.anchors_size() < 65) *m.add_anchors() = M::Anchor{m.anchors(0)};
       }},
      {"claim.licensed", [](M& m) { m.mutable_claim()->add_licensed("de"); }},
      {"claim.prohibited", [](M& m) { m.mutable_claim()->add_prohibited("Moon"); }},
      {"claim.licensed_areas", [](M& m) { m.mutable_claim()->mutable_licensed_areas(0)->set_sha256("x"); }},
      {"claim.prohibited_areas",
       [](M& m) { m.mutable_claim()->mutable_prohibited_areas(0)->set_sha256(std::string(32, 'x')); }},
      {"policy", [](M& m) { m.mutable_policy()->set_speed_km_s(1.0); }},
      {"policy", [](M& m) { m.mutable_policy()->set_fault_budget(17); }},
      {"policy", [](M& m) { m.mutable_policy()->set_lifetime_ns(-1); }},
      {"policy", [](M& m) { m.mutable_policy()->set_format(2); }},
      {"policy_sha256", [](M& m) { m.clear_policy_sha256(); }},
      {"borders_sha256", [](M& m) { m.set_borders_sha256("x"); }},
      {"calibration_sha256", [](M& m) { m.set_calibration_sha256("x"); }},
      {"seen_before.round_id", [](M& m) { m.mutable_seen_before()->clear_round_id(); }},
      {"seen_before.centre", [](M& m) { m.mutable_seen_before()->clear_centre(); }},
      {"seen_before.radius_km", [](M& m) { m.mutable_seen_before()->set_radius_km(1e9); }},
      {"cohort", [](M& m) { m.mutable_cohort(0)->clear_rtt_ns(); }},
      {"cohort.chip_id", [](M& m) { m.mutable_cohort(0)->clear_chip_id(); }},
      {"cohort",
       [](M& m) {
         while (m.cohort_size() < 257) *m.add_cohort() = M::CohortChip{m.cohort(0)};
       }},
  };
  for (const auto& [field, change] : cases) {
    const std::string fault = fault_after(change);
    INFO(field << " | " << fault);
    CHECK(fault.compare(0, field.size() + 1, field + ":") == 0);
  }
}

TEST_CASE("context: bytes that this version would not have written are refused") {
  const Full full;
  const ByteVector good = context_bytes(full.context);
  const auto refused = [&](const ByteVector& bytes) {
    const auto read = parse_context(bytes, full.areas());
    return !read && read.error() == "the context is not as this version writes it";
  };
  ByteVector unknown = good;
  for (const std::uint8_t byte : ByteArray<3>{0xf8, 0x07, 0x01}) unknown.push_back(byte);  // field 127
  CHECK(refused(unknown));
  ByteVector twice = good;
  for (const std::uint8_t byte : ByteArray<2>{0x08, 0x01}) twice.push_back(byte);  // the format once more
  CHECK(refused(twice));
  CHECK(refused(ByteVector(good.begin(), good.end() - 1)));
  CHECK(refused(ByteVector(kContextBytesMax + 1)));
  CHECK_FALSE(parse_context({}, full.areas()));
}

TEST_CASE("realm: simulated samples count in a simulated round alone, and measured ones in a measured one") {
  for (const bool simulated_samples : {false, true}) {
    for (const Realm realm : {Realm::kMeasured, Realm::kSimulated}) {
      INFO(name_of(realm) << " " << simulated_samples);
      test::RoundMaker maker = test::four_anchors();
      maker.spoil_session = [&](std::size_t, v1::SessionReport& session) {
        for (auto& sample : *session.mutable_samples()) {
          sample.set_source(simulated_samples ? v1::STAMP_SOURCE_SIMULATED : v1::STAMP_SOURCE_HARDWARE);
        }
      };
      RoundEvidenceBytes evidence = maker.make(test::kFrankfurt);
      evidence.realm = realm;
      const auto judged =
          test::judge(evidence, maker.coordinator_key->public_key(),
                      {.licence = "L", .licensed = {CountryCode::from_text("DE").value()}, .prohibited = {}});
      const bool fits = simulated_samples == (realm == Realm::kSimulated);
      for (const AnchorFinding& anchor : judged.anchors) CHECK(anchor.used == fits);
      CHECK(judged.decision.finding.realm == realm);
      CHECK(judged.stored.finding().realm() == static_cast<v1::Realm>(realm));
      if (fits) continue;
      CHECK(judged.state == VerdictState::kUnresolved);
      CHECK(judged.reasons[1].code == "report_inconsistent");
    }
  }
}

TEST_CASE("context: a statement is refused for it as for the evidence") {
  const Full full;
  const auto& order = full.evidence.close_order;
  RoundContext context = full.context;
  CHECK_FALSE(refuse_statement(full.evidence.statements[0], context, order));
  CHECK(refuse_statement(full.evidence.statements[0], context, std::nullopt)->code == "statement_replay");
  context.last_accepted = CounterMark{.boot_count = 1, .round_counter = 9};
  CHECK(refuse_statement(full.evidence.statements[0], context, order)->code == "counter_rollback");
}

}  // namespace
}  // namespace chiploc::context_test
