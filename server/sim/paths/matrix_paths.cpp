#include "server/sim/paths/matrix_paths.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

double ms_of(Nanoseconds t) { return static_cast<double>(t.count()) * 1e-6; }

std::string fault_of(const MatrixPair& pair, LatLon a, LatLon b) {
  if (pair.min_ms < 0.0) return {};
  if (!std::isfinite(pair.min_ms) || pair.min_ms == 0.0) return "its minimum is no time; drop the pair";
  const double least = 2.0 * ms_of(least_one_way(a, b));
  const auto faster = [&](double ms) { return ms < least - 2e-6; };  // least is rounded up to the nanosecond
  char text[128];
  if (faster(pair.min_ms)) {
    std::snprintf(text, sizeof text, "its minimum (%g ms) is faster than light (%g ms); correct a place",
                  pair.min_ms, least);
    return text;
  }
  for (const float hour : pair.hourly_ms) {
    if (hour >= 0.0F && !(std::isfinite(hour) && hour >= pair.min_ms * (1.0 - 1e-6)))
      return "an hour lies below its minimum; take the least of all hours for it";
  }
  if (pair.avg_ms < 0.0) return {};
  if (!(pair.avg_ms >= pair.min_ms) || !std::isfinite(pair.avg_ms)) return "its mean is below its minimum";
  if (pair.max_ms >= 0.0 && pair.max_ms < pair.avg_ms) return "its maximum is below its mean";
  return std::isnan(pair.max_ms) || std::isnan(pair.mdev_ms) ? "a column is no number" : std::string{};
}

/// Of two columns what both say: their mean, or the one that is there.
double both(double a, double b) { return a < 0.0 ? b : b < 0.0 ? a : 0.5 * (a + b); }

MatrixPair joined_pair(const MatrixPair& there, const MatrixPair& back) {
  if (there.min_ms < 0.0) return back;
  if (back.min_ms < 0.0) return there;
  MatrixPair out;
  out.min_ms = std::min(there.min_ms, back.min_ms);
  // Over its own minimum each: the difference of two routes is no queueing.
  const auto over = [](const MatrixPair& it, double ms) { return ms < 0.0 ? -1.0 : ms - it.min_ms; };
  const auto joined = [&](double excess) { return excess < 0.0 ? -1.0 : out.min_ms + excess; };
  out.avg_ms = joined(both(over(there, there.avg_ms), over(back, back.avg_ms)));
  out.max_ms = joined(both(over(there, there.max_ms), over(back, back.max_ms)));
  out.mdev_ms = both(there.mdev_ms, back.mdev_ms);
  out.hourly_ms.resize(std::max(there.hourly_ms.size(), back.hourly_ms.size()), -1.0F);
  for (std::size_t h = 0; h < out.hourly_ms.size(); ++h) {
    const float a = h < there.hourly_ms.size() ? there.hourly_ms[h] : -1.0F;
    const float b = h < back.hourly_ms.size() ? back.hourly_ms[h] : -1.0F;
    out.hourly_ms[h] = a < 0.0F ? b : b < 0.0F ? a : std::min(a, b);
  }
  return out;
}

/// The least round trip at a time; negative if there is none.
double base_ms(const MatrixPair& pair, Nanoseconds at) {
  if (pair.hourly_ms.empty()) return pair.min_ms;
  const auto hours = static_cast<std::int64_t>(pair.hourly_ms.size());
  const auto hour = static_cast<std::int64_t>(std::floor(static_cast<double>(at.count()) / 3.6e12));
  const std::int64_t now = ((hour % hours) + hours) % hours;
  for (std::int64_t back = 0; back < hours; ++back) {
    const float ms = pair.hourly_ms[static_cast<std::size_t>((now - back + hours) % hours)];
    if (ms >= 0.0F) return std::max(pair.min_ms, static_cast<double>(ms));
  }
  return -1.0;
}

