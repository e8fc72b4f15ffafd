#include "server/storage/store_thread.hpp"

#include <future>
#include <map>

#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

/// Holds the store's thread inside a work until it is let go, so that a test decides what waits together.
class Gate {
 public:
  StoreThread::Work work() {
    return [this](Store&) {
      entered_.set_value();
      open_.get_future().wait();
    };
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_, open_;
};

}  // namespace

TEST_CASE("StoreThread: what waits together is one batch, and its owners hear after the commit, in order",
          "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open()};
  auto reader = open_sqlite_reader(folder.options());
  REQUIRE(reader);
  Gate gate;
  REQUIRE(thread.post(gate.work()));
  gate.wait_until_entered();
  std::vector<std::uint64_t> order;
  std::vector<std::size_t> visible;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    REQUIRE(thread.post([i](Store& store) { (void)store.rounds().log_intent(intent(i)); },
                        [&, i](const Stored<Done>& committed) {
                          if (committed) order.push_back(i);
                          visible.push_back((*reader)->rounds().open_rounds()->size());
                        }));
  }
  CHECK(thread.counters().waiting == 10);
  gate.open();
  thread.stop();
  CHECK(order == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(visible == std::vector<std::size_t>(10, 10));  // all of them there before the first was told
  CHECK(thread.counters().batches == 2);
}

TEST_CASE("StoreThread: whoever waits for commits is woken once a batch, behind its owners, until they leave",
          "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open()};
  std::vector<std::string> told;
  thread.on_commit([&] { told.emplace_back("batch"); });
  for (std::uint64_t i = 1; i <= 3; ++i) {
    std::promise<void> done;
    Gate gate;
    if (i == 3) thread.on_commit(nullptr);
    REQUIRE(thread.post(gate.work()));
    gate.wait_until_entered();
    REQUIRE(thread.post([i](Store& store) { (void)store.rounds().log_intent(intent(i)); },
                        [&](const Stored<Done>&) {
                          told.emplace_back("owner");
                          done.set_value();
                        }));
    gate.open();
    done.get_future().wait();
  }
  thread.stop();
  CHECK(told == std::vector<std::string>{"batch", "owner", "batch", "batch", "owner", "batch", "owner"});
}

TEST_CASE("StoreThread: a full queue refuses and counts, and forgets nothing it took", "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open(), {.queue_max = 3, .batch_max = 2}};
  Gate gate;
  REQUIRE(thread.post(gate.work()));
  gate.wait_until_entered();
  std::size_t done = 0;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    CHECK(thread.crowded() == (i > 2));  // two of three places taken
    CHECK(thread.post([i](Store& store) { (void)store.rounds().log_intent(intent(i)); },
                      [&](const Stored<Done>&) { ++done; }) == (i <= 3));
  }
  CHECK(thread.counters().refused == 2);
  gate.open();
  thread.stop();
  CHECK(done == 3);
  CHECK(thread.counters().batches == 3);  // the gate, then two, then one
  CHECK_FALSE(thread.post([](Store&) {}));
  CHECK(folder.open()->rounds().open_rounds()->size() == 3);
}

TEST_CASE("StoreThread: a batch that cannot be kept tells every owner so", "[storage]") {
  const Folder folder;
  (void)folder.open();
  auto options = folder.options();
  options.page_count_max = static_cast<std::uint32_t>(std::filesystem::file_size(options.path) / 4096 + 12);
  auto store = open_sqlite_store(options);
  REQUIRE(store);
  StoreThread thread{std::move(*store)};
  Gate gate;
  REQUIRE(thread.post(gate.work()));
  gate.wait_until_entered();
  // Whatever SQLite decides to undo, what the owners hear and what is in the store must agree.
  std::size_t believed = 0;
  for (std::uint64_t i = 1; i <= 40; ++i) {
    auto saved = std::make_shared<bool>(false);
    REQUIRE(thread.post(
        [i, saved](Store& s) {
          auto large = intent(i);
          large.device_certificate.assign(3'000, 0xAA);
          *saved = s.rounds().log_intent(large).has_value();
        },
        [&, saved](const Stored<Done>& committed) { believed += committed && *saved ? 1U : 0U; }));
  }
  gate.open();
  thread.stop();
  CHECK(believed < 40);
  auto reader = open_sqlite_reader(folder.options());
  REQUIRE(reader);
  CHECK((*reader)->rounds().open_rounds()->size() == believed);
}

TEST_CASE("StoreThread: a batch ends at so many rows, and what can wait holds nobody up", "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open(), {.batch_max = 100, .batch_rows_max = 40, .patient_max = 30}};
  Gate gate;
  REQUIRE(thread.post(gate.work()));
  gate.wait_until_entered();
  std::vector<std::string> order;
  std::vector<std::size_t> batch_of;
  const auto post = [&](const std::string& name, std::size_t rows, bool patient) {
    return thread.post([](Store&) {},
                       [&, name](const Stored<Done>&) {
                         order.push_back(name);
                         batch_of.push_back(thread.counters().batches);
                       },
                       {rows, patient});
  };
  // 30 windows of 10 rows, and behind them what a round waits for.
  for (int i = 0; i < 30; ++i) REQUIRE(post("mesh", 10, true));
  CHECK_FALSE(post("mesh", 10, true));
  CHECK_FALSE(thread.crowded());  // the lane of those that wait is no reason to begin no round
  for (int i = 0; i < 5; ++i) REQUIRE(post("round " + std::to_string(i), 1, false));
  gate.open();
  thread.stop();
  REQUIRE(order.size() == 35);
  for (std::size_t i = 0; i < 5; ++i) CHECK(order[i] == "round " + std::to_string(i));
  CHECK(order[5] == "mesh");
  CHECK(thread.counters().rows_most <= 40);
  // 3 windows beside the rounds, then 4 a batch: none of them is left behind either.
  std::map<std::size_t, std::size_t> works;
  for (const std::size_t batch : batch_of) ++works[batch];
  CHECK(works.begin()->second == 5 + 3);
  CHECK(works.size() == 1 + 7);
  CHECK(thread.counters().refused == 1);
}

TEST_CASE("StoreThread: a stream of urgent works does not keep the others from their turn", "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open(), {.batch_max = 8, .batch_rows_max = 8}};
  Gate gate;
  REQUIRE(thread.post(gate.work()));
  gate.wait_until_entered();
  std::size_t urgent = 0, before_large = 0;
  for (int i = 0; i < 60; ++i) REQUIRE(thread.post([](Store&) {}, [&](const auto&) { ++urgent; }));
  REQUIRE(thread.post([](Store&) {}, [&](const auto&) { before_large = urgent; }, {1'000, true}));
  gate.open();
  thread.stop();
  CHECK(urgent == 60);
  CHECK(before_large == 6);  // three quarters of the first batch; then it, however large it is
}

TEST_CASE("StoreThread: works may post works", "[storage]") {
  const Folder folder;
  StoreThread thread{folder.open()};
  std::promise<void> done;
  REQUIRE(thread.post([](Store&) {},
                      [&](const Stored<Done>&) {
                        CHECK(thread.post([](Store&) {}, [&](const Stored<Done>&) { done.set_value(); }));
                      }));
  done.get_future().wait();
}

}  // namespace chiploc::test
