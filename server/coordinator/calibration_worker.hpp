#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "server/rounds/calibrator.hpp"

namespace chiploc {

/// Runs the Calibrator on a thread of its own, a twentieth of the time at most. Windows that come meanwhile
/// wait, the newest of each anchor: what waits is bounded by the registry, however fast anchors send.
///
/// Threads    Made, told and destroyed on the thread that runs `io`, where `learnt` is called; a refit never
///            runs there. The destructor waits for the one under way.
class CalibrationWorker {
 public:
  using Learnt = std::function<void(std::shared_ptr<const LearntMesh>)>;
  struct Counters {
    std::uint64_t windows = 0;
    std::uint64_t superseded = 0;  ///< replaced by a newer window of the anchor before they were learnt from
    std::uint64_t refits = 0;
  };

  /// `fit` is what a refit does; tests look at where and how often it runs.
  CalibrationWorker(asio::io_context& io, Learnt learnt, Calibrator::Fit fit = fit_delay_model);
  ~CalibrationWorker();
  CalibrationWorker(const CalibrationWorker&) = delete;
  CalibrationWorker& operator=(const CalibrationWorker&) = delete;

  /// Takes a checked window. Constant time but for the copy of its pairs.
  void add(MeshRecord window, Registry::Snapshot registry);
  /// The registry has changed: what was measured between other places is forgotten, windows or none.
  void registry_changed(Registry::Snapshot registry);
  /// Nothing new is learnt, and nothing waits on `io` for it.
  void stop();

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  void wake();
  void learn();
  void rest(std::chrono::nanoseconds how_long);

  asio::io_context& io_;
  Learnt learnt_;
  asio::steady_timer timer_;
  std::unordered_map<AnchorId, MeshRecord> waiting_;
  Registry::Snapshot registry_;
  bool changed_ = false;  ///< the registry, since the last refit was begun
  bool busy_ = false;     ///< learning or resting
  bool stopped_ = false;
  Counters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< gone with this object
  Calibrator calibrator_;                                       ///< the worker's alone
  asio::thread_pool worker_{1};
};

}  // namespace chiploc