/// What a datagram takes longer than the least, one way.
double varied_ms(const MatrixPair& pair, const PathDice& dice) {
  // avg, max and mdev of a file with hours are those of the hours, which are replayed as they are.
  if (pair.avg_ms < 0.0 || !pair.hourly_ms.empty()) return 0.0;
  const double mean = 0.5 * (pair.avg_ms - pair.min_ms);
  // One way has half of the round trip's variance. Exponential queueing of mean m and, in a share p, a burst of mean
  // B more: mean m + pB, variance m^2 + 2pB^2 - (pB)^2. With the mean fixed 2pB^2 - 2pB mean = variance - mean^2.
  double burst = 0.0;
  const double variance = pair.mdev_ms < 0.0 ? 0.0 : 0.5 * pair.mdev_ms * pair.mdev_ms;
  if (variance > mean * mean) {
    const double p = kMatrixBurst;
    burst =
        std::min(0.5 * mean + std::sqrt(0.25 * mean * mean + (variance - mean * mean) / (2.0 * p)), mean / p);
  }
  double ms = (mean - kMatrixBurst * burst) * dice.exponential(0);
  if (dice.unit(1) < kMatrixBurst) ms += burst * dice.exponential(2);
  const double most = pair.max_ms < 0.0 ? ms : 0.5 * (pair.max_ms - pair.min_ms);
  return std::clamp(ms, 0.0, std::max(0.0, most));
}

}  // namespace

MatrixPaths::MatrixPaths(RttMatrix matrix) : matrix_{std::move(matrix)} {
  for (std::size_t n = 0; n < matrix_.nodes.size(); ++n) numbers_[matrix_.nodes[n].name] = n;
}

Result<MatrixPaths, std::string> MatrixPaths::create(RttMatrix matrix) {
  const std::size_t n = matrix.nodes.size();
  if (matrix.pairs.size() != n * n) return Fail{std::string{"the matrix is not square"}};
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      if (a == b) continue;
      const std::string fault =
          fault_of(matrix.pairs[a * n + b], matrix.nodes[a].place, matrix.nodes[b].place);
      if (!fault.empty()) return Fail{matrix.nodes[a].name + " to " + matrix.nodes[b].name + ": " + fault};
    }
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a + 1; b < n; ++b) {
      MatrixPair& there = matrix.pairs[a * n + b];
      there = joined_pair(there, matrix.pairs[b * n + a]);
      matrix.pairs[b * n + a] = there;
    }
  }
  MatrixPaths paths{std::move(matrix)};
  if (paths.numbers_.size() != n) return Fail{std::string{"two nodes have one name; names tell ends apart"}};
  return paths;
}

const MatrixPair* MatrixPaths::pair_between(std::string_view a, std::string_view b) const {
  const auto from = numbers_.find(a), to = numbers_.find(b);
  if (from == numbers_.end() || to == numbers_.end()) return nullptr;
  return &matrix_.pairs[from->second * matrix_.nodes.size() + to->second];
}

PathFate MatrixPaths::least(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  const MatrixPair* pair = from.name == to.name ? nullptr : pair_between(from.name, to.name);
  const double ms = pair == nullptr || pair->min_ms < 0.0 ? -1.0 : base_ms(*pair, datagram.at);
  const Nanoseconds light = least_one_way(from.place, to.place);
  if (ms < 0.0) return {true, light};
  return {false, std::max(rounded_up(0.5 * ms), light)};
}

PathFate MatrixPaths::fate(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  PathFate fate = least(from, to, datagram);
  if (fate.lost) return fate;
  const MatrixPair& pair = *pair_between(from.name, to.name);
  const PathDice dice = PathDice{datagram.seed}
                            .with("matrix")
                            .with(from.name)
                            .with(to.name)
                            .with(static_cast<std::uint64_t>(datagram.at.count()))
                            .with(datagram.number);
  fate.delay = std::max(rounded_up(0.5 * base_ms(pair, datagram.at) + varied_ms(pair, dice)), fate.delay);
  return fate;
}

}  // namespace chiploc
