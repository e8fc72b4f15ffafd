#include "server/lab/timing_histogram.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("TimingHistogram: quantiles are upper bounds within 1/32 of the exact ones", "[sim][histogram]") {
  std::mt19937_64 random{7};
  std::lognormal_distribution<double> spread{10.0, 2.5};
  TimingHistogram histogram;
  std::vector<std::int64_t> exact;
  for (int i = 0; i < 50'000; ++i) {
    const auto ns = static_cast<std::int64_t>(spread(random));
    exact.push_back(ns);
    histogram.add(Nanoseconds{ns});
  }
  std::sort(exact.begin(), exact.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(exact.size())) - 1;
    const auto got = histogram.quantile(share).count();
    CAPTURE(share, exact[rank], got);
    CHECK(got >= exact[rank]);
    CHECK(static_cast<double>(got) <= static_cast<double>(exact[rank]) * (1.0 + 1.0 / 32.0) + 1.0);
  }
  CHECK(histogram.quantile(1.0) == histogram.max());
  CHECK(histogram.count() == 50'000);
}

TEST_CASE("TimingHistogram: small values are exact, negative ones are counted apart", "[sim][histogram]") {
  TimingHistogram histogram;
  CHECK(histogram.quantile(0.5) == Nanoseconds{0});
  for (int i = 0; i < 64; ++i) histogram.add(Nanoseconds{i});
  CHECK(histogram.quantile(0.5) == Nanoseconds{31});
  CHECK(histogram.below_zero() == 0);
  histogram.add(Nanoseconds{-5});
  CHECK(histogram.below_zero() == 1);
  histogram.add(Nanoseconds{INT64_MAX});
  CHECK(histogram.max() == Nanoseconds{INT64_MAX});
}

}  // namespace
}  // namespace chiploc
