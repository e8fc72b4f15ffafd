#include "server/fleet/verdict_tree.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>

namespace chiploc::fleet {
namespace {

/// Draws between two corners: `low` has the longer round trips.
struct Box {
  std::vector<double> low, high;
  std::uint32_t node = 0;
  double share = 1.0;
  friend bool operator<(const Box& a, const Box& b) { return a.share < b.share; }
};

/// Tails are cut off by so much at once: what is never seen in a run need not be told apart.
constexpr double kTail = 1e-3;

std::uint32_t facts_under(unsigned faults, const std::vector<AnchorBound>& bounds, const Hearing& hearing,
                          const Borders& borders) {
  const TerritoryJudge& judge = hearing.judge;
  const Region region = Region::from_bounds(bounds, faults);
  std::uint32_t out = 0;
  const auto note = [&out](bool fact) { out = (out << 1U) | (fact ? 1U : 0U); };
  // Of everything every country is met: the larger region never has less.
  const bool everything = region.is_everything();
  const CountrySet met = everything ? CountrySet{} : borders.countries_met(region);
  const auto all_in = [&](const TerritoryJudge::Codes& codes) {
    return !everything &&
           std::all_of(met.begin(), met.end(), [&](CountryCode code) { return codes.contains(code); });
  };
  const auto any_in = [&](const TerritoryJudge::Codes& codes) {
    return everything
               ? !codes.empty()
               : std::any_of(met.begin(), met.end(), [&](CountryCode code) { return codes.contains(code); });
  };
  note(everything);
  note(region.empty());
  note(everything || met.meets_land());
  note(all_in(judge.licensed()));
  note(any_in(judge.licensed()) || any_in(judge.perhaps_licensed()));
  note(all_in(judge.prohibited()));
  note(any_in(judge.prohibited()) || any_in(judge.perhaps_prohibited()));
  return out;
}

}  // namespace

std::uint32_t facts_of(const Hearing& hearing, const Borders& borders, const std::vector<double>& survivals) {
  const std::vector<AnchorBound> bounds = bounds_of(hearing, survivals);
  const Policy& policy = hearing.policy;
  std::uint32_t out = bounds.empty() ? 1U : 0U;
  std::array<unsigned, 3> budgets{policy.fault_budget, policy.faults_to_clear(), policy.faults_to_accuse()};
  const auto* const end = std::unique(budgets.begin(), budgets.end());
  for (const auto* budget = budgets.begin(); budget != end; ++budget)
    out = (out << 7U) | facts_under(*budget, bounds, hearing, borders);
  return out;
}

VerdictTree::VerdictTree(const Hearing& hearing, const Borders& borders, const Limits& limits) : nodes_(1) {
  const std::size_t count = hearing.listeners.size();
  std::priority_queue<Box> open;
  /// Decides the box, or leaves it open.
  const auto look_at = [&](Box box) {
    if (facts_of(hearing, borders, box.low) == facts_of(hearing, borders, box.high)) {
      nodes_[box.node].state = static_cast<std::uint8_t>(judge(hearing, box.high));
      return;
    }
    open_share_ += box.share;
    open.push(std::move(box));
  };
  /// How much longer the listener's round trip may be at one corner than at the other. What may be unheard comes first, and of
  /// these the nearest, which says most.
  const auto doubt = [&](const Box& box, std::size_t i) {
    const Listener& listener = hearing.listeners[i];
    const auto least = smallest_round_trip(listener, hearing.law, box.high[i]);
    const auto most = smallest_round_trip(listener, hearing.law, box.low[i]);
    if (!least) return 0.0;  // unheard all over the box
    return most ? static_cast<double>((*most - *least).count())
                : 1e18 / static_cast<double>(least->count() + 1);
  };
  look_at({std::vector<double>(count, 0.0), std::vector<double>(count, 1.0), 0, 1.0});
  for (std::size_t split = 0; split < limits.boxes && !open.empty() && open_share_ > limits.left_open;
       ++split) {
    const Box box = open.top();
    open.pop();
    open_share_ -= box.share;
    std::size_t widest = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (doubt(box, i) > doubt(box, widest)) widest = i;
    }
    const double low = box.low[widest], high = box.high[widest];
    const double cut = low > 0.0 ? 0.5 * (low + high) : kTail * high;
    Node& node = nodes_[box.node];
    node.threshold = cut;
    node.listener = static_cast<std::uint8_t>(widest);
    node.above = static_cast<std::uint32_t>(nodes_.size());
    Box above = box, below = box;
    above.low[widest] = below.high[widest] = cut;
    above.node = node.above;
    below.node = node.above + 1;
    above.share = box.share * (high - cut) / (high - low);
    below.share = box.share * (cut - low) / (high - low);
    nodes_.resize(nodes_.size() + 2);
    look_at(std::move(above));
    look_at(std::move(below));
  }
  open_share_ = std::max(0.0, open_share_);
}

}  // namespace chiploc::fleet
