#include "server/sim/sim_world.hpp"

#include <array>
#include <memory>
#include <set>
#include <string>

#include "server/sim/sim_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::sim::sim_world_test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("sim world: events run in the order of their times, and of one time in the order they were made in",
          "[sim]") {
  SimWorld world{1};
  std::string seen;
  world.after(2ms, [&] { seen += 'c'; });
  world.after(1ms, [&] {
    seen += 'a';
    world.after(1ms, [&] { seen += 'd'; });  // of the same moment as c, and made later
    world.after(0ms, [&] { seen += 'b'; });
  });
  world.after(10ms, [&] { seen += 'z'; });
  world.run_for(5ms);
  CHECK(seen == "abcd");
  CHECK(world.events() == 4);
  world.run_for(5ms);
  CHECK(seen == "abcdz");
}

TEST_CASE("sim world: many events come out sorted, and what they hold is let go", "[sim]") {
  SimWorld world{2};
  const auto held = std::make_shared<int>(0);
  Nanoseconds last{0};
  std::size_t ran = 0;
  bool sorted = true;
  for (int i = 0; i < 5'000; ++i) {
    std::array<char, 200> large{};  // beyond what a task keeps in place
    const bool is_large = i % 3 == 0;
    const Nanoseconds in{static_cast<std::int64_t>(world.chance() * 1e6)};
    const auto run = [&, held] {
      ++ran;
      sorted = sorted && world.now().since_epoch >= last;
      last = world.now().since_epoch;
    };
    if (is_large) {
      world.after(in, [run, large] {
        static_cast<void>(large);
        run();
      });
    } else {
      world.after(in, run);
    }
  }
  CHECK(held.use_count() == 5'001);
  world.run_for(500us);
  CHECK(ran > 2'000);
  CHECK(ran < 3'000);
  world.run_for(1ms);
  CHECK(ran == 5'000);
  CHECK(sorted);
  CHECK(held.use_count() == 1);
}

TEST_CASE("sim network: paths are of pairs, whichever end sends, and hosts that look alike are apart",
          "[sim]") {
  SimWorld world{3};
  SimNetwork network{world, {.delay = 5ms}};
  const Endpoint a = sim_endpoint(1, 1, 7411), b = sim_endpoint(1, 2, 7411), c = sim_endpoint(1, 2, 7400);
  network.set_path(b, a, {.delay = 1ms});
  CHECK(network.path(a, b).delay == 1ms);
  CHECK(network.path(b, a).delay == 1ms);
  CHECK(network.path(a, c).delay == 5ms);
  std::string seen;
  network.attach(b, [&](Bytes, const Endpoint& from) { seen += from == a ? 'b' : '?'; });
  network.attach(c, [&](Bytes, const Endpoint&) { seen += 'c'; });
  const ByteVector bytes(10);
  network.send(a, c, bytes);
  network.send(a, b, bytes);
  network.send(a, sim_endpoint(9, 9, 9), bytes);  // nobody
  world.run_for(4ms);
  CHECK(seen == "b");
  network.detach(b);
  network.send(a, b, bytes);
  world.run_for(4ms);
  CHECK(seen == "bc");
  CHECK(network.datagrams() == 4);
}

}  // namespace
}  // namespace chiploc::sim::sim_world_test
