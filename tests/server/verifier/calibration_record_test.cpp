#include "server/verifier/calibration_record.hpp"

#include <bit>
#include <cmath>

#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/stored_round.hpp"

namespace chiploc::calibration_record_test {
namespace {

/// Six anchors, one of which stands far from where it says.
AnchorMesh lying_mesh() {
  test::RoundMaker maker = test::four_anchors();
  maker.add_anchor("vie", {.lat = 48.2, .lon = 16.4});
  maker.add_anchor("mil", {.lat = 45.5, .lon = 9.2});
  AnchorMesh out = test::mesh_of(maker);
  out.mesh.places[2] = LatLon::from_degrees({.lat = -33.9, .lon = 151.2}).value();
  out.mesh.rtt_ms[1] = std::nan("");  // one direction was not measured
  out.uncertainty = Kilometers{0.1};
  return out;
}

TEST_CASE("calibration: lines and meshes come back to the last bit") {
  const DelayModel line{.slope_km_per_ms = 1.0 / 3.0,
                        .intercept_ms = 0.1,
                        .sigma_floor_km = 1e-9,
                        .sigma_relative = 0.25,
                        .pairs_used = 132,
                        .version = "line-1"};
  const AnchorMesh mesh = lying_mesh();
  const ByteVector bytes = calibration_bytes(line, mesh);
  const auto read = parse_calibration(bytes);
  REQUIRE(read);
  CHECK(read->line.slope_km_per_ms == line.slope_km_per_ms);
  CHECK(read->line.sigma_floor_km == line.sigma_floor_km);
  CHECK(read->line.version == line.version);
  CHECK(read->line.pairs_used == line.pairs_used);
  CHECK(read->mesh.anchors == mesh.anchors);
  CHECK(read->mesh.mesh.places == mesh.mesh.places);
  CHECK(read->mesh.uncertainty == mesh.uncertainty);
  REQUIRE(read->mesh.mesh.rtt_ms.size() == mesh.mesh.rtt_ms.size());
  for (std::size_t i = 0; i < mesh.mesh.rtt_ms.size(); ++i) {
    const double a = mesh.mesh.rtt_ms[i];
    const double b = read->mesh.mesh.rtt_ms[i];
    CHECK(
        (std::isnan(a) ? std::isnan(b) : std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b)));
  }
  CHECK(calibration_bytes(read->line, read->mesh) == bytes);
}

TEST_CASE("calibration: the registered anchors come back, and what is wrong with one is named") {
  KnownAnchor one{AnchorId{}, "ber", LatLon::from_degrees({.lat = 52.5, .lon = 13.4}).value(),
                  Kilometers{0.1}};
  one.operator_name = "op";
  one.network = "AS64496";
  KnownAnchor two = one;
  two.id.bytes[0] = 9;
  const ByteVector bytes = calibration_bytes(default_delay_model(), {}, {one, two});
  const auto read = parse_calibration(bytes);
  REQUIRE(read);
  REQUIRE(read->known.size() == 2);
  CHECK(read->known[1].id == two.id);
  CHECK(read->known[0].place == one.place);
  CHECK(read->known[0].uncertainty.km() == 0.1);
  CHECK(read->known[0].network == "AS64496");
  CHECK(calibration_bytes(read->line, read->mesh, read->known) == bytes);

  v1::Calibration good;
  REQUIRE(good.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  using M = v1::Calibration;
  const std::vector<std::pair<std::string, std::function<void(M&)>>> cases{
      {"known[0]", [](M& m) { m.mutable_known(0)->set_id("x"); }},
      {"known[1]", [](M& m) { *m.mutable_known(1) = M::Known{m.known(0)}; }},
      {"known[1]", [](M& m) { m.mutable_known(1)->clear_place(); }},
      {"known[0]", [](M& m) { m.mutable_known(0)->set_uncertainty_km(-1.0); }},
      {"known[0]", [](M& m) { m.mutable_known(0)->set_name(std::string(5'000, 'a')); }},
      {"known", [](M& m) {
         for (int i = 0; i < 5'000; ++i) *m.add_known() = M::Known{m.known(0)};
       }}};
  for (const auto& [field, change] : cases) {
    M message = good;
    change(message);
    const auto refused = parse_calibration(canonical_bytes(message));
    INFO(field);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().starts_with(field + ":"));
  }
}

TEST_CASE("calibration: round trips of any length survive milliseconds") {
  AnchorMesh mesh;
  mesh.anchors = {AnchorId{}, AnchorId{}};
  mesh.anchors[1].bytes[0] = 1;
  mesh.mesh.places.assign(2, LatLon::from_degrees({.lat = 1, .lon = 2}).value());
  for (const std::int64_t ns : {1LL, 999'999LL, 1'000'001LL, 123'456'789LL, 19'999'999'999LL}) {
    const double ms = static_cast<double>(ns) / 1e6;
    mesh.mesh.rtt_ms = {std::nan(""), ms, ms, std::nan("")};
    CHECK(parse_calibration(calibration_bytes({}, mesh))->mesh.mesh.rtt_ms[1] == ms);
  }
}

TEST_CASE("calibration: the kept mesh teaches what the live one taught, liars and all") {
  const AnchorMesh mesh = lying_mesh();
  const LearntPlaces live = learn_places(mesh, Borders::world());
  const LearntPlaces kept =
      learn_places(parse_calibration(calibration_bytes(default_delay_model(), mesh))->mesh, Borders::world());
  REQUIRE(live.misplaced.size() == 1);
  CHECK(live.misplaced[0].anchor == mesh.anchors[2]);
  REQUIRE(kept.misplaced.size() == 1);
  CHECK(kept.misplaced[0].anchor == mesh.anchors[2]);
  REQUIRE(live.model);
  REQUIRE(kept.model);
  CHECK(kept.model->anchors == live.model->anchors);
  CHECK(kept.model->estimator.version() == live.model->estimator.version());
  CHECK_FALSE(learn_places({}, Borders::world()).model);
}

TEST_CASE("calibration: what is not right is refused") {
  v1::Calibration good;
  const ByteVector bytes = calibration_bytes(default_delay_model(), lying_mesh());
  REQUIRE(good.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  using M = v1::Calibration;
  const std::vector<std::pair<std::string, std::function<void(M&)>>> cases{
      {"format", [](M& m) { m.set_format(2); }},
      {"line", [](M& m) { m.mutable_line()->set_slope_km_per_ms(std::nan("")); }},
      {"line", [](M& m) { m.mutable_line()->set_intercept_ms(-1.0); }},
      {"anchors[0]", [](M& m) { m.mutable_anchors(0)->set_id("x"); }},
      {"anchors[1]", [](M& m) { *m.mutable_anchors(1) = M::Anchor{m.anchors(0)}; }},
      {"anchors[2]", [](M& m) { m.mutable_anchors(2)->clear_place(); }},
      {"anchors[3]", [](M& m) { m.mutable_anchors(3)->set_to(0, 3); }},
      {"anchors[3]", [](M& m) { m.mutable_anchors(3)->set_to(4, 6); }},
      {"anchors[3]", [](M& m) { m.mutable_anchors(3)->set_to(1, 0); }},
      {"anchors[4]", [](M& m) { m.mutable_anchors(4)->set_rtt_ns(0, 0); }},
      {"anchors[4]", [](M& m) { m.mutable_anchors(4)->add_rtt_ns(5); }},
      {"uncertainty_km", [](M& m) { m.set_uncertainty_km(-0.5); }},
  };
  for (const auto& [field, change] : cases) {
    M message = good;
    change(message);
    const auto read = parse_calibration(canonical_bytes(message));
    INFO(field);
    REQUIRE_FALSE(read);
    CHECK(read.error().compare(0, field.size() + 1, field + ":") == 0);
  }
  CHECK_FALSE(parse_calibration(ByteVector{1, 2, 3}));
}

}  // namespace
}  // namespace chiploc::calibration_record_test
