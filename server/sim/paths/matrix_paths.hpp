#pragma once
#include <map>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/sim/paths/path_model.hpp"

namespace chiploc {

/// What was measured of the round trip between two nodes, in milliseconds. Negative: not measured.
struct MatrixPair {
  double min_ms = -1.0;
  double avg_ms = -1.0;
  double max_ms = -1.0;
  double mdev_ms = -1.0;
  /// The least of each hour, one after the other; negative where there is none. Empty: no hours.
  std::vector<float> hourly_ms{};
};

/// A matrix of real round trips: `pairs[a * nodes.size() + b]` was measured from a.
struct RttMatrix {
  struct Node {
    std::string name;
    LatLon place;
  };
  std::vector<Node> nodes;
  std::vector<MatrixPair> pairs;
};

/// A network that takes as long as somebody once measured. Ends are found by name, and where they say that they
/// stand does not matter. A pair that was measured from both sides has the lesser minimum, and the mean of what each side
/// had over its own: a datagram does not know who began, and the difference of two routes is no queueing.
///
/// One way      Half of the minimum, plus half of what varies. With hours: the least of the hour instead, hours in a
///              circle; an hour without a value has the one before it.
/// Varies       Exponential with the mean (avg - min) / 2 each way. Where the deviation is larger than that gives, one
///              datagram in kMatrixBurst meets a burst, so that mean and deviation are the measured ones.
///              Never more
///              than (max - min) / 2. Without avg nothing varies.
/// Lost         All, with an end that the matrix lacks or of a pair that nobody measured. Otherwise none: the folders say
///              nothing of losses.
/// Never        Below the minimum; faster than light in vacuum.
class MatrixPaths final : public PathModel {
 public:
  /// Fails     Two nodes of one name; a pair with a minimum that is no finite number, above 0, or faster than light
  ///           between the two places; avg below min or max below avg; NaN.
  [[nodiscard]] static Result<MatrixPaths, std::string> create(RttMatrix matrix);

  [[nodiscard]] PathFate fate(const PathEnd& from, const PathEnd& to,
                              const PathDatagram& datagram) const override;
  [[nodiscard]] PathFate least(const PathEnd& from, const PathEnd& to,
                               const PathDatagram& datagram) const override;
  [[nodiscard]] const std::vector<RttMatrix::Node>& nodes() const { return matrix_.nodes; }
  /// What fate() goes by for two of its nodes; nullptr for others.
  [[nodiscard]] const MatrixPair* pair_between(std::string_view a, std::string_view b) const;

 private:
  explicit MatrixPaths(RttMatrix matrix);
  RttMatrix matrix_;  // symmetric
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

/// Share of datagrams that meet a burst.
inline constexpr double kMatrixBurst = 0.02;

}  // namespace chiploc
