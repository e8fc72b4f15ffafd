// Every round of the sample lab, with all behaviours of its chips, judged again from what the store has of
// it.
#include <filesystem>
#include <map>

#include "server/service/stored_round.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

/// The lab, run to its end, and what it left in the store.
class SampleLab {
 public:
  SampleLab() {
    const auto state = folder_ / "lab";
    const std::string file = (source_dir() / "deploy/lab/sample.toml").string();
    const Ran lab =
        run(program_path("chiploc") + " lab up " + file + " --once --json --state " + state.string());
    INFO(lab.output);
    REQUIRE(lab.exit_code == 0);
    auto opened = open_sqlite_reader({.path = (state / "chiplocd/chiploc.db").string()});
    REQUIRE(opened);
    reader_ = std::move(opened).value();
    VerdictQuery query;
    query.limit = 1'000;
    const auto page = reader_->verdicts().list_verdicts(query);
    REQUIRE(page);
    for (const VerdictRow& row : page->rows)
      verdicts.push_back(reader_->verdicts().verdict(row.id).value().value());
  }

  [[nodiscard]] StoredRound round_of(const VerdictRecord& verdict) {
    return read_stored_round(verdict, reader_->rounds()).value();
  }

  std::vector<VerdictRecord> verdicts;

 private:
  TempDir folder_;
  std::unique_ptr<StoreReader> reader_;
};

TEST_CASE("replay: every round of the sample lab is judged to the same bytes again", "[e2e]") {
  SampleLab lab;
  REQUIRE(lab.verdicts.size() == 48);  // 24 chips, twice
  std::map<std::uint32_t, int> states;
  int posteriors = 0;
  for (const VerdictRecord& verdict : lab.verdicts) {
    CAPTURE(verdict.id.hex(), verdict.chip.hex(), verdict.state);
    CHECK(verdict.format == VerdictRecord::kRecord);
    const ReplayOutcome outcome = replay(lab.round_of(verdict), own_borders());
    CAPTURE(outcome.why, outcome.wrong, outcome.differences);
    CHECK(outcome.kind == ReplayOutcome::Kind::kSame);
    ++states[verdict.state];
    if (outcome.judged && outcome.judged->explanation().has_posterior()) ++posteriors;
  }
  // All that the behaviours bring about, and explanations from a mesh that was kept.
  for (const std::uint32_t state : {1U, 2U, 3U, 4U, 6U, 7U}) CHECK(states[state] > 0);
  CHECK(posteriors > 0);

  // A stricter policy says what it would have said, and which one it was is told from the record.
  Policy strict;
  strict.fault_budget = 3;
  strict.version = "strict";
  int other = 0;
  for (const VerdictRecord& verdict : lab.verdicts) {
    const ReplayOutcome outcome = replay(lab.round_of(verdict), own_borders(), strict);
    REQUIRE(outcome.kind == ReplayOutcome::Kind::kOtherPolicy);
    CHECK(outcome.judged->finding().policy_version() == "strict");
    if (static_cast<std::uint32_t>(outcome.judged->finding().state()) != verdict.state) ++other;
  }
  CHECK(other > 0);
}

}  // namespace
}  // namespace chiploc
