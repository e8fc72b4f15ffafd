#include "server/eval/summary.hpp"

#include <algorithm>
#include <cmath>

namespace chiploc {
namespace {

class Share {
 public:
  void add(bool counts) {
    ++of_;
    if (counts) ++those_;
  }
  [[nodiscard]] std::size_t of() const { return of_; }
  [[nodiscard]] std::optional<double> percent() const {
    if (of_ == 0) return std::nullopt;
    return 100.0 * static_cast<double>(those_) / static_cast<double>(of_);
  }

 private:
  std::size_t those_ = 0, of_ = 0;
};

std::optional<double> finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace

std::string_view name_of(Grade grade) { return grade == Grade::kProof ? "proof" : "estimate"; }

ClaimAnswer answer_of(const ClaimOutcome& outcome, Grade grade, const ClaimPolicy& policy) {
  const bool flagged = outcome.state == VerdictState::kOutside || outcome.state == VerdictState::kProhibited;
  if (outcome.state == VerdictState::kVerified) return ClaimAnswer::kAccepted;
  if (flagged) return ClaimAnswer::kFlagged;
  if (grade == Grade::kEstimate && outcome.estimated) {
    if (outcome.probability >= policy.accept) return ClaimAnswer::kAccepted;
    if (outcome.probability <= policy.flag) return ClaimAnswer::kFlagged;
  }
  return outcome.state == VerdictState::kCleared ? ClaimAnswer::kCleared : ClaimAnswer::kUnresolved;
}

std::optional<double> quantile(std::vector<double> values, double q) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(below);
  if (part == 0.0) return values[below];  // also keeps infinity - infinity out
  return values[below] + part * (values[below + 1] - values[below]);
}

SummaryRow summarise(const RttSet& set, const RowOutcome& row, Grade grade, const ClaimPolicy& policy) {
  std::vector<double> errors, times;
  Share country, contains, covers;
  Share true_accepted, true_cleared, true_flagged, false_accepted, false_flagged, unresolved;
  for (const CaseOutcome& outcome : row.cases) {
    errors.push_back(outcome.error_km);
    times.push_back(outcome.fix_us);
    contains.add(outcome.region_contains_truth);
    covers.add(outcome.credible95_covers);
    if (!outcome.own_open) {
      country.add(outcome.judged == set.nodes[outcome.target].country);
      const ClaimAnswer own = answer_of(outcome.true_claim, grade, policy);
      true_accepted.add(own == ClaimAnswer::kAccepted);
      true_cleared.add(own == ClaimAnswer::kCleared);
      true_flagged.add(own == ClaimAnswer::kFlagged);
      unresolved.add(own == ClaimAnswer::kUnresolved);
    }
    for (const ClaimOutcome& claim : outcome.false_claims) {
      const ClaimAnswer other = answer_of(claim, grade, policy);
      false_accepted.add(other == ClaimAnswer::kAccepted);
      false_flagged.add(other == ClaimAnswer::kFlagged);
      unresolved.add(other == ClaimAnswer::kUnresolved);
    }
  }
  SummaryRow out;
  out.set = set.name;
  out.anchors = row.anchors;
  out.grade = grade;
  out.cases = row.cases.size();
  out.median_km = finite(quantile(errors, 0.5));
  out.p90_km = finite(quantile(std::move(errors), 0.9));
  out.country_pct = country.percent();
  out.region_contains_truth_pct = contains.percent();
  out.credible95_covers_pct = covers.percent();
  out.claims_true = true_accepted.of();
  out.claims_true_verified_pct = true_accepted.percent();
  out.claims_true_cleared_pct = true_cleared.percent();
  out.claims_true_flagged_pct = true_flagged.percent();
  out.claims_false = false_accepted.of();
  out.claims_false_accepted_pct = false_accepted.percent();
  out.claims_false_flagged_pct = false_flagged.percent();
  out.unresolved_pct = unresolved.percent();
  out.us_per_fix_p50 = quantile(times, 0.5);
  out.us_per_fix_p99 = quantile(std::move(times), 0.99);
  out.statistic = set.statistic;
  out.column = set.column;
  out.resolution_ms = set.resolution_ms;
  out.added_ms = set.added_ms;
  return out;
}

}  // namespace chiploc
