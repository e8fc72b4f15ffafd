#include "agent/knock_log.hpp"

#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

bool told(const std::optional<std::string>& line, const std::string& text) {
  return line && line->find(text) != std::string::npos;
}

TEST_CASE("KnockLog: says where nobody answers, since when and what to look at, once in ten minutes",
          "[agent]") {
  const Endpoint door = *parse_endpoint("192.0.2.7:7411");
  const Endpoint other = *parse_endpoint("[2001:db8::7]:7411");
  KnockLog log;
  const auto after = [&](const Endpoint& where, Nanoseconds time, std::uint64_t number) {
    return log.unanswered({where, number, SteadyTime{1000s}, SteadyTime{1000s} + time});
  };
  CHECK_FALSE(log.answered(door));  // as it should be: nothing to say
  const auto first = after(door, 3s, 1);
  CAPTURE(first.value_or("none"));
  CHECK(told(first, "knock.unanswered rendezvous=192.0.2.7:7411 knocks=1 for_s=3; no anchor answers there."));
  CHECK(told(first, "address and public_key of this [[rendezvous]] in agent.toml"));
  CHECK_FALSE(after(door, 33s, 2));
  CHECK(told(after(other, 33s, 1), "rendezvous=[2001:db8::7]:7411 knocks=1 "));  // not held back by the first
  CHECK_FALSE(after(door, 10min + 3s - 1ns, 20));
  CHECK(told(after(door, 10min + 3s, 21), " knocks=21 for_s=603;"));
  CHECK(log.answered(door) == "knock.answered rendezvous=192.0.2.7:7411");
  CHECK_FALSE(log.answered(door));
  // A path that comes and goes makes no more lines than that.
  CHECK_FALSE(after(door, 11min, 1));
  CHECK_FALSE(log.answered(door));
  CHECK(told(after(door, 21min, 1), " knocks=1 "));
}

}  // namespace
}  // namespace chiploc
