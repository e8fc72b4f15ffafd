// Many works in one transaction.
#include "tests/server/storage/conformance/backend.hpp"

namespace chiploc::test {

TEST_CASE("batch: many works become durable together, a failed one undoes only itself",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const auto reader = backend->open_reader();
  REQUIRE(store->begin_batch());
  REQUIRE(store->rounds().log_intent(intent(1)));
  CHECK_FALSE(store->rounds().log_intent(intent(1)));
  REQUIRE(store->rounds().log_intent(intent(2)));
  CHECK(store->rounds().open_rounds()->size() == 2);  // the writer sees its own work
  CHECK(reader->rounds().open_rounds()->empty());     // nobody else does
  REQUIRE(store->commit_batch());
  CHECK(reader->rounds().open_rounds()->size() == 2);
  CHECK_FALSE(store->commit_batch());

  REQUIRE(store->begin_batch());
  CHECK_FALSE(store->begin_batch());
  REQUIRE(store->rounds().log_intent(intent(3)));
  store->roll_back_batch();
  CHECK(store->rounds().open_rounds()->size() == 2);
}

}  // namespace chiploc::test
