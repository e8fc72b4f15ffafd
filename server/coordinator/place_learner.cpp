#include "server/coordinator/place_learner.hpp"

#include <algorithm>
#include <asio/post.hpp>

namespace chiploc {
namespace {

using namespace std::chrono_literals;

// The windows of all anchors come at about the same time: one model for them, not one each.
constexpr std::chrono::nanoseconds kGatherMesh = 500ms;
constexpr int kRestAfterLearning = 20;  // times what learning took

}  // namespace

PlaceLearner::PlaceLearner(asio::io_context& io, const Borders& borders, Source source, Learnt learnt)
    : io_{io}, borders_{borders}, source_{std::move(source)}, learnt_{std::move(learnt)}, timer_{io} {}

PlaceLearner::~PlaceLearner() {
  alive_.reset();
  worker_.join();
}

void PlaceLearner::mesh_changed() {
  changed_ = true;
  if (!busy_ && !stopped_) wait(kGatherMesh);
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
      wait(std::max(kGatherMesh, kRestAfterLearning * took));
    });
  });
}

}  // namespace chiploc
