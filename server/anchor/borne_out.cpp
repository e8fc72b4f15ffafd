#include "server/anchor/borne_out.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace chiploc {

std::optional<std::size_t> borne_out(std::span<const TimedSample> samples) {
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return samples[a].rtt < samples[b].rtt; });
  // The instants that all samples so far have in common: from the latest sending to the earliest receipt.
  Nanoseconds from = Nanoseconds::min();
  Nanoseconds to = Nanoseconds::max();
  for (const std::size_t index : order) {
    const TimedSample& sample = samples[index];
    if (sample.received <= sample.sent) continue;  // could have been in flight at any time
    from = std::max(from, sample.sent);
    to = std::min(to, sample.received);
    if (from > to) return index;
  }
  return std::nullopt;
}

}  // namespace chiploc
