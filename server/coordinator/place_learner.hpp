#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "geo/borders/borders.hpp"
#include "server/verifier/learnt_places.hpp"

namespace chiploc {

/// Does learn_places() on a thread of its own whenever the mesh has changed, and no more than a twentieth of
/// the time.
///
/// Threads    Made, told and destroyed on the thread that runs `io`; `source` and `learnt` are called there.
///            The destructor waits for what is being learnt.
class PlaceLearner {
 public:
  using Source = std::function<AnchorMesh()>;
  using Learnt = std::function<void(const LearntPlaces&)>;

  PlaceLearner(asio::io_context& io, const Borders& borders, Source source, Learnt learnt);
  ~PlaceLearner();
  PlaceLearner(const PlaceLearner&) = delete;
  PlaceLearner& operator=(const PlaceLearner&) = delete;

  void mesh_changed();
  /// Nothing new is learnt, and nothing waits on `io` for it.
  void stop();

 private:
  void wait(std::chrono::nanoseconds how_long);
  void learn();

  asio::io_context& io_;
  const Borders& borders_;
  Source source_;
  Learnt learnt_;
  asio::steady_timer timer_;
  bool changed_ = false;  ///< since the last one was begun
  bool busy_ = false;     ///< waiting or learning
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< gone with this object
  asio::thread_pool worker_{1};
};

}  // namespace chiploc
