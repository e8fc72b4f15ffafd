// The step to schema 14 keeps every standing; lists of chips read indexes alone.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {
namespace {

std::vector<StandingBrief> all_briefs(VerdictReader& verdicts, std::vector<std::uint32_t> states) {
  return verdicts.standing_briefs(states, std::nullopt, 10'000).value();
}

}  // namespace

TEST_CASE("schema 14: every value of a database of before is there after apply, and lists have it",
          "[storage]") {
  const Folder folder;
  write_schema5(folder.options().path);
  {
    const auto db = raw(folder);
    REQUIRE(migrate(*db, migrations().first(13)));
  }
  check_migration_keeps_all(folder);
  const auto store = folder.open();
  const auto briefs = all_briefs(store->verdicts(), {});
  REQUIRE_FALSE(briefs.empty());
  std::size_t by_states = 0;
  std::vector<std::uint32_t> states;
  for (const StandingBrief& brief : briefs) {
    const auto standing = store->verdicts().standings(std::vector{brief.chip}).value().front();
    REQUIRE(standing.latest);
    CHECK(standing.latest->state == brief.state);
    CHECK(standing.latest->decided == brief.decided);
    CHECK(standing.latest->expires == brief.expires);
    states.push_back(brief.state);
  }
  CHECK(std::is_sorted(briefs.begin(), briefs.end(),
                       [](const auto& a, const auto& b) { return a.chip < b.chip; }));
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  for (const std::uint32_t state : states) by_states += all_briefs(store->verdicts(), {state}).size();
  CHECK(by_states == briefs.size());
  CHECK(all_briefs(store->verdicts(), states).size() == briefs.size());
}

TEST_CASE("schema 14: briefs come out of an index alone, in its order", "[storage]") {
  const Folder folder;
  (void)folder.open();
  const auto db = raw(folder);
  const std::string select =
      "SELECT chip, latest_state, latest_unix_ns, coalesce(latest_expires_unix_ns, 0) FROM standings "
      "WHERE latest_state IS NOT NULL";
  for (const char* rest : {" ORDER BY chip LIMIT 9", " AND chip > x'01' ORDER BY chip LIMIT 9",
                           " AND latest_state IN (3) ORDER BY chip LIMIT 9",
                           " AND chip > x'01' AND latest_state IN (3) ORDER BY chip LIMIT 9",
                           " AND +latest_state IN (1, 3) ORDER BY chip LIMIT 9"}) {
    auto plan = db->query("EXPLAIN QUERY PLAN " + select + rest);
    std::string steps;
    while (plan.next()) steps += plan.text(3) + "\n";
    CAPTURE(rest, steps);
    CHECK(steps.find("COVERING INDEX") != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

}  // namespace chiploc::test
