#include "server/orders/order_tally.hpp"

#include <numeric>

namespace chiploc {
namespace {

/// Where the site is counted; null for one that is not, and would not be made.
ChipCounts* counts_of(OrderTally& tally, const std::string& site) {
  const auto found = tally.sites.find(site);
  if (found != tally.sites.end()) return &found->second;
  return tally.sites.size() < kOrderSitesMax ? nullptr : &tally.beyond;
}

bool can_be(const ChipPart& part) { return part.measured || part.state != ChipState::kCompliant; }

void add_up(ChipCounts& sum, const ChipCounts& counts) {
  for (std::size_t i = 0; i < kChipStates; ++i) sum.in[i] += counts.in[i];
  sum.measured += counts.measured;
}

}  // namespace

std::uint32_t ChipCounts::total() const { return std::accumulate(in.begin(), in.end(), std::uint32_t{0}); }

std::uint32_t ChipCounts::accused() const {
  return of(ChipState::kDrifted) + of(ChipState::kProhibited) + of(ChipState::kTampered) +
         of(ChipState::kDisputed);
}

ChipCounts OrderTally::all() const {
  ChipCounts sum = beyond;
  for (const auto& [site, counts] : sites) add_up(sum, counts);
  return sum;
}

bool add(OrderTally& tally, const ChipPart& part) {
  if (!can_be(part)) return false;
  if (tally.all().total() >= kOrderChipsMax) return false;
  ChipCounts* counts = counts_of(tally, part.site);
  if (counts == nullptr) counts = &tally.sites[part.site];
  ++counts->in.at(static_cast<std::size_t>(part.state));
  counts->measured += part.measured ? 1U : 0U;
  return true;
}

bool remove(OrderTally& tally, const ChipPart& part) {
  ChipCounts* const counts = counts_of(tally, part.site);
  if (!can_be(part) || counts == nullptr || counts->of(part.state) == 0) return false;
  // Of those that stay no more are measured than there are, and every compliant one is.
  const std::uint32_t compliant =
      counts->of(ChipState::kCompliant) - (part.state == ChipState::kCompliant ? 1U : 0U);
  if (part.measured ? counts->measured <= compliant : counts->measured == counts->total()) return false;
  --counts->in.at(static_cast<std::size_t>(part.state));
  counts->measured -= part.measured ? 1U : 0U;
  return true;
}

}  // namespace chiploc
