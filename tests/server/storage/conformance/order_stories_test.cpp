// What orders are held for, as it is kept: stories, changes, and as what each chip is counted.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {
namespace {

OrderStoryRecord story_of_order(const std::string& order, std::uint32_t state,
                                std::optional<std::int64_t> due = {}) {
  return {order, state, at(5), due ? std::optional{at(*due)} : std::nullopt, blob("story of " + order)};
}
OrderChangeRecord change_of_order(const std::string& order, std::int64_t seconds, std::uint32_t kind) {
  return {order, 0, at(seconds), kind, 0, 1, {id<ChipId>(1), id<ChipId>(2)}, 7, "ann", "because"};
}
std::string orders_of(const Stored<OrderStoryPage>& page) {
  REQUIRE(page);
  std::string out;
  for (const OrderStoryRecord& row : page->rows) out += (out.empty() ? "" : " ") + row.order;
  return out + (page->next ? " ..." : "");
}

}  // namespace

TEST_CASE("order stories: one an order, as it was put last, with every change", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  CHECK_FALSE(reader->order_stories().order_story("O-1").value());
  CHECK(store->order_stories().put_order(story_of_order("O-1", 0, 9), {}).value() == 0);
  const std::vector changes{change_of_order("O-1", 1, 0), change_of_order("O-1", 2, 3)};
  CHECK(store->order_stories().put_order(story_of_order("O-1", 1), changes).value() == 0);
  CHECK(store->order_stories()
            .put_order(story_of_order("O-1", 1), std::vector{change_of_order("O-1", 3, 2)})
            .value() == 2);
  CHECK(store->order_stories()
            .put_order(story_of_order("O-2", 0), std::vector{change_of_order("O-2", 3, 2)})
            .value() == 0);
  const auto kept = reader->order_stories().order_story("O-1").value();
  REQUIRE(kept);
  CHECK(kept->state == 1);
  CHECK(kept->since == at(5));
  CHECK_FALSE(kept->due);
  CHECK(kept->story == blob("story of O-1"));
  const auto rows = reader->order_stories().order_changes("O-1", 2).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].number == 3);
  CHECK(rows[1].number == 2);
  CHECK(rows[1].at == at(2));
  CHECK(rows[1].kind == 3);
  CHECK(rows[1].to == 1);
  CHECK(rows[1].rests_on == std::vector{id<ChipId>(1), id<ChipId>(2)});
  CHECK(rows[1].more == 7);
  CHECK(rows[1].who == "ann");
  CHECK(rows[1].why == "because");
}

TEST_CASE("order stories: lists go by id and state, and on where the page before ended",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint32_t n = 1; n <= 6; ++n)
    REQUIRE(store->order_stories().put_order(story_of_order("O-" + std::to_string(n), n % 3), {}));
  OrderStoryQuery query;
  query.limit = 4;
  CHECK(orders_of(store->order_stories().list_order_stories(query)) == "O-1 O-2 O-3 O-4 ...");
  query.after = "O-4";
  CHECK(orders_of(store->order_stories().list_order_stories(query)) == "O-5 O-6");
  query = {};
  query.states = {1};
  CHECK(orders_of(store->order_stories().list_order_stories(query)) == "O-1 O-4");
  query.states = {1, 2};
  CHECK(orders_of(store->order_stories().list_order_stories(query)) == "O-1 O-2 O-4 O-5");
  query.wanted = [](const std::string& order) { return order > "O-1"; };
  query.limit = 1;
  CHECK(orders_of(store->order_stories().list_order_stories(query)) == "O-2 ...");
  query.scan_max = 1;
  const auto nothing = store->order_stories().list_order_stories(query);
  CHECK(orders_of(nothing) == " ...");
  CHECK(nothing->next == "O-1");
}

TEST_CASE("order stories: what is due comes in the order of time", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->order_stories().put_order(story_of_order("O-1", 2, 30), {}));
  REQUIRE(store->order_stories().put_order(story_of_order("O-2", 2, 10), {}));
  REQUIRE(store->order_stories().put_order(story_of_order("O-3", 0), {}));
  CHECK(store->order_stories().due_orders(at(9), 10).value().empty());
  const auto due = store->order_stories().due_orders(at(30), 10).value();
  REQUIRE(due.size() == 2);
  CHECK(due[0].order == "O-2");
  CHECK(store->order_stories().due_orders(at(30), 1).value().size() == 1);
}

TEST_CASE("order stories: chips are followed once each, and those that are not are found",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  for (std::uint64_t n = 1; n <= 3; ++n)
    REQUIRE(store->statuses().put({id<ChipId>(n), 0, at(0), {}, blob("s")}, {}));
  const FollowedChip first{id<ChipId>(1), "O-1", "L-1", "campus", 5, true};
  REQUIRE(store->order_stories().put_followed({id<ChipId>(1), "", "", "", 0, false}));
  REQUIRE(store->order_stories().put_followed(first));
  REQUIRE(store->order_stories().put_followed({id<ChipId>(2), "O-1", "L-1", "", 0, false}));
  REQUIRE(store->order_stories().put_followed({id<ChipId>(4), "", "L-1", "", 0, false}));
  CHECK(store->order_stories().followed(id<ChipId>(1)).value() == first);
  CHECK_FALSE(store->order_stories().followed(id<ChipId>(3)).value());
  CHECK(store->order_stories().not_followed(10).value() == std::vector{id<ChipId>(3)});
  CHECK(store->order_stories().followed_of("O-1", std::nullopt, 1).value() == std::vector{first});
  CHECK(store->order_stories().followed_of("O-1", id<ChipId>(1), 10).value().size() == 1);
  CHECK(store->order_stories().followed_of("", std::nullopt, 10).value().empty());
  REQUIRE(store->order_stories().forget_followed(id<ChipId>(1)));
  CHECK_FALSE(store->order_stories().followed(id<ChipId>(1)).value());
}

TEST_CASE("order stories: a step that fails keeps nothing of them", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK_FALSE(store->as_one([&]() -> Stored<Done> {
    REQUIRE(store->order_stories().put_order(story_of_order("O-1", 1),
                                             std::vector{change_of_order("O-1", 1, 0)}));
    REQUIRE(store->order_stories().put_followed({id<ChipId>(1), "O-1", "", "", 0, false}));
    return Fail{StoreFault{StoreFaultCode::kInvalid, "it was not meant so"}};
  }));
  CHECK_FALSE(store->order_stories().order_story("O-1").value());
  CHECK(store->order_stories().order_changes("O-1", 10).value().empty());
  CHECK_FALSE(store->order_stories().followed(id<ChipId>(1)).value());
}

}  // namespace chiploc::test
