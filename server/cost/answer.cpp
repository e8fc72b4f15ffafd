#include "server/cost/answer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

CostValues values_at(const CostAssumptions& assumptions, bool cheap) {
  CostValues out;
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    const bool high = cheaper_when_high(static_cast<CostKey>(i)) == cheap;
    out.all[i] = high ? assumptions.all[i].high : assumptions.all[i].low;
  }
  return out;
}

bool meets(const Way& way, CostGoal goal) {
  return goal == CostGoal::kUnseen ? way.stays_unseen() : way.possible();
}

std::optional<Swing::At> cheapest(CostGoal goal, const CostCase& wanted, const PolicyFacts& facts,
                                  const CostValues& values) {
  std::optional<Swing::At> out;
  for (const WayId id : kAllWays) {
    const Way way = way_round(id, wanted, facts, values);
    if (!meets(way, goal)) continue;
    const double total = way.price.total(wanted);
    if (!out || total < out->total) out = Swing::At{total, id};
  }
  return out;
}

double span_of(const Swing& swing) {
  if (!swing.low && !swing.high) return 0.0;
  if (!swing.low || !swing.high) return std::numeric_limits<double>::infinity();
  return std::abs(swing.high->total - swing.low->total);
}

std::vector<Swing> swings_of(const CostAnswer& answer, const CostAssumptions& assumptions) {
  std::vector<Swing> out;
  const CostValues central = central_values(assumptions);
  for (std::size_t i = 0; i < kCostKeys; ++i) {
    CostValues values = central;
    Swing swing;
    swing.key = static_cast<CostKey>(i);
    values.all[i] = assumptions.all[i].low;
    swing.low = cheapest(answer.goal, answer.wanted, answer.facts, values);
    values.all[i] = assumptions.all[i].high;
    swing.high = cheapest(answer.goal, answer.wanted, answer.facts, values);
    if (span_of(swing) > 0.0) out.push_back(swing);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Swing& a, const Swing& b) { return span_of(a) > span_of(b); });
  return out;
}

}  // namespace

bool cheaper_when_high(CostKey key) {
  return key == CostKey::kMarginVerified || key == CostKey::kMarginCleared || key == CostKey::kTripSpeed;
}

CostAnswer cost_answer(const CostCase& wanted, const PolicyFacts& facts, const CostAssumptions& assumptions) {
  CostAnswer out;
  out.wanted = wanted;
  out.facts = facts;
  const CostValues central = central_values(assumptions);
  const CostValues cheap = values_at(assumptions, true), dear = values_at(assumptions, false);
  const auto total = [&](WayId id, const CostValues& values) -> std::optional<double> {
    const Way way = way_round(id, wanted, facts, values);
    return way.possible() ? std::optional{way.price.total(wanted)} : std::nullopt;
  };
  for (const WayId id : kAllWays)
    out.ways.push_back({way_round(id, wanted, facts, central), total(id, cheap), total(id, dear)});
  std::stable_sort(out.ways.begin(), out.ways.end(), [&](const PricedWay& a, const PricedWay& b) {
    if (a.way.possible() != b.way.possible()) return a.way.possible();
    return a.way.possible() && a.way.price.total(wanted) < b.way.price.total(wanted);
  });
  for (std::size_t i = 0; i < out.ways.size(); ++i) {
    if (!out.unseen && meets(out.ways[i].way, CostGoal::kUnseen)) out.unseen = i;
    if (!out.any && meets(out.ways[i].way, CostGoal::kAny)) out.any = i;
  }
  out.rent = wanted.chips * wanted.months * kHoursAMonth * central[CostKey::kRentHour];
  out.market = wanted.chips * central[CostKey::kChipPrice] * central[CostKey::kMarketPremium];
  out.goal = out.unseen ? CostGoal::kUnseen : CostGoal::kAny;
  out.swings = swings_of(out, assumptions);
  return out;
}

}  // namespace chiploc
