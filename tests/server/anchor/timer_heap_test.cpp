#include "server/anchor/timer_heap.hpp"

#include <algorithm>
#include <random>

#include "server/anchor/replay_window.hpp"
#include "server/anchor/token_bucket.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct Item {
  int name = 0;
  TimerHook hook;
};

TEST_CASE("TimerHeap: items come out in order of time, after any moves and removals", "[anchor]") {
  std::mt19937 random{7};
  std::vector<Item> items(500);
  TimerHeap<Item, &Item::hook> heap;
  for (int round = 0; round < 5000; ++round) {
    Item& item = items[random() % items.size()];
    if (random() % 4 == 0) {
      heap.remove(item);
      CHECK(item.hook.place == TimerHook::kNowhere);
    } else {
      heap.set(item, SteadyTime{Nanoseconds{random() % 1000}});
    }
  }
  const auto in_heap = std::count_if(items.begin(), items.end(),
                                     [](const Item& i) { return i.hook.place != TimerHook::kNowhere; });
  REQUIRE(heap.size() == static_cast<std::size_t>(in_heap));
  SteadyTime last{};
  std::ptrdiff_t popped = 0;
  CHECK(heap.pop_due(SteadyTime{-1ns}) == nullptr);
  while (heap.next()) {
    const SteadyTime due = *heap.next();
    Item* item = heap.pop_due(due);
    REQUIRE(item != nullptr);
    CHECK(item->hook.due >= last);
    last = item->hook.due;
    ++popped;
  }
  CHECK(popped == in_heap);
}

TEST_CASE("TokenBucket: a burst of the rate, then the rate", "[anchor]") {
  TokenBucket bucket{10};
  SteadyTime now{3s};
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += bucket.take(now) ? 1 : 0;
  CHECK(taken == 10);
  now = now + 500ms;
  for (int i = 0; i < 100; ++i) taken += bucket.take(now) ? 1 : 0;
  CHECK(taken == 15);
  now = now + 1h;
  for (int i = 0; i < 100; ++i) taken += bucket.take(now) ? 1 : 0;
  CHECK(taken == 25);
}

TEST_CASE("ReplayWindow: each number once, forward without limit, backward within the window", "[anchor]") {
  ReplayWindow window;
  CHECK(window.take(100));
  CHECK_FALSE(window.take(100));
  CHECK(window.take(99));  // overtaken on the way: keys are fresh at each start, so it is no replay
  CHECK_FALSE(window.take(99));
  CHECK(window.take(200));
  CHECK(window.take(199));
  CHECK_FALSE(window.take(199));
  CHECK(window.take(137));
  CHECK_FALSE(window.take(136));
  CHECK(window.take(263));
  CHECK_FALSE(window.take(200));  // still in the window, and seen
  CHECK(window.take(0xffffffffU));
  CHECK_FALSE(window.take(0xffffffffU));
}

}  // namespace
}  // namespace chiploc
