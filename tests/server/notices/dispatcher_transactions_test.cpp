// What the dispatcher does where a transaction is undone, and when it ends.
#include "tests/server/notices/dispatching.hpp"

namespace chiploc::test {
namespace {

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("dispatcher: nothing is sent that its transaction could still undo", "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.append(one_of_each()[5]);
  REQUIRE(all.dispatcher->turn(*all.outbox, all.now));
  CHECK(all.dispatcher->in_flight() == 2);
  CHECK(all.dispatcher->committed(false, all.now).empty());
  CHECK(all.dispatcher->in_flight() == 0);
  REQUIRE(all.dispatcher->turn(*all.outbox, all.now));
  CHECK(all.dispatcher->committed(true, all.now).empty());
  while (all.server.requests().size() < 2) all.wait();
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 2);
  CHECK(all.log().size() == 2);
}

TEST_CASE("dispatcher: what was written into a transaction that was undone is written again, and told once",
          "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.server.answer("410 Gone");
  all.turn();
  all.wait();
  REQUIRE(all.store->begin_batch());
  REQUIRE(all.dispatcher->turn(*all.outbox, all.now));
  CHECK(all.outbox->settled == 1);
  all.store->roll_back_batch();
  CHECK(all.dispatcher->committed(false, all.now).empty());
  CHECK(all.outbox->sink_standings()->front().waiting == 1);
  CHECK_FALSE(all.outbox->sink_standings()->front().off);
  REQUIRE(all.dispatcher->turn(*all.outbox, all.now));
  const auto told = all.dispatcher->committed(true, all.now);
  REQUIRE(told.size() == 1);
  CHECK(told[0].sink_gone);
  CHECK(told[0].entry.number == 1);
  CHECK(all.outbox->sink_standings()->front().off);
  CHECK_FALSE(all.settle());  // it is off: nothing was sent in between
  CHECK(all.server.requests().size() == 1);
  CHECK(all.log() == Lines{"1 " + told[0].entry.text + ": waiting"});
}

TEST_CASE("dispatcher: a switch that was undone leaves the sink as it is in the store",
          "[notices][sockets]") {
  Dispatching all;
  all.turn();
  REQUIRE(all.store->begin_batch());
  REQUIRE(all.dispatcher->switch_sink(*all.outbox, "siem", "ada", all.now));
  all.store->roll_back_batch();
  (void)all.dispatcher->committed(false, all.now);
  all.append(one_of_each()[0]);
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 1);
}

TEST_CASE("dispatcher: closed, it writes what has ended and sends nothing more", "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.append(one_of_each()[1]);
  all.turn();
  all.wait();
  REQUIRE(all.dispatcher->close(*all.outbox, all.now));
  CHECK(all.dispatcher->committed(true, all.now).size() == 1);
  CHECK_FALSE(all.turn());
  CHECK(all.server.requests().size() == 1);
  CHECK(all.log() == Lines{"1 200: sent"});
  CHECK(all.outbox->sink_standings()->front().waiting == 1);
}

TEST_CASE("dispatcher: its sinks are told by name, whatever they may be", "[notices]") {
  const Dispatching all;
  REQUIRE(all.dispatcher->sinks().size() == 1);
  CHECK(all.dispatcher->sinks()[0]->name == "siem");
}

}  // namespace chiploc::test
