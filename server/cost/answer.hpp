#pragma once
// The cheapest way round under a policy, with what the answer hangs on. Pure.

#include <optional>
#include <vector>

#include "server/cost/ways.hpp"

namespace chiploc {

/// What somebody puts up with.
enum class CostGoal : std::uint8_t {
  kUnseen,  ///< nobody is called for all the months
  kAny,     ///< whatever is cheapest, with what is to be expected of being seen
};

struct PricedWay {
  Way way;  ///< by the central values
  /// Totals with all values as cheap, and as dear, as they may be; nullopt: it cannot be gone then.
  std::optional<double> low, high;
};

/// What the cheapest way costs when one value is at its low and at its high end, all others as they are.
struct Swing {
  CostKey key{};
  struct At {
    double total = 0.0;
    WayId way{};
  };
  std::optional<At> low, high;  ///< nullopt: then no known way does it
};

struct CostAnswer {
  CostCase wanted;
  PolicyFacts facts;
  std::vector<PricedWay> ways;             ///< by price, those that cannot be gone last
  std::optional<std::size_t> unseen, any;  ///< the cheapest of `ways` for each goal
  double rent = 0.0;                       ///< as many chips that stay where they are licensed, for as long
  double market = 0.0;                     ///< what as many smuggled chips cost more than licensed ones
  CostGoal goal = CostGoal::kUnseen;       ///< of the swings: kAny where no way stays unseen
  std::vector<Swing> swings;               ///< what moves the answer, the most first
};

/// Whether a larger value makes cheating cheaper: of most a smaller one does.
[[nodiscard]] bool cheaper_when_high(CostKey key);

[[nodiscard]] CostAnswer cost_answer(const CostCase& wanted, const PolicyFacts& facts,
                                     const CostAssumptions& assumptions);

}  // namespace chiploc
