// On the measurements that lie beside the checkout; they may not be redistributed, so they may be absent.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "server/sim/fit/fit_output.hpp"
#include "server/sim/fit/measured_paths.hpp"
#include "server/sim/paths/hold_out.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test::held_out_data_test {
namespace {

std::optional<MeasuredPaths> real_folder(const std::string& name) {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / name;
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return std::nullopt;
  }
  auto measured = load_measured(folder);
  if (!measured) FAIL(measured.error().lines.front());
  return std::move(measured).value();
}

std::vector<HoldOut> splits_of(const PathFitInput& input, std::uint64_t count) {
  std::vector<HoldOut> splits;
  for (std::uint64_t seed = 1; seed <= count; ++seed) splits.push_back(hold_out(input, seed).value());
  return splits;
}

TEST_CASE("held-out data: quantiles of delay over distance within 10 % on pairs not fitted to",
          "[sim][data]") {
  for (const char* name : {"wonderproxy-2020", "ripe-us-2024"}) {
    const auto folder = real_folder(name);
    if (!folder) continue;
    PathFitInput input = folder->input;
    input.hours.clear();  // no part of what is compared
    const bool large = input.pairs.size() > 10'000;
    const auto splits = splits_of(input, large ? 3 : 20);
    INFO(name << ", largest error " << splits.front().ratio.largest());
    CHECK(splits.front().ratio.largest() <= kHeldWithin);
    for (std::size_t share = 0; share < kHeldShares.size(); ++share) {
      INFO(name << ", share " << kHeldShares[share]);
      CHECK(median_error(splits, share) <= kHeldWithin);
    }
    for (const HoldOut& split : splits) {
      // Half of the far pairs, to the pair, and nothing faster than light in fibre.
      CHECK(split.simulated.front() >= 1.0);
      CHECK(split.ratio.pairs > (large ? 13'000U : 300U));
      if (large) CHECK(split.ratio.largest() <= kHeldWithin);
    }
  }
}

TEST_CASE("held-out data: a matrix of each folder is a network", "[sim][data]") {
  for (const char* name : {"wonderproxy-2020", "ripe-us-2024", "aws-2020"}) {
    const auto folder = real_folder(name);
    if (!folder) continue;
    const auto paths = MatrixPaths::create(folder->matrix);
    if (!paths) FAIL(name << ": " << paths.error());
    const RttMatrix& matrix = folder->matrix;
    std::size_t asked = 0;
    for (std::size_t a = 0; a < matrix.nodes.size(); ++a) {
      for (std::size_t b = 0; b < matrix.nodes.size(); b += 5) {
        const PathEnd from{matrix.nodes[a].name, matrix.nodes[a].place},
            to{matrix.nodes[b].name, matrix.nodes[b].place};
        const MatrixPair* pair = paths->pair_between(from.name, to.name);
        if (a == b || pair->min_ms < 0.0) continue;
        const PathFate there = paths->fate(from, to, {1, std::chrono::hours{30}, a}),
                       back = paths->fate(to, from, {1, std::chrono::hours{30}, b});
        ++asked;
        const double ms = static_cast<double>((there.delay + back.delay).count()) * 1e-6;
        REQUIRE(ms >= pair->min_ms -
                          1e-9);  // a picosecond: the sum is in whole nanoseconds, the minimum in a double
        REQUIRE(there.delay >= least_one_way(from.place, to.place));
        const auto& hours = pair->hourly_ms;  // where there are any, they alone are replayed
        const double most = hours.empty() ? std::max(pair->max_ms, pair->min_ms)
                                          : *std::max_element(hours.begin(), hours.end());
        if (pair->max_ms >= 0.0) REQUIRE(ms <= most + 1e-4);
      }
    }
    CHECK(asked > 60);
  }
}

TEST_CASE("held-out data: the defaults are what the fit says of wonderproxy-2020, in three digits",
          "[sim][data]") {
  const auto folder = real_folder("wonderproxy-2020");
  if (!folder) return;
  const auto fit = fit_paths(folder->input, {1, 0});
  REQUIRE(fit.has_value());
  const PathParameters &fitted = fit->parameters, defaults = default_paths();
  const auto close = [](double a, double b) { return std::abs(a - b) <= 0.0051 * std::abs(b) + 1e-9; };
  CHECK(close(defaults.node_share, fitted.node_share));
  CHECK(close(defaults.burst_ratio, fitted.burst_ratio));
  REQUIRE(defaults.bands.size() == fitted.bands.size());
  for (std::size_t k = 0; k < kKnotKeys.size(); ++k) {
    CAPTURE(std::string{kKnotKeys[k]}, fitted.last_mile_ms.at[k], fitted.queue_ms.at[k]);
    CHECK(close(defaults.last_mile_ms.at[k], fitted.last_mile_ms.at[k]));
    CHECK(close(defaults.queue_ms.at[k], fitted.queue_ms.at[k]));
    for (std::size_t b = 0; b < fitted.bands.size(); ++b) {
      CAPTURE(fitted.bands[b].km, fitted.bands[b].extra.at[k]);
      CHECK(defaults.bands[b].km == fitted.bands[b].km);
      CHECK(close(defaults.bands[b].extra.at[k], fitted.bands[b].extra.at[k]));
    }
  }
}

TEST_CASE("held-out data: hours tell of routes that change, and nothing of an evening", "[sim][data]") {
  const auto folder = real_folder("ripe-us-2024");
  if (!folder) return;
  CHECK(folder->input.hours.size() == 1'295);
  const auto fit = fit_paths(folder->input, {1, 0});
  REQUIRE(fit.has_value());
  CHECK(fit->parameters.changes_per_day > 0.02);
  CHECK(fit->parameters.changes_per_day < 5.0);
  // The least of an hour's 45 packets has met an empty queue, in the evening as ever: over the day what these hours have
  // above the pair's least differs by 6 %, and its highest is in the forenoon.
  CHECK(fit->parameters.diurnal_peak < 0.05);
  CHECK(std::count(fit->kept.begin(), fit->kept.end(), "paths_queue") == 1);
}

}  // namespace
}  // namespace chiploc::test::held_out_data_test
