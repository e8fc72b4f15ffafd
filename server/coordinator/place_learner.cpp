#include "server/coordinator/place_learner.hpp"

#include <algorithm>
#include <asio/post.hpp>

#include "geo/estimate/mesh_check.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

// The windows of all anchors come at about the same time: one model for them, not one each.
constexpr std::chrono::nanoseconds kGather = 500ms;
constexpr int kRest = 20;  // times what learning took

RttMesh without(const RttMesh& mesh, const std::vector<bool>& left_out) {
  RttMesh out;
  for (std::size_t a = 0; a < mesh.size(); ++a) {
    if (left_out[a]) continue;
    out.places.push_back(mesh.places[a]);
    for (std::size_t b = 0; b < mesh.size(); ++b) {
      if (!left_out[b]) out.rtt_ms.push_back(mesh.rtt(a, b));
    }
  }
  return out;
}

}  // namespace

LearntPlaces learn_places(const AnchorMesh& mesh, const Borders& borders) {
  LearntPlaces out;
  std::vector<bool> left_out(mesh.anchors.size(), false);
  MeshCheckOptions options;
  options.tolerance = std::max(options.tolerance, mesh.uncertainty);  // rather too lenient than an accusation
  for (const MeshSuspect& suspect : check_mesh(mesh.mesh, {}, borders, options)) {
    left_out[suspect.node] = true;
    MisplacedAnchor& misplaced = out.misplaced.emplace_back();
    misplaced.anchor = mesh.anchors[suspect.node];
    for (const std::size_t other : suspect.contradicts) misplaced.contradicts.push_back(mesh.anchors[other]);
    if (suspect.or_else) misplaced.or_else = mesh.anchors[*suspect.or_else];
    misplaced.excess = suspect.excess;
  }
  std::vector<AnchorId> trusted;
  for (std::size_t i = 0; i < mesh.anchors.size(); ++i) {
    if (!left_out[i]) trusted.push_back(mesh.anchors[i]);
  }
  if (trusted.size() < 2) return out;
  out.model = std::make_shared<const PlaceModel>(
      PlaceModel{std::move(trusted), PlaceEstimator::learn(without(mesh.mesh, left_out), borders)});
  return out;
}

PlaceLearner::PlaceLearner(asio::io_context& io, const Borders& borders, Source source, Learnt learnt)
    : io_{io}, borders_{borders}, source_{std::move(source)}, learnt_{std::move(learnt)}, timer_{io} {}

PlaceLearner::~PlaceLearner() {
  alive_.reset();
  worker_.join();
}

void PlaceLearner::mesh_changed() {
  changed_ = true;
  if (!busy_ && !stopped_) wait(kGather);
}

void PlaceLearner::stop() {
  stopped_ = true;
  timer_.cancel();
}

void PlaceLearner::wait(std::chrono::nanoseconds how_long) {
  busy_ = true;
  timer_.expires_after(how_long);
  timer_.async_wait([this, alive = std::weak_ptr{alive_}](const std::error_code& error) {
    if (alive.expired() || error || stopped_) return;
    busy_ = false;
    if (changed_) learn();
  });
}

void PlaceLearner::learn() {
  busy_ = true;
  changed_ = false;
  asio::post(worker_, [this, mesh = source_(), alive = std::weak_ptr{alive_}] {
    const auto begun = std::chrono::steady_clock::now();
    // The destructor joins this thread, so `this` is there; what is posted may outlive it.
    auto learnt = std::make_shared<const LearntPlaces>(learn_places(mesh, borders_));
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begun;
    asio::post(io_, [this, learnt, took, alive] {
      if (alive.expired() || stopped_) return;
      learnt_(*learnt);
      wait(std::max(kGather, kRest * took));
    });
  });
}

}  // namespace chiploc
