#include "server/eval/summary.hpp"

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::summary_test {
namespace {

using S = VerdictState;
constexpr ClaimPolicy kPolicy{0.9, 0.1};

ClaimOutcome outcome(S state, double probability) { return {state, probability, true}; }

TEST_CASE("summary: the proof answers first, the estimate where it is silent", "[eval]") {
  const auto both = [](S state, double p) {
    return std::pair{answer_of(outcome(state, p), Grade::kProof, kPolicy),
                     answer_of(outcome(state, p), Grade::kEstimate, kPolicy)};
  };
  using A = ClaimAnswer;
  CHECK(both(S::kVerified, 0.0) == std::pair{A::kAccepted, A::kAccepted});
  CHECK(both(S::kOutside, 1.0) == std::pair{A::kFlagged, A::kFlagged});
  CHECK(both(S::kProhibited, 1.0) == std::pair{A::kFlagged, A::kFlagged});
  CHECK(both(S::kCleared, 0.9) == std::pair{A::kCleared, A::kAccepted});
  CHECK(both(S::kCleared, 0.5) == std::pair{A::kCleared, A::kCleared});
  CHECK(both(S::kCleared, 0.1) == std::pair{A::kCleared, A::kFlagged});
  CHECK(both(S::kUnresolved, 0.95) == std::pair{A::kUnresolved, A::kAccepted});
  CHECK(both(S::kUnresolved, 0.89) == std::pair{A::kUnresolved, A::kUnresolved});
  CHECK(both(S::kUnresolved, 0.0) == std::pair{A::kUnresolved, A::kFlagged});
  // Without an estimate a probability of nothing says nothing.
  CHECK(answer_of({S::kUnresolved, 0.0, false}, Grade::kEstimate, kPolicy) == A::kUnresolved);
}

TEST_CASE("summary: quantiles are interpolated as NumPy does", "[eval]") {
  CHECK_FALSE(quantile({}, 0.5).has_value());
  CHECK(quantile({7.0}, 0.9) == 7.0);
  CHECK(*quantile({3.0, 1.0, 2.0, 4.0}, 0.5) == Approx(2.5));
  CHECK(quantile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 0.9) == 10.0);
  CHECK(*quantile({1.0, 2.0}, 0.9) == Approx(1.9));
}

TEST_CASE("summary: claims of two targets, counted by hand", "[eval]") {
  const RttSet set = small_set();
  RowOutcome row{"all", {}};
  CaseOutcome good;  // Berlin: verified, 3 km off
  good.target = number_of(set, "b");
  good.region_contains_truth = good.credible95_covers = true;
  good.true_claim = outcome(S::kVerified, 1.0);
  good.false_claims = {outcome(S::kOutside, 0.0), outcome(S::kUnresolved, 0.05)};
  good.error_km = 3.0;
  good.judged = code("DE");
  good.fix_us = 10.0;
  CaseOutcome bad;  // Paris: taken for Belgium
  bad.target = number_of(set, "f");
  bad.region_contains_truth = true;
  bad.true_claim = outcome(S::kCleared, 0.04);
  bad.false_claims = {outcome(S::kUnresolved, 0.92), outcome(S::kUnresolved, 0.5)};
  bad.error_km = 5.0;
  bad.judged = code("BE");
  bad.fix_us = 30.0;
  row.cases = {good, bad};

  const SummaryRow proof = summarise(set, row, Grade::kProof, kPolicy);
  CHECK(proof.set == "small");
  CHECK(proof.cases == 2);
  CHECK(proof.median_km.value() == Approx(4.0));
  CHECK(proof.p90_km.value() == Approx(4.8));
  CHECK(proof.country_pct == 50.0);
  CHECK(proof.region_contains_truth_pct == 100.0);
  CHECK(proof.credible95_covers_pct == 50.0);
  CHECK(proof.claims_true == 2);
  CHECK(proof.claims_true_verified_pct == 50.0);
  CHECK(proof.claims_true_cleared_pct == 50.0);
  CHECK(proof.claims_true_flagged_pct == 0.0);
  CHECK(proof.claims_false == 4);
  CHECK(proof.claims_false_accepted_pct == 0.0);
  CHECK(proof.claims_false_flagged_pct == 25.0);
  CHECK(proof.unresolved_pct.value() == Approx(50.0));  // three of six
  CHECK(proof.us_per_fix_p50.value() == Approx(20.0));

  const SummaryRow estimate = summarise(set, row, Grade::kEstimate, kPolicy);
  CHECK(estimate.claims_true_verified_pct == 50.0);
  CHECK(estimate.claims_true_cleared_pct == 0.0);
  CHECK(estimate.claims_true_flagged_pct == 50.0);
  CHECK(estimate.claims_false_accepted_pct == 25.0);
  CHECK(estimate.claims_false_flagged_pct == 50.0);
  CHECK(estimate.unresolved_pct.value() == Approx(100.0 / 6.0));
  CHECK(estimate.median_km == proof.median_km);
}

TEST_CASE("summary: nothing to count is no figure, and no estimate is infinitely far off", "[eval]") {
  const RttSet set = small_set();
  const SummaryRow none = summarise(set, {"all", {}}, Grade::kProof, kPolicy);
  CHECK(none.cases == 0);
  CHECK_FALSE(none.median_km.has_value());
  CHECK_FALSE(none.country_pct.has_value());
  CHECK_FALSE(none.us_per_fix_p99.has_value());
  CaseOutcome one;
  one.error_km = 5.0;
  const SummaryRow half = summarise(set, {"all", {one, one, CaseOutcome{}}}, Grade::kProof, kPolicy);
  CHECK(half.median_km == 5.0);
  CHECK_FALSE(half.p90_km.has_value());
}

}  // namespace
}  // namespace chiploc::test::summary_test
