#include "server/verifier/suggestion.hpp"

#include <cmath>
#include <map>

#include "geo/geodesic.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/judged.hpp"

namespace chiploc::suggestion_test {
namespace {

using test::RoundMaker;

std::vector<CountryCode> countries(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(CountryCode::from_text(text).value());
  return out;
}

RoundMaker around_brussels() {
  RoundMaker maker;
  maker.path_factor = 2.0;
  maker.add_anchor("ams", {.lat = 52.37, .lon = 4.90});
  maker.add_anchor("par", {.lat = 48.86, .lon = 2.35});
  maker.add_anchor("fra", {.lat = 50.11, .lon = 8.68});
  maker.add_anchor("lon", {.lat = 51.51, .lon = -0.13});
  maker.add_anchor("ham", {.lat = 53.55, .lon = 9.99});
  return maker;
}

/// Learnt from round trips among the maker's anchors that are twice as slow as light in vacuum.
MeshModel model_of(const RoundMaker& maker) {
  std::map<AnchorId, LatLon> sorted;
  for (const test::MadeAnchor& anchor : maker.anchors) {
    sorted.emplace(anchor_id_of(anchor.key->public_key()).value(),
                   LatLon::from_degrees(anchor.place).value());
  }
  RttMesh mesh;
  std::vector<AnchorId> anchors;
  for (const auto& [id, place] : sorted) {
    anchors.push_back(id);
    mesh.places.push_back(place);
    for (const auto& [other, there] : sorted) {
      const double km = geodesic_distance(place, there).km();
      mesh.rtt_ms.push_back(id == other ? std::nan("") : 4e3 * km / kLightInVacuum.km_s());
    }
  }
  return {anchors, PlaceEstimator::learn(mesh, Borders::world())};
}

Decision judge_near_brussels(RoundMaker& maker, std::initializer_list<const char*> prohibited) {
  const Claim claim{.licence = "L-1", .licensed = countries({"BE"}), .prohibited = countries(prohibited)};
  return test::judge(maker.make({.lat = 50.85, .lon = 4.35}), maker.coordinator_key->public_key(), claim)
      .decision;
}

TEST_CASE("suggestion: what stays open is told where delays see the chip, inside what is proved") {
  RoundMaker maker = around_brussels();
  const MeshModel model = model_of(maker);
  maker.extra = std::chrono::milliseconds{30};
  const Decision open = judge_near_brussels(maker, {"RU", "BY"});
  REQUIRE(open.finding.state == VerdictState::kUnresolved);
  CHECK(worth_suggesting(open));
  const auto suggestion = suggest(open, model);
  REQUIRE(suggestion);
  CHECK(open.sealed.region->contains(suggestion->places.place));
  CHECK(suggestion->method == model.estimator.version());

  const v1::Posterior record = to_record(*suggestion);
  CHECK(record.radius95_km() > 0.0);
  CHECK(record.common_delay_ms() == suggestion->places.common_delay_ms);
  CHECK(record.relay_score() == suggestion->relay.gain);
  CHECK(record.relay_delay_ms() == suggestion->relay.delay_ms);
  CHECK(record.method() == suggestion->method);
  REQUIRE(record.countries_size() > 1);
  double sum = 0.0;
  for (const auto& country : record.countries()) {
    CHECK(country.probability() >= 0.001);
    sum += country.probability();
  }
  CHECK(sum > 0.95);
  CHECK(sum < 1.0 + 1e-9);
}

TEST_CASE("suggestion: none where nobody would ask, and none from anchors that the model does not know") {
  RoundMaker maker = around_brussels();
  const Decision cleared = judge_near_brussels(maker, {"KP"});
  REQUIRE(cleared.finding.state == VerdictState::kCleared);
  CHECK_FALSE(worth_suggesting(cleared));
  CHECK_FALSE(worth_suggesting(Decision{}));  // silent: no region
  CHECK_FALSE(suggest(Decision{}, model_of(maker)));
  maker.extra = std::chrono::milliseconds{30};
  CHECK_FALSE(suggest(judge_near_brussels(maker, {"RU"}), model_of(around_brussels())));  // other keys
}

}  // namespace
}  // namespace chiploc::suggestion_test
