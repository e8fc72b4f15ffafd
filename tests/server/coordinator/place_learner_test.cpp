#include "server/coordinator/place_learner.hpp"

#include <asio/executor_work_guard.hpp>
#include <cmath>
#include <optional>

#include "geo/geodesic.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct Place {
  double lat, lon;
};
constexpr Place kPlaces[] = {{52.5, 13.4}, {48.9, 2.4}, {47.0, 7.4}, {48.2, 16.4}, {45.5, 9.2}, {52.2, 21.0}};

AnchorId number(std::size_t i) {
  AnchorId id{};
  id.bytes[0] = static_cast<std::uint8_t>(i + 1);
  return id;
}

/// Paths half again as slow as light in fibre, and half a millisecond.
AnchorMesh honest_mesh() {
  AnchorMesh out;
  for (std::size_t i = 0; i < std::size(kPlaces); ++i) {
    out.anchors.push_back(number(i));
    out.mesh.places.push_back(LatLon::from_degrees({.lat = kPlaces[i].lat, .lon = kPlaces[i].lon}).value());
  }
  for (const LatLon a : out.mesh.places) {
    for (const LatLon b : out.mesh.places) {
      const double km = geodesic_distance(a, b).km();
      out.mesh.rtt_ms.push_back(km == 0.0 ? std::nan("") : 0.5 + 1.5 * km / 100.0);
    }
  }
  return out;
}

TEST_CASE("places: an anchor that cannot be where it says is named, and nothing is learnt from it") {
  AnchorMesh mesh = honest_mesh();
  const LearntPlaces clean = learn_places(mesh, Borders::world());
  CHECK(clean.misplaced.empty());
  REQUIRE(clean.model);
  CHECK(clean.model->anchors == mesh.anchors);

  mesh.mesh.places[2] = LatLon::from_degrees({.lat = 35.7, .lon = 139.7}).value();  // Bern says Tokyo
  const LearntPlaces learnt = learn_places(mesh, Borders::world());
  REQUIRE(learnt.misplaced.size() == 1);
  CHECK(learnt.misplaced[0].anchor == number(2));
  CHECK(learnt.misplaced[0].contradicts.size() == 5);
  CHECK(learnt.misplaced[0].excess.km() > 5'000.0);
  REQUIRE(learnt.model);
  CHECK(learnt.model->anchors ==
        std::vector<AnchorId>{number(0), number(1), number(3), number(4), number(5)});
  // Its rows went with it: a chip next to Milan, measured by the others, is found there.
  std::vector<double> rtt_ms;
  for (const AnchorId& id : learnt.model->anchors) {
    const std::size_t i = static_cast<std::size_t>(id.bytes[0] - 1);
    rtt_ms.push_back(i == 4 ? 0.6 : mesh.mesh.rtt(i, 4));
  }
  const auto estimate = learnt.model->estimator.estimate(rtt_ms, nullptr);
  REQUIRE(estimate);
  CHECK(geodesic_distance(estimate->place, mesh.mesh.places[4]).km() < 100.0);

  mesh.uncertainty = Kilometers{6'000.0};  // by their own word they may be off by as much
  CHECK(learn_places(mesh, Borders::world()).misplaced.empty());

  CHECK_FALSE(learn_places({}, Borders::world()).model);
}

TEST_CASE("places: one model for all windows that come together, and another when more have come") {
  asio::io_context io;
  int asked = 0, learnt = 0;
  std::optional<PlaceLearner> learner;
  learner.emplace(
      io, Borders::world(), [&] { return ++asked, honest_mesh(); },
      [&](const LearntPlaces& places) {
        REQUIRE(places.model);
        if (++learnt == 1) {
          learner->mesh_changed();
          learner->mesh_changed();
        } else {
          learner->stop();
        }
      });
  const auto work = asio::make_work_guard(io);
  for (int i = 0; i < 5; ++i) learner->mesh_changed();
  while (learnt < 2) io.run_one();
  CHECK(asked == 2);
  learner->mesh_changed();
  io.restart();
  io.poll();
  CHECK(asked == 2);
}

TEST_CASE("places: a learner can go while it learns") {
  asio::io_context io;
  bool told = false, asked = false;
  std::optional<PlaceLearner> learner;
  learner.emplace(
      io, Borders::world(), [&] { return asked = true, honest_mesh(); },
      [&](const LearntPlaces&) { told = true; });
  learner->mesh_changed();
  while (!asked) io.run_one();
  learner.reset();
  io.restart();
  io.poll();
  CHECK_FALSE(told);
}

}  // namespace
}  // namespace chiploc
