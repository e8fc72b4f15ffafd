#include "server/verifier/proof_certificate.hpp"

#include <algorithm>

namespace chiploc {
namespace {

class Certifier {
 public:
  Certifier(const std::vector<ProvedBound>& bounds, unsigned fault_budget, const Region& region,
            const TerritoryJudgement& judgement, const TerritoryJudge& judge)
      : named_{bounds},
        bounds_{bounds_of(bounds)},
        budget_{fault_budget},
        region_{region},
        state_{state_of(judgement.finding)},
        judge_{judge} {}

  [[nodiscard]] unsigned largest_budget() const {
    unsigned budget = budget_;
    while (budget + 1 < region_.perspectives() && still(Region::from_bounds(bounds_, budget + 1))) ++budget;
    return budget;
  }

  [[nodiscard]] std::vector<std::string> hinges() const {
    std::vector<std::string> names;
    for (const std::uint32_t perspective : region_.shaping_perspectives()) {
      std::vector<AnchorBound> others;
      std::copy_if(bounds_.begin(), bounds_.end(), std::back_inserter(others),
                   [&](const AnchorBound& b) { return b.perspective != perspective; });
      if (still(Region::from_bounds(others, budget_))) continue;
      for (const ProvedBound& b : named_) {
        if (b.bound.perspective == perspective) names.push_back(b.anchor);
      }
    }
    return names;
  }

  /// Bisection to a kilometre.
  [[nodiscard]] Kilometers margin() const {
    double holds = 0.0;
    double fails = kMarginMax.km();
    while (fails - holds > 1.0) {
      const double middle = (holds + fails) / 2;
      (still(region_.inflated(Kilometers{middle})) ? holds : fails) = middle;
    }
    return Kilometers{holds};
  }

  [[nodiscard]] std::vector<TerritoryMargin> margins() const {
    std::vector<TerritoryMargin> out;
    for (const Territory& territory : judge_.prohibited_territories()) {
      if (const auto distance = territory.clearance(region_, kMarginMax))
        out.push_back({territory.name(), *distance});
    }
    std::stable_sort(out.begin(), out.end(), [](const TerritoryMargin& a, const TerritoryMargin& b) {
      return a.distance < b.distance;
    });
    return out;
  }

 private:
  [[nodiscard]] bool still(const Region& region) const {
    return state_of(judge_.judge(region).finding) == state_;
  }

  const std::vector<ProvedBound>& named_;
  std::vector<AnchorBound> bounds_;
  unsigned budget_;
  const Region& region_;
  VerdictState state_;
  const TerritoryJudge& judge_;
};

}  // namespace

std::vector<AnchorBound> bounds_of(const std::vector<ProvedBound>& proved) {
  std::vector<AnchorBound> out;
  out.reserve(proved.size());
  for (const ProvedBound& one : proved) out.push_back(one.bound);
  return out;
}

Proof certify(const std::vector<ProvedBound>& bounds, unsigned fault_budget, const Region& region,
              const TerritoryJudgement& judgement, const TerritoryJudge& judge) {
  Proof proof{.fault_budget = fault_budget,
              .fault_budget_max = fault_budget,
              .hinges = {},
              .countries = {judgement.met.begin(), judgement.met.end()},
              .margin = Kilometers{0.0},
              .margins = {}};
  if (region.is_everything() || region.empty()) return proof;
  const Certifier certifier{bounds, fault_budget, region, judgement, judge};
  proof.margins = certifier.margins();
  if (state_of(judgement.finding) != VerdictState::kUnresolved) {
    proof.fault_budget_max = certifier.largest_budget();
    proof.hinges = certifier.hinges();
    proof.margin = certifier.margin();
  }
  return proof;
}

}  // namespace chiploc
