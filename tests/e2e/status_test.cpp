// What the chips of the small lab are held for after its rounds, by the real programs.
#include <filesystem>
#include <set>

#include "server/cases/case_kind.hpp"
#include "server/status/story_record.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

TEST_CASE("status: every verdict of chiplocd has told its chip's story", "[e2e]") {
  const TempDir folder;
  const auto state = folder / "lab";
  const std::string file = (source_dir() / "deploy/lab/small.toml").string();
  const Ran lab =
      run(program_path("chiploc") + " lab up " + file + " --once --json --state " + state.string());
  INFO(lab.output);
  REQUIRE(lab.exit_code == 0);
  auto opened = open_sqlite_reader({.path = (state / "chiplocd/chiploc.db").string()});
  REQUIRE(opened);
  StoreReader& store = **opened;
  // Two rounds each: VERIFIED, OUTSIDE, INVALID by a signature that anybody can make, SILENT.
  std::map<std::string, std::uint64_t> states;
  const auto counts = store.statuses().chips_by_status().value();
  for (const auto& [number, count] : counts)
    states[std::string{name_of(static_cast<ChipState>(number))}] = count;
  CHECK(states == std::map<std::string, std::uint64_t>{{"compliant", 1}, {"drifted", 1}, {"pending", 2}});
  const auto page = store.statuses().list_statuses({}).value();
  REQUIRE(page.rows.size() == 4);
  for (const StatusRecord& row : page.rows) {
    const auto story = parse_story(row.story);
    REQUIRE(story);
    CHECK(story->last->verdict == store.verdicts().newest_verdict(row.chip).value()->id);
    // Its story began with the import, before any round: nothing of it had to be told from stored verdicts.
    CHECK(story->begun < story->last->at);
  }
  const auto changes = store.statuses().list_changes({}).value();
  CHECK(changes.rows.size() == 2);
  // What follows: the one that drifted, and the signature that two rounds did not believe.
  CaseQuery query;
  query.newest_first = true;
  std::set<std::uint32_t> kinds;
  const CasePage cases = store.cases().list_cases(query).value();
  for (const CaseRecord& record : cases.rows) {
    CHECK(kinds.insert(record.key.kind).second);
    CHECK(store.cases().standing(record.number, std::nullopt, 10).value().size() == 1);
  }
  CHECK(kinds == std::set<std::uint32_t>{static_cast<std::uint32_t>(CaseKind::kElsewhere),
                                         static_cast<std::uint32_t>(CaseKind::kSpoofing)});
  CHECK(store.order_stories().not_followed(10).value().empty());
}

}  // namespace
}  // namespace chiploc
