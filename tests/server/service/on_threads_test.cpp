#include "server/service/on_threads.hpp"

#include <atomic>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("on_threads: every number once, and all of them before it returns", "[service]") {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{5'000}}) {
    std::vector<std::atomic<int>> calls(count);
    on_threads(count, [&](std::size_t i) { ++calls.at(i); });
    for (const auto& called : calls) CHECK(called == 1);
  }
}

}  // namespace chiploc::test
