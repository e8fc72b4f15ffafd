#include "server/eval/runner.hpp"

#include <atomic>
#include <cmath>

#include "server/eval/digest.hpp"
#include "tests/server/eval/small_set.hpp"

namespace chiploc::test {
namespace {

std::vector<RowOutcome> run(const RttSet& set, unsigned threads, const FixOptions& options = {}) {
  const auto rows = build_rows(set, supported_rows(set));
  REQUIRE(rows.has_value());
  return run_rows(set, *rows, Borders::world(), options, threads);
}

TEST_CASE("runner: each number is taken once, whatever the threads", "[eval]") {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::vector<std::atomic<int>> taken(100);
    run_on_threads(taken.size(), threads, [&](std::size_t i) { ++taken[i]; });
    for (const auto& count : taken) CHECK(count == 1);
  }
  run_on_threads(0, 4, [](std::size_t) { FAIL("nothing to do"); });
}

TEST_CASE("runner: the outcomes do not depend on the number of threads", "[eval]") {
  const RttSet set = small_set();
  const auto one = run(set, 1);
  const auto many = run(set, 5);
  REQUIRE(one.size() == many.size());
  CHECK(digest_of(one) == digest_of(many));
  for (std::size_t r = 0; r < one.size(); ++r) {
    REQUIRE(one[r].cases.size() == many[r].cases.size());
    for (std::size_t c = 0; c < one[r].cases.size(); ++c) {
      CHECK(one[r].cases[c].error_km == many[r].cases[c].error_km);
      CHECK(one[r].cases[c].credible_level == many[r].cases[c].credible_level);
    }
  }
}

TEST_CASE("runner: the digest tells another speed and another budget", "[eval]") {
  const RttSet set = small_set();
  FixOptions fibre;
  fibre.speed = kLightInFibre;
  FixOptions lenient;
  lenient.faults = 1;
  const Digest plain = digest_of(run(set, 2));
  CHECK(plain != digest_of(run(set, 2, fibre)));
  CHECK(plain != digest_of(run(set, 2, lenient)));
}

TEST_CASE("runner: honest round trips leave every target in its region, and flag no true claim", "[eval]") {
  const RttSet set = small_set();
  for (const unsigned faults : {0U, 1U}) {
    FixOptions options;
    options.speed = kLightInFibre;  // they are half again as slow as that
    options.faults = faults;
    for (const RowOutcome& row : run(set, 2, options)) {
      for (const CaseOutcome& outcome : row.cases) {
        INFO(row.anchors << " " << set.nodes[outcome.target].name);
        CHECK(outcome.region_contains_truth);
        CHECK(outcome.true_claim.state != VerdictState::kOutside);
        CHECK(outcome.false_claims.size() == kFalseClaims);
        for (const ClaimOutcome& claim : outcome.false_claims) CHECK(claim.state != VerdictState::kVerified);
        CHECK(outcome.fix_us > 0.0);
      }
    }
  }
}

TEST_CASE("runner: a prohibited neighbour turns CLEARED into UNRESOLVED", "[eval]") {
  const RttSet set = small_set();
  const auto state_of_bern = [&](std::vector<CountryCode> prohibited) {
    FixOptions options;
    options.prohibited = std::move(prohibited);
    const auto rows = run(set, 1, options);
    for (const CaseOutcome& outcome : rows[1].cases) {
      if (set.nodes[outcome.target].id == "c") return outcome.true_claim.state;
    }
    return VerdictState::kInvalid;
  };
  CHECK(state_of_bern({}) == VerdictState::kCleared);
  CHECK(state_of_bern({code("FJ")}) == VerdictState::kCleared);
  CHECK(state_of_bern({code("FR")}) == VerdictState::kUnresolved);
}

TEST_CASE("runner: round trips from the target do not count", "[eval]") {
  RttFiles files = small_files();
  const RttSet set = parse(files);
  RttSet changed = set;
  const std::size_t c = number_of(set, "c");
  for (std::size_t b = 0; b < set.nodes.size(); ++b) {
    if (b != c) changed.min_ms[c * set.nodes.size() + b] = 0.001;  // would put the target everywhere at once
  }
  const CaseRow all = build_rows(set, {"all"}).value().front();
  const std::vector<CaseRow> rows{{"all", {all.groups[3]}}};
  REQUIRE(ids_of(set, rows[0].groups[0].targets) == "c");
  CHECK(digest_of(run_rows(set, rows, Borders::world(), {}, 1)) ==
        digest_of(run_rows(changed, rows, Borders::world(), {}, 1)));
}

TEST_CASE("runner: stated places of anchors that may be off enlarge the region", "[eval]") {
  RttFiles files = small_files();
  RttSet set = parse(files);
  const std::size_t n = set.nodes.size();
  set.min_ms[number_of(set, "b") * n + number_of(set, "p")] = 0.1;  // 15 km for the 27 to Potsdam
  const auto inside = [&](double uncertainty_km) {
    FixOptions options;
    options.anchor_uncertainty = Kilometers{uncertainty_km};
    const auto rows = run(set, 1, options);
    for (const CaseOutcome& outcome : rows[1].cases) {
      if (set.nodes[outcome.target].id == "p") return outcome.region_contains_truth;
    }
    return false;
  };
  CHECK_FALSE(inside(0.0));
  CHECK(inside(20.0));
}

TEST_CASE("runner: progress ends at the number of cases", "[eval]") {
  const RttSet set = small_set();
  const auto rows = build_rows(set, supported_rows(set)).value();
  std::size_t calls = 0, last = 0;
  static_cast<void>(run_rows(set, rows, Borders::world(), {}, 3, [&](std::size_t done, std::size_t total) {
    CHECK(total == 19);
    CHECK(done == last + 1);
    last = done;
    ++calls;
  }));
  CHECK(calls == 19);
}

}  // namespace
}  // namespace chiploc::test
