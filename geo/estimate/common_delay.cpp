#include "geo/estimate/common_delay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chiploc {
namespace {

constexpr double kDirect = 0.9;            // a priori
constexpr double kEachDelay = 0.1 / 11.0;  // at 10 ms, before the decay
constexpr double kUsualMs = 10.0;
constexpr double kDecayMs = 20.0;
constexpr double kEvidence = 2.0;  // exponent
constexpr double kCoarse = 4.0;
constexpr double kDelayed = 0.5;     // of all delays together, from which on they count at all
constexpr double kLeastEach = 0.05;  // of one of them
constexpr double kLeastDirect = 0.3;

}  // namespace

std::vector<double> common_delay_shares(std::span<const double> log_evidence, bool coarse) {
  std::vector<double> shares(log_evidence.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const double delay = kCommonDelaysMs[k];
    const double prior = k == 0 ? kDirect : kEachDelay * kUsualMs / delay * std::exp(-delay / kDecayMs);
    shares[k] = kEvidence * log_evidence[k] + std::log(prior * (coarse && k > 0 ? kCoarse : 1.0));
  }
  const double top = *std::max_element(shares.begin(), shares.end());
  double sum = 0.0;
  for (double& share : shares) sum += share = std::exp(share - top);
  for (double& share : shares) share /= sum;
  return shares;
}

std::vector<double> delays_that_count(std::vector<double> shares) {
  if (shares[0] >= 1.0 - kDelayed) {
    std::fill(shares.begin() + 1, shares.end(), 0.0);
    shares[0] = 1.0;
    return shares;
  }
  const auto most = std::max_element(shares.begin() + 1, shares.end());
  double delayed = 0.0;
  for (auto share = shares.begin() + 1; share != shares.end(); ++share) {
    if (share != most && *share < kLeastEach) *share = 0.0;
    delayed += *share;
  }
  shares[0] = std::max(kLeastDirect, shares[0] / (shares[0] + delayed));
  for (auto share = shares.begin() + 1; share != shares.end(); ++share) *share *= (1.0 - shares[0]) / delayed;
  return shares;
}

}  // namespace chiploc
