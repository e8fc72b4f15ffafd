#include "server/cli/event_trail.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace event_trail_test {

using namespace std::chrono_literals;

v1::WatchEvent at(const std::string& id) {
  v1::WatchEvent event;
  event.set_id(id);
  return event;
}
v1::WatchEvent verdict(const std::string& id) {
  v1::WatchEvent event = at(id);
  event.mutable_verdict();
  return event;
}
const WatchEnd kBroken{{ExitCode::kUnreachable, "the connection broke off"}, true};

TEST_CASE("event trail: it goes on behind the last event, whatever kind it was", "[cli]") {
  EventTrail trail{""};
  CHECK(trail.after().empty());
  CHECK(trail.take(at("7")));
  CHECK(trail.take(verdict("8")));
  CHECK(trail.take(at("1008")));
  CHECK(trail.after() == "1008");
}

TEST_CASE("event trail: where we were already is nothing new", "[cli]") {
  EventTrail trail{"8"};
  CHECK_FALSE(trail.take(at("8")));
  CHECK(trail.take(verdict("9")));
  CHECK_FALSE(trail.take(at("9")));
  CHECK(trail.after() == "9");
}

TEST_CASE("event trail: what never began is not tried again, what can never go well neither", "[cli]") {
  EventTrail trail{"8"};
  CHECK_FALSE(trail.wait_after(kBroken, 0.5));
  CHECK(trail.over(kBroken).text == "the connection broke off");
  CHECK_FALSE(trail.take(at("8")));
  CHECK(trail.wait_after(kBroken, 0.5));
  CHECK_FALSE(trail.wait_after({{ExitCode::kRefused, "revoked"}, false}, 0.5));
  CHECK(trail.over({{ExitCode::kRefused, "revoked"}, false}).code == ExitCode::kRefused);
}

TEST_CASE("event trail: waits grow to half a minute, and are short again behind a new event alone", "[cli]") {
  EventTrail trail{""};
  CHECK(trail.take(at("1")));
  CHECK(trail.wait_after(kBroken, 0.5) == 500ms);
  CHECK(trail.wait_after(kBroken, 0.5) == 1s);
  for (int i = 0; i < 10; ++i) (void)trail.wait_after(kBroken, 0.5);
  CHECK_FALSE(trail.take(at("1")));  // a coordinator that greets and leaves
  CHECK(trail.wait_after(kBroken, 0.5) == 15s);
  CHECK(trail.take(verdict("2")));
  CHECK(trail.wait_after(kBroken, 0.5) == 500ms);
}

TEST_CASE("event trail: an id that the coordinator forgot is no wrong flag, unless it was given", "[cli]") {
  const WatchEnd unknown{{ExitCode::kUsage, "this coordinator has given no such id"}, false};
  EventTrail trail{"8"};
  CHECK(trail.over(unknown).code == ExitCode::kUsage);
  CHECK(trail.take(verdict("9")));
  CHECK(trail.over(unknown).code == ExitCode::kUnreachable);
  CHECK(trail.over(unknown).text == "no events behind 9: this coordinator has given no such id");
}

}  // namespace event_trail_test
}  // namespace chiploc
