#pragma once
// The production verdict on any draw of a chip's round, mostly without judging it.

#include <cstdint>
#include <optional>
#include <vector>

#include "geo/borders/borders.hpp"
#include "server/fleet/heard.hpp"

namespace chiploc::fleet {

/// What a state follows from, under each fault budget that the policy asks for: whether the region is everything, or
/// nothing, holds land, lies all in what is licensed or prohibited, meets either; and whether anybody heard anything.
///
/// Each of these can change one way only while round trips grow: the region does, and what it meets. So where the facts of the
/// smallest and of the largest round trips of a box are the same, they are the same of everything between: and so is the
/// state, which judge_by_kind() makes of them and of nothing else. Claims of codes alone: an area would need more facts.
[[nodiscard]] std::uint32_t facts_of(const Hearing& hearing, const Borders& borders,
                                     const std::vector<double>& survivals);

/// Boxes of draws, each with its state, found by splitting those that are not decided: the most probable first, at the listener
/// whose round trip is the least certain.
///
/// Exact     state() is judge() of the same draws, or nullopt: then judge() has to be asked.
/// Costs     Two judgements of facts for a box, while it is built; then a comparison for each split on the way.
/// Owns      Its boxes; immutable, shared between threads.
class VerdictTree {
 public:
  struct Limits {
    std::size_t boxes = 1'000;  ///< that are split, at most
    double left_open = 2e-5;    ///< of all draws: no more boxes are split for less
  };
  VerdictTree(const Hearing& hearing, const Borders& borders, const Limits& limits);
  VerdictTree(const Hearing& hearing, const Borders& borders) : VerdictTree{hearing, borders, Limits{}} {}

  /// `survival(i)`: what the i-th listener drew. Only those that matter are asked for.
  template <class Survival>
  [[nodiscard]] std::optional<VerdictState> state(const Survival& survival) const {
    const Node* node = nodes_.data();
    while (node->above != 0)
      node = nodes_.data() + (survival(node->listener) > node->threshold ? node->above : node->above + 1);
    if (node->state == 0) return std::nullopt;
    return static_cast<VerdictState>(node->state);
  }
  /// The share of draws for which judge() has to be asked.
  [[nodiscard]] double open_share() const { return open_share_; }
  [[nodiscard]] std::size_t boxes() const { return nodes_.size(); }

 private:
  struct Node {
    double threshold = 0.0;
    std::uint32_t above = 0;  ///< of draws above the threshold, with the others behind it; 0: not split
    std::uint8_t listener = 0;
    std::uint8_t state = 0;  ///< 0: not decided
  };
  std::vector<Node> nodes_;
  double open_share_ = 0.0;
};

}  // namespace chiploc::fleet
