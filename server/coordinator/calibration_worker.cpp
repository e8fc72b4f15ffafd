#include "server/coordinator/calibration_worker.hpp"

#include <algorithm>
#include <asio/post.hpp>

#include "server/coordinator/clocks.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

// The windows of all anchors come at about the same time: one refit for them, not one each.
constexpr std::chrono::nanoseconds kGather = 100ms;
constexpr int kRest = 20;  // times what the refit took

}  // namespace

CalibrationWorker::CalibrationWorker(asio::io_context& io, Learnt learnt, Calibrator::Fit fit)
    : io_{io}, learnt_{std::move(learnt)}, timer_{io}, calibrator_{std::move(fit)} {}

CalibrationWorker::~CalibrationWorker() {
  alive_.reset();
  worker_.join();
}

void CalibrationWorker::add(MeshRecord window, Registry::Snapshot registry) {
  ++counters_.windows;
  window.bytes.clear();
  registry_ = std::move(registry);
  const AnchorId from = window.from.anchor;
  if (!waiting_.insert_or_assign(from, std::move(window)).second) ++counters_.superseded;
  wake();
}

void CalibrationWorker::registry_changed(Registry::Snapshot registry) {
  registry_ = std::move(registry);
  changed_ = true;
  wake();
}

void CalibrationWorker::stop() {
  stopped_ = true;
  timer_.cancel();
}

void CalibrationWorker::wake() {
  if (!busy_ && !stopped_) rest(kGather);
}

void CalibrationWorker::learn() {
  busy_ = true;
  changed_ = false;
  ++counters_.refits;
  asio::post(worker_, [this, windows = std::exchange(waiting_, {}), registry = registry_, now = wall_now(),
                       alive = std::weak_ptr{alive_}] {
    const auto begun = std::chrono::steady_clock::now();
    // The destructor joins this thread, so `this` is there; what is posted may outlive it.
    calibrator_.follow(*registry, now);
    for (const auto& [from, window] : windows) calibrator_.add(window, *registry);
    calibrator_.refit();
    auto learnt = std::make_shared<const LearntMesh>(calibrator_.learnt(registry));
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begun;
    asio::post(io_, [this, learnt, took, alive] {
      if (alive.expired() || stopped_) return;
      learnt_(learnt);
      rest(std::max(kGather, kRest * took));
    });
  });
}

void CalibrationWorker::rest(std::chrono::nanoseconds how_long) {
  busy_ = true;
  timer_.expires_after(how_long);
  timer_.async_wait([this, alive = std::weak_ptr{alive_}](const std::error_code& error) {
    if (alive.expired() || error || stopped_) return;
    busy_ = false;
    if (changed_ || !waiting_.empty()) learn();
  });
}

}  // namespace chiploc
