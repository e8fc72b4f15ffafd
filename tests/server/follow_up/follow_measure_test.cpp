// With "[measure]": what a hundred thousand chips in five hundred orders cost. Prints; asserts what lists are held to.
#include <iostream>

#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test {
namespace {

constexpr unsigned kMeasuredChips = 100'000, kMeasuredOrders = 500;

/// Milliseconds that it takes; the longest of several times.
template <class Work>
double follow_measured(const char* what, int times, Work work) {
  double longest = 0;
  for (int i = 0; i < times; ++i) {
    const auto from = std::chrono::steady_clock::now();
    work();
    longest = std::max(
        longest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::cout << what << ": " << longest << " ms\n";
  return longest;
}

}  // namespace

TEST_CASE("follow measure: imports, verdicts and lists with 100,000 chips", "[.][measure]") {
  FollowWorld world;
  ImportPlan plan;
  const auto next = std::make_shared<Registry>();
  for (unsigned n = 0; n < kMeasuredChips; ++n) {
    const std::string order = "O-" + std::to_string(n % kMeasuredOrders);
    FollowWorld::put_chip(*next, n, order, "site " + std::to_string(n % 2'000),
                          "L-" + std::to_string(n % 1'000));
  }
  for (const auto& [id, chip] : next->chips()) plan.chips.push_back(chip);
  for (const auto& [id, order] : next->orders()) plan.orders.push_back(order);
  for (const auto& [id, delivery] : next->deliveries()) plan.deliveries.push_back(delivery);
  plan.registry = next;
  const double imported = follow_measured("import of 100,000 chips in 500 orders", 1, [&] {
    REQUIRE(world.store->as_one([&] {
      return world.follow->imported(*world.store, plan, {"ada", hour(0)});
    }));
  });
  CHECK(imported < 10'000);
  *world.registry = *next;
  // One case for a kind, an order and a site: twenty thousand of them.
  REQUIRE(world.store->begin_batch());
  for (unsigned n = 0; n < 20'000; ++n) {
    CaseStory story =
        begin_case({{static_cast<CaseKind>(n % kCaseKinds), "O-" + std::to_string(n % kMeasuredOrders), "",
                     "site " + std::to_string(n)},
                    1},
                   "L-" + std::to_string(n % 1'000), hour(n % 100));
    CaseRecord record;
    record.key = {static_cast<std::uint32_t>(n % kCaseKinds), story.ref.key.order, "", story.ref.key.site};
    record.licence = story.licence;
    record.state = n % 3;
    record.since = record.opened = hour(n % 1'000);
    record.assignee = n % 5 == 0 ? "ann" : "";
    record.urgency = n % 3 == 2 ? 0 : 5 + n % 60;
    record.story.assign(2'000, 7);
    REQUIRE(world.store->cases().put_case(record, {}));
  }
  REQUIRE(world.store->commit_batch());
  const auto page = [&](const char* what, const std::function<void(CaseQuery&)>& change) {
    CHECK(follow_measured(what, 5, [&] {
            CaseQuery query;
            query.as_of = hour(2'000);
            query.age_points_max = 5;
            query.count = true;
            change(query);
            REQUIRE(world.store->cases().list_cases(query));
          }) < 100);
  };
  page("queue of all, counted", [](CaseQuery&) {});
  page("queue of what is open", [](CaseQuery& query) { query.states = {0, 1}; });
  page("of an order", [](CaseQuery& query) { query.order = "O-7"; });
  page("of a site", [](CaseQuery& query) { query.site = "site 7"; });
  page("of a person and kind, the newest first", [](CaseQuery& query) {
    query.assignee = "ann";
    query.kinds = {2};
    query.newest_first = true;
  });
  page("of a filter that finds none",
       [](CaseQuery& query) { query.wanted = [](const std::string&, const std::string&) { return false; }; });
  CHECK(follow_measured("orders on hold", 5, [&] {
          OrderStoryQuery query;
          query.states = {1};
          REQUIRE(world.store->order_stories().list_order_stories(query));
        }) < 100);
  world.begin();
  unsigned n = 0;
  double h = 1;
  follow_measured("a verdict that changes nothing", 200,
                  [&] { REQUIRE(world.try_judge(h += 0.001, n++, VerdictKind::kOpen)); });
  follow_measured("a verdict that opens a case", 200, [&] {
    REQUIRE(world.try_judge(h += 0.001, 1'000 + n % 200, VerdictKind::kOutside));
    REQUIRE(world.try_judge(h += 0.001, 1'000 + n++ % 200, VerdictKind::kOutside));
  });
}

}  // namespace chiploc::test
