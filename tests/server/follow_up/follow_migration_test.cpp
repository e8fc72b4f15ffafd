// A database of schema 11 has chips with a status, and nobody who follows them: orders and cases come with the step to 12.
#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/follow_up/commit_steps.hpp"

namespace chiploc::test {

TEST_CASE(
    "follow up: a database of before orders and cases has those that its chips' statuses bring, and tells nobody",
    "[follow_up]") {
  const ImportPlan& plan = committed_plan();
  REQUIRE(plan.ok());
  const Folder made;
  {
    const auto store = made.open();
    StatusKeeper keeper{{}};
    REQUIRE(keeper.watch(*store));
    REQUIRE(store->registry().save_import(plan, {"ada", commit_hour(0)}));
    REQUIRE(keeper.begin_stories(*store, commit_hour(0), 100)->chips == 3);
    const auto judge = [&](unsigned number, std::uint8_t chip, int h, v1::VerdictState state) {
      REQUIRE(store->rounds().log_intent(committed_intent(number, chip, h)));
      REQUIRE(store->verdicts().finish_round(committed_verdict(number, chip, h, state, ""), std::nullopt));
    };
    judge(1, 1, 1, v1::OUTSIDE);
    judge(2, 2, 1, v1::VERIFIED);
    judge(3, 1, 2, v1::OUTSIDE);
  }
  const Folder folder;
  write_older(folder.options().path, 11, made.options().path);
  const auto tables = tables_of(*raw(folder));
  CHECK(tables.count("cases") + tables.count("order_stories") == 0);
  const Contents before = contents_of(*raw(folder), tables);
  CHECK(before.at("chip_status").size() == 3);
  CHECK(before.at("status_changes").size() >= 2);
  CHECK(before.at("rounds").size() == 3);
  CHECK(before.at("verdicts").size() == 3);
  CHECK(before.at("orders").size() == 1);
  REQUIRE(migrate_sqlite(folder.options()));
  const Contents after = contents_of(*raw(folder), tables);
  for (const auto& [table, rows] : before) {
    INFO(table);
    CHECK((after.at(table) == rows));
  }
  {
    const auto store = folder.open();
    CHECK(store->order_stories().not_followed(100)->size() == 3);
    CHECK_FALSE(store->order_stories().order_story("O-1").value());
    CHECK_FALSE(store->cases().find_case(1).value());
  }
  CommitSide side{folder};  // as the next start
  REQUIRE(side.store);
  REQUIRE(side.follow.begin_chips(*side.store, 100)->chips == 3);
  Store& store = *side.store;
  CHECK(store.order_stories().not_followed(100)->empty());
  for (std::uint8_t n = 1; n <= 3; ++n)
    CHECK(store.order_stories().followed(chip_id(n)).value()->order == "O-1");
  const auto order = store.order_stories().order_story("O-1").value();
  REQUIRE(order);
  CHECK(order->state == static_cast<std::uint32_t>(OrderState::kHold));
  const auto found = store.cases().find_case(1).value();
  REQUIRE(found);
  CHECK(found->key.kind == static_cast<std::uint32_t>(CaseKind::kElsewhere));
  CHECK(found->key.site == "fra-1");
  CHECK(store.cases().standing(1, std::nullopt, 100).value() == std::vector{chip_id(1)});
  CHECK_FALSE(store.cases().find_case(2).value());
  CHECK(raw(folder)->integer("SELECT count(*) FROM notices").value() == 0);
  // From here on it goes as everywhere: another chip of the site joins, and now it is told.
  REQUIRE(commit_verdict(side, 4, 2, 3));
  REQUIRE(commit_verdict(side, 5, 2, 4));
  CHECK(store.cases().standing(1, std::nullopt, 100)->size() == 2);
  CHECK(raw(folder)->integer("SELECT count(*) FROM notices").value() > 0);
}

}  // namespace chiploc::test
