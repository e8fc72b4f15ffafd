// Exchanges and streams against a connection that only writes down what it is told, on a thread that the test is.
#include "server/http/http_exchange.hpp"

#include <deque>
#include <map>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::http_exchange_test {
namespace {

struct Connection final : HttpConnectionSide {
  std::vector<HttpReply> replies;
  std::shared_ptr<HttpStreamState> stream;
  HttpFields fields;
  int flushes = 0;
  void answer(HttpReply reply) override { replies.push_back(std::move(reply)); }
  void begin_stream(std::shared_ptr<HttpStreamState> begun, HttpFields with) override {
    stream = std::move(begun);
    fields = std::move(with);
  }
  void flush_stream() override { ++flushes; }
};

struct Stage {
  std::mutex mutex;
  std::deque<std::function<void()>> posted;
  std::shared_ptr<HttpShared> shared = std::make_shared<HttpShared>();
  std::shared_ptr<HttpPostBox> box = std::make_shared<HttpPostBox>([this](std::function<void()> work) {
    const std::scoped_lock lock{mutex};
    posted.push_back(std::move(work));
  });
  std::shared_ptr<Connection> connection = std::make_shared<Connection>();

  Stage() {
    shared->streams_max = 2;
    shared->stream_bytes = 10;
  }
  std::shared_ptr<HttpExchange> exchange(bool head_only = false) {
    return make_exchange({.method = "GET", .path = "/x", .segments = {}}, head_only, shared, box, connection);
  }
  void run() {
    for (;;) {
      std::function<void()> work;
      {
        const std::scoped_lock lock{mutex};
        if (posted.empty()) return;
        work = std::move(posted.front());
        posted.pop_front();
      }
      work();
    }
  }
};
HttpReply reply_of(int status) {
  HttpReply reply;
  reply.status = status;
  return reply;
}

TEST_CASE("exchange: one answer, the first, on the connection's thread", "[http]") {
  Stage stage;
  auto exchange = stage.exchange();
  CHECK(exchange->request().path == "/x");
  std::thread{[&] { exchange->reply(reply_of(201)); }}.join();
  exchange->reply(reply_of(202));
  CHECK(exchange->stream({}) == nullptr);
  CHECK(stage.connection->replies.empty());
  exchange.reset();
  stage.run();
  REQUIRE(stage.connection->replies.size() == 1);
  CHECK(stage.connection->replies[0].status == 201);
  CHECK(snapshot(stage.shared->counters).handler_failed == 0);
}

TEST_CASE("exchange: dropped without an answer it is a 500, and counted", "[http]") {
  Stage stage;
  stage.exchange().reset();
  stage.run();
  REQUIRE(stage.connection->replies.size() == 1);
  CHECK(stage.connection->replies[0].status == 500);
  CHECK_THAT(stage.connection->replies[0].body, Catch::Contains("http.unanswered"));
  CHECK(snapshot(stage.shared->counters).handler_failed == 1);
}

TEST_CASE("exchange: answered after the connection or the server has ended, nothing happens", "[http]") {
  Stage stage;
  const auto late = stage.exchange();
  const auto later = stage.exchange();
  stage.connection.reset();
  CHECK(late->stream({}) == nullptr);
  late->reply(reply_of(200));
  stage.run();
  stage.box->close();
  later->reply(reply_of(200));
  CHECK(stage.posted.empty());
}

TEST_CASE("stream: events wait in their order, up to the bound", "[http]") {
  Stage stage;
  const auto exchange = stage.exchange();
  const auto stream = exchange->stream({{"x-a", "b"}});
  REQUIRE(stream != nullptr);
  CHECK(stream->send("12345"));
  CHECK(stream->send("678"));
  stage.run();
  REQUIRE(stage.connection->stream != nullptr);
  CHECK(stage.connection->fields == HttpFields{{"content-type", "text/event-stream"}, {"x-a", "b"}});
  CHECK(stage.connection->flushes == 1);  // told once until it looks
  CHECK(stage.connection->stream->take() == "12345678");
  // What is being written counts until the next is taken.
  CHECK(stream->send("90"));
  CHECK_FALSE(stage.connection->stream->overrun());
  CHECK_FALSE(stream->send("x"));
  CHECK(stage.connection->stream->overrun());
  CHECK_FALSE(stream->send(""));
  stage.run();
  CHECK(stage.connection->flushes == 3);
}

TEST_CASE("stream: one long event waits beside the others, and goes out", "[http]") {
  Stage stage;
  stage.shared->event_bytes = 100;
  stage.shared->events_bytes = 1'000;
  const auto stream = stage.exchange()->stream({});
  const std::string long_one(100, 'L');
  CHECK(stream->send("12345"));
  CHECK(stream->send(long_one));
  CHECK(stream->send("67890"));  // the bound is for what is not long
  stage.run();
  HttpStreamState& state = *stage.connection->stream;
  CHECK(state.take() == "12345" + long_one + "67890");
  CHECK(state.take().empty());
  CHECK(stream->send(long_one));
  CHECK(state.take() == long_one);
  CHECK(stream->send("1234567890"));  // while it is being written
  CHECK(state.take() == "1234567890");
  CHECK(state.take().empty());

  SECTION("not two of them") {
    CHECK(stream->send(long_one));
    CHECK_FALSE(stream->send(long_one));
    CHECK(state.overrun());
  }
  SECTION("not two, one of them being written") {
    CHECK(stream->send(long_one));
    CHECK(state.take() == long_one);
    CHECK_FALSE(stream->send(long_one));
  }
  SECTION("not one byte longer") {
    CHECK_FALSE(stream->send(long_one + "L"));
    CHECK(state.overrun());
  }
  stage.run();
  state.finish();
  CHECK(stage.shared->long_bytes == 0);
}

TEST_CASE("stream: all long events together have a bound, and what is gone makes room", "[http]") {
  Stage stage;
  stage.shared->streams_max = 10;
  stage.shared->event_bytes = 100;
  stage.shared->events_bytes = 250;
  const std::string long_one(100, 'L');
  const auto one = stage.exchange()->stream({});
  stage.run();
  const auto first = stage.connection->stream;
  const auto two = stage.exchange()->stream({}), three = stage.exchange()->stream({});
  CHECK(one->send(long_one));
  CHECK(two->send(long_one));
  CHECK_FALSE(three->send(long_one));
  CHECK(first->take() == long_one);
  const auto four = stage.exchange()->stream({});
  CHECK_FALSE(four->send(long_one));  // it is being written
  CHECK(first->take().empty());
  const auto five = stage.exchange()->stream({});
  CHECK(five->send(long_one));
  stage.run();
  stage.connection->stream->finish();  // the fifth's
  const auto six = stage.exchange()->stream({});
  CHECK(six->send(long_one));
  CHECK(stage.shared->long_bytes == 200);
}

TEST_CASE("stream: its end is told once, by whichever side", "[http]") {
  Stage stage;
  int told = 0;
  const auto exchange = stage.exchange();
  auto stream = exchange->stream({});
  stream->on_closed([&] { ++told; });
  stage.run();
  const auto state = stage.connection->stream;
  SECTION("the client's") {
    state->finish();
    CHECK(told == 1);
    CHECK_FALSE(stream->send("a"));
  }
  SECTION("the handler's") {
    CHECK(stream->send("a"));
    stream->close();
    CHECK_FALSE(stream->send("b"));
    CHECK(told == 0);  // what waits is sent first
    CHECK(state->ending());
    CHECK(state->take() == "a");
    state->finish();
    CHECK(told == 1);
  }
  SECTION("the handler's, who lets go of it") {
    stream.reset();
    CHECK(state->ending());
    state->finish();
    CHECK(told == 1);
    return;
  }
  SECTION("the server's") {
    stage.box->close();
    CHECK_FALSE(stream->send("a"));
    CHECK(told == 1);
  }
  state->finish();
  stream->close();
  CHECK(told == 1);
  CHECK(snapshot(stage.shared->counters).streams_open == 0);
  int at_once = 0;
  stream->on_closed([&] { ++at_once; });
  CHECK(at_once == 1);
}

TEST_CASE("stream: one that never began is told of as well", "[http]") {
  Stage stage;
  int told = 0;
  const auto stream = stage.exchange()->stream({});
  stream->on_closed([&] { ++told; });
  stage.connection.reset();
  stage.run();
  CHECK(told == 1);
  CHECK(snapshot(stage.shared->counters).streams_open == 0);
}

TEST_CASE("stream: no more than the server's bound, and none for HEAD", "[http]") {
  Stage stage;
  const auto first = stage.exchange()->stream({});
  const auto second = stage.exchange()->stream({});
  REQUIRE(second != nullptr);
  CHECK(stage.exchange()->stream({}) == nullptr);
  CHECK(stage.exchange(true)->stream({}) == nullptr);
  stage.run();
  REQUIRE(stage.connection->replies.size() == 2);
  CHECK(stage.connection->replies[0].status == 503);
  CHECK(stage.connection->replies[1].status == 200);
  const auto counts = snapshot(stage.shared->counters);
  CHECK(counts.streams_open == 2);
  CHECK(counts.streams_opened == 2);
  CHECK(counts.streams_refused == 1);
  stage.connection->stream->finish();
  CHECK(stage.exchange()->stream({}) != nullptr);
}

TEST_CASE("stream: sent to from several threads, every event arrives whole and in its sender's order",
          "[http]") {
  Stage stage;
  stage.shared->stream_bytes = 1'000'000;
  const auto stream = stage.exchange()->stream({});
  std::vector<std::thread> senders;
  for (char name : {'a', 'b', 'c'}) {
    senders.emplace_back([&stream, name] {
      for (int i = 0; i < 1'000; ++i) stream->send(name + std::to_string(i) + "\n");
    });
  }
  for (auto& sender : senders) sender.join();
  stage.run();
  std::string all = stage.connection->stream->take();
  std::map<char, int> next;
  int lines = 0;
  for (std::size_t at = 0; at < all.size(); ++lines) {
    const auto end = all.find('\n', at);
    CHECK(all.substr(at + 1, end - at - 1) == std::to_string(next[all[at]]++));
    at = end + 1;
  }
  CHECK(lines == 3'000);
}

}  // namespace
}  // namespace chiploc::http_exchange_test
