#pragma once
// From the outcomes of cases to the figures of a row.

#include <optional>
#include <string>
#include <vector>

#include "server/eval/runner.hpp"

namespace chiploc {

/// How sure an estimate must be before it answers a claim that the proof leaves open. Policy, not physics.
/// The defaults were chosen on one row of one set where anchors are many, for less than 0.5 % wrong answers
/// of either kind; where they are few, 0.5 and 0.001 do better. README.md has the trade-off.
struct ClaimPolicy {
  double accept = 0.3;  ///< accepted from this probability of the licensed country on
  double flag = 0.018;  ///< flagged up to this one
};

/// kProof: the state alone. kEstimate: where the state decides nothing, the probability.
enum class Grade { kProof, kEstimate };
[[nodiscard]] std::string_view name_of(Grade grade);

enum class ClaimAnswer { kAccepted, kCleared, kFlagged, kUnresolved };

/// accepted     VERIFIED; at estimate grade also a probability of at least policy.accept, unless flagged by
/// proof flagged      OUTSIDE or PROHIBITED; at estimate grade also one of at most policy.flag, unless
/// VERIFIED cleared      CLEARED, and neither of these unresolved   the rest
[[nodiscard]] ClaimAnswer answer_of(const ClaimOutcome& outcome, Grade grade, const ClaimPolicy& policy);

/// One row of the answer. The figures of place, region and time are those of the row's cases and the same at
/// both grades; the claims' differ. Percentages are 0 to 100; nullopt where there is nothing to count.
struct SummaryRow {
  std::string set;
  std::string anchors;
  Grade grade = Grade::kProof;
  std::size_t cases = 0;
  std::optional<double> median_km, p90_km;  ///< of the estimate's errors; nullopt also when infinite
  std::optional<double> country_pct;
  std::optional<double> region_contains_truth_pct;
  std::optional<double> credible95_covers_pct;
  std::size_t claims_true = 0;
  std::optional<double> claims_true_verified_pct;  ///< accepted, at estimate grade
  std::optional<double> claims_true_cleared_pct;
  std::optional<double> claims_true_flagged_pct;
  std::size_t claims_false = 0;
  std::optional<double> claims_false_accepted_pct;
  std::optional<double> claims_false_flagged_pct;
  std::optional<double> unresolved_pct;  ///< of all claims, true and false
  std::optional<double> us_per_fix_p50, us_per_fix_p99;
  RttStatistic statistic = RttStatistic::kMinimum;  ///< of what the round trips are
  std::string column;                               ///< and where they stood
  double resolution_ms = 0.0;                       ///< as stated
  double added_ms = 0.0;                            ///< to every round trip, for that
};

[[nodiscard]] SummaryRow summarise(const RttSet& set, const RowOutcome& row, Grade grade,
                                   const ClaimPolicy& policy);

/// Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan), as NumPy's
/// default. nullopt for no values.
[[nodiscard]] std::optional<double> quantile(std::vector<double> values, double q);

}  // namespace chiploc
