#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/units.hpp"
#include "server/coordinator/calibrator.hpp"
#include "server/verifier/suggestion.hpp"

namespace chiploc {

/// An anchor that cannot be where it says, or whose peers cannot.
struct MisplacedAnchor {
  AnchorId anchor;
  std::vector<AnchorId> contradicts;
  std::optional<AnchorId> or_else;  ///< of a pair of which nothing but the fit of other paths says which
  Kilometers excess{0.0};           ///< by how much the worst pair is too far apart
};

struct LearntPlaces {
  std::shared_ptr<const PlaceModel> model;  ///< without the misplaced ones; none of fewer than two anchors
  std::vector<MisplacedAnchor> misplaced;
};

/// Checks the mesh and learns from it. Pure; takes the cube of the number of anchors: seconds for hundreds.
[[nodiscard]] LearntPlaces learn_places(const AnchorMesh& mesh, const Borders& borders);

/// Does that on a thread of its own whenever the mesh has changed, and no more than a twentieth of the time.
///
/// Threads    Made, told and destroyed on the thread that runs `io`; `source` and `learnt` are called there.
/// The
///            destructor waits for what is being learnt.
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
