// One seed is one run, to the byte, whoever compiled it; and what it stored is judged again the same.
#include "server/lab/lab_simulation.hpp"

#include "server/lab/lab_tally.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/server/lab/simulated_bytes.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("simulated rounds: the same evidence by every compiler, and judged again the same", "[lab][sim]") {
  LabFile file = lab_from_tree("small.toml");
  LabTally tally;
  for (std::uint64_t seed = 4; seed <= 6; ++seed) {
    file.network.seed = seed;
    const auto report =
        simulate_lab(plan_lab(file, 0, "/simulated"), Borders::world(), {.judge_again = true});
    REQUIRE(report);
    CHECK(report->stored.same == report->stored.rounds);
    CHECK(report->stored.otherwise == 0);
    CAPTURE(report->stored.first);
    tally.add(seed, *report, {});
  }
  CHECK(tally.simulated_rounds() == test::kSmallLabRounds);
  CHECK(tally.evidence().hex() == std::string{test::kSmallLabEvidence});
}

TEST_CASE("simulated rounds: another seed has other evidence, the same seed the same", "[lab][sim]") {
  LabFile file = lab_from_tree("small.toml");
  const auto evidence = [&](std::uint64_t seed) {
    file.network.seed = seed;
    return simulate_lab(plan_lab(file, 0, "/simulated"), Borders::world()).value().stored;
  };
  const SimRounds first = evidence(1);
  CHECK(first.rounds > 0);
  CHECK(first.same + first.otherwise == 0);  // nobody asked
  CHECK(evidence(1).sha256 == first.sha256);
  CHECK(evidence(2).sha256 != first.sha256);
}

}  // namespace
}  // namespace chiploc
