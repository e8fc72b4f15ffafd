// Mesh and knocks, and how they go.
#include "tests/server/storage/conformance/prune_fixture.hpp"

namespace chiploc::test {

TEST_CASE("mesh: pairs come back by time and are pruned by time", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const auto seconds = static_cast<std::int64_t>(i);
    MeshRecord mesh{{id<AnchorId>(11), i}, at(seconds), {}, blob("m")};
    for (std::uint64_t peer = 1; peer <= 2; ++peer)
      mesh.pairs.push_back(
          {id<AnchorId>(peer), 10, 9, Nanoseconds{seconds}, Nanoseconds{7}, StampSource::kUserBoth});
    REQUIRE(store->mesh().append_mesh(mesh));
  }
  const auto pairs = store->mesh().mesh_pairs(at(4), 100);
  REQUIRE(pairs);
  REQUIRE(pairs->size() == 4);
  CHECK(pairs->front().window_end == at(4));
  CHECK(pairs->front().pair.rtt_min == Nanoseconds{4});
  CHECK(pairs->front().pair.source == StampSource::kUserBoth);
  CHECK(store->mesh().mesh_pairs(at(0), 3)->size() == 3);
  CHECK(*store->mesh().prune_mesh(at(4)) == 3);
  CHECK(store->mesh().mesh_pairs(at(0), 100)->size() == 4);
}

TEST_CASE("knocks: the last one of a chip, by the coordinator's clock where it is on record",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK_FALSE(*store->mesh().last_knock(id<ChipId>(1)));
  const auto add = [&](std::uint64_t spool, std::int64_t seen, WallTime received) {
    REQUIRE(store->mesh().append_knock({id<ChipId>(1), id<AnchorId>(11), at(seen), blob("k"), received, 5},
                                       spool));
  };
  add(1, 30, {});
  CHECK(*store->mesh().last_knock(id<ChipId>(1)) == at(30));
  add(2, 40, at(44));
  add(3, 35, at(36));
  CHECK(*store->mesh().last_knock(id<ChipId>(1)) == at(44));
  CHECK_FALSE(*store->mesh().last_knock(id<ChipId>(2)));
}

TEST_CASE("pruning: goes in steps that hold nobody up, and leaves what is not old",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t i = 1; i <= 100; ++i)
    add_window(*store, i, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i));
  for (std::uint64_t i = 1; i <= 100; ++i) add_knock(*store, i, static_cast<std::int64_t>(i), 5);
  PruneOrder order = before(91);
  order.rows = 55;
  const Swept swept = sweep(*store, order);
  CHECK(swept.all.mesh_windows == 90);
  CHECK(swept.all.mesh_pairs == 900);
  CHECK(swept.all.knocks == 90);
  CHECK(swept.rows_most <= 55 + 11);
  CHECK(swept.steps >= (90 * 11 + 90) / 66);
  CHECK(store->mesh().mesh_pairs(at(0), 10'000)->size() == 100);
  CHECK(sweep(*store, order).all.mesh_windows == 0);
}

TEST_CASE("pruning: goes by when a message came, whatever its anchor says of the time",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  add_window(*store, 1, 10, 6'000'000'000);  // ends in two hundred years
  add_window(*store, 2, 20, -1'000'000);
  add_window(*store, 3, 200, -1'000'000);
  CHECK(sweep(*store, before(100)).all.mesh_windows == 2);
  CHECK(store->mesh().mesh_pairs(at(-2'000'000), 100)->size() == 10);
  PruneOrder crowded = before(0);
  crowded.mesh_windows_max = 5;
  for (std::uint64_t i = 4; i <= 20; ++i) add_window(*store, i, 300, 300);
  CHECK(sweep(*store, crowded).all.mesh_windows == 13);  // of 18, none of them old
  CHECK(store->mesh().mesh_pairs(at(-2'000'000), 1'000)->size() == 50);
}

TEST_CASE("pruning: knocks of one chip with two boot ids stay, until there are too many knocks",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (int i = 0; i < 5; ++i) add_knock(*store, 1, 100 + i, 5);
  add_knock(*store, 2, 100, 5);
  add_knock(*store, 2, 3'000, 6);  // a clone, or a restart
  add_knock(*store, 3, 100, 5);
  add_knock(*store, 3, 3'800, 6);  // more than an hour later: a restart
  const Swept swept = sweep(*store, before(10'000));
  CHECK(swept.all.knocks == 7);
  CHECK(swept.all.knocks_kept == 2);
  REQUIRE(store->rounds().log_intent(intent(1, 2, 1'000)));
  CHECK(store->rounds().evidence(id<RoundId>(1)).value()->knocks.size() == 2);
  PruneOrder again = before(10'000);
  again.knocks_seen = 7;  // known from the step before: not looked at again
  CHECK(sweep(*store, again).all.knocks_kept == 0);
  for (int i = 0; i < 20; ++i) add_knock(*store, 4, 20'000, 5);
  again.knocks_max = 15;
  CHECK(sweep(*store, again).all.knocks == 2 + 5);  // the clone's as well: a bound is a bound
}

}  // namespace chiploc::test
