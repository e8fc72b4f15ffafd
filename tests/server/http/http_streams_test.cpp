// Streams of events, to clients that read them, read slowly, or go away.
#include "tests/server/http/http_world.hpp"

namespace chiploc::http_streams_test {
namespace {

using namespace http_world;  // NOLINT(google-build-using-namespace)
using std::chrono::seconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_CASE("http streams: events come in their order, to each who listens", "[http][sockets]") {
  Streams streams;
  const Served served{streams.handler()};
  Listener one{served.port()};
  Listener two{served.port()};
  CHECK_THAT(one.head,
             Catch::StartsWith("HTTP/1.1 200 OK\r\n") &&
                 Catch::Contains("\r\ncontent-type: text/event-stream\r\n") &&
                 Catch::Contains("\r\nx-kind: events\r\n") && Catch::Contains("\r\nconnection: close\r\n") &&
                 Catch::Contains("\r\ncache-control: no-store\r\n") && !Catch::Contains("content-length"));
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    expected += event;
    REQUIRE(streams.at(0)->send(event));
    REQUIRE(streams.at(1)->send(event));
  }
  streams.at(0)->close();
  CHECK(one.client.read_all() == expected);
  CHECK(one.client.ended_in_order());
  CHECK(two.client.read_until("data: 499\n\n") == expected);
  CHECK(served.counters().streams_open == 1);
  CHECK(served.counters().streams_opened == 2);
  CHECK(streams.closed == 1);
}

TEST_CASE("http streams: a silent one has a heartbeat", "[http][sockets]") {
  Streams streams;
  Served served{streams.handler()};
  Listener listener{served.port()};
  REQUIRE(streams.at(0)->send("data: 1\n\n"));
  CHECK(listener.client.read_until("\n\n") == "data: 1\n\n");
  served.until([&] { return served.counters().bytes_out > listener.head.size(); });
  served.pass(seconds{14});
  served.pass(seconds{1});
  CHECK(listener.client.read_until("\n\n") == ":\n\n");
  REQUIRE(streams.at(0)->send("data: 2\n\n"));
  CHECK(listener.client.read_until("\n\n") == "data: 2\n\n");
}

TEST_CASE("http streams: who sends the next when the last has gone out sends more than may wait",
          "[http][sockets]") {
  Streams streams;
  const Served served{streams.handler()};
  Listener listener{served.port()};
  const auto stream = streams.at(0);
  const std::string filler(8'000, 'x');
  const auto event = [&filler](int number) { return "data: " + std::to_string(number) + filler + "\n\n"; };
  constexpr int kEvents = 200;  // 1.6 MB, where 64 KiB may wait
  int sent = 0;                 // of the connection's thread from here on
  stream->on_drained([&, to = std::weak_ptr{stream}] {
    if (const auto open = to.lock(); open && sent < kEvents) CHECK(open->send(event(++sent)));
  });
  REQUIRE(stream->send("data: first\n\n"));
  std::string expected = "data: first\n\n";
  for (int i = 1; i <= kEvents; ++i) expected += event(i);
  CHECK(listener.client.read_until("data: " + std::to_string(kEvents) + filler + "\n\n") == expected);
  stream->close();
}

TEST_CASE("http streams: an event that is longer than what may wait comes whole, and the next behind it",
          "[http][sockets]") {
  Streams streams;
  Served served{streams.handler()};
  Listener listener{served.port()};
  const std::string event = "data: " + std::string(1'000'000, 'x') + "\n\n";
  REQUIRE(streams.at(0)->send("data: 1\n\n"));
  REQUIRE(streams.at(0)->send(event));
  REQUIRE(streams.at(0)->send("data: 2\n\n"));
  CHECK(listener.client.read_until("data: 2\n\n") == "data: 1\n\n" + event + "data: 2\n\n");
  // However long: beyond what any event has it is closed as slow.
  CHECK_FALSE(streams.at(0)->send(std::string((std::size_t{4} << 20U) + 1, 'x')));
  served.until([&] { return streams.closed == 1; });
  CHECK(served.counters().streams_slow == 1);
}

TEST_CASE("http streams: who does not read is closed and counted, and the others go on", "[http][sockets]") {
  Streams streams;
  Served served{streams.handler()};
  Listener slow{served.port(), {.receive_bytes = 4'096}};
  Listener other{served.port()};
  const std::string event = "data: " + std::string(8'000, 'x') + "\n\n";
  int sent = 0;
  served.until([&] {
    if (!streams.at(0)->send(event)) return true;
    REQUIRE(++sent < 10'000);  // the kernel's buffers have an end
    REQUIRE(streams.at(1)->send("data: " + std::to_string(sent) + "\n\n"));
    other.client.read_until("data: " + std::to_string(sent) + "\n\n");
    return false;
  });
  served.until([&] { return streams.closed == 1; });
  CHECK(served.counters().streams_slow == 1);
  CHECK_FALSE(streams.at(0)->send("data: late\n\n"));
  CHECK(served.counters().streams_open == 1);
  REQUIRE(streams.at(1)->send("data: end\n\n"));
  CHECK(other.client.read_until("data: end\n\n") == "data: end\n\n");
  // What came is a beginning of what was sent, whole events or not.
  const std::string got = slow.client.read_all();
  CHECK(got.size() < event.size() * static_cast<std::size_t>(sent));
  CHECK_FALSE(slow.client.ended_in_order());
}

TEST_CASE("http streams: one write that nobody reads ends it in time", "[http][sockets]") {
  Streams streams;
  Served served{streams.handler(),
                [](HttpServerOptions& options) { options.limits.stream_bytes = 40'000'000; }};
  const Listener slow{served.port(), {.receive_bytes = 4'096}};
  REQUIRE(streams.at(0)->send(std::string(20'000'000, 'x')));
  served.until([&] { return streams.at(0)->send("data: 1\n\n") && served.counters().replies[0] == 1; });
  served.pass(seconds{20 + 20'000'000 / 16'384 - 1});
  CHECK(served.counters().streams_slow == 0);
  served.pass(seconds{3});
  CHECK(served.counters().streams_slow == 1);
  CHECK(streams.closed == 1);
}

TEST_CASE("http streams: a client that goes away is noticed without a word to send", "[http][sockets]") {
  Streams streams;
  Served served{streams.handler()};
  {
    Listener in_order{served.port()};
    const Listener cut{served.port()};
    CHECK(served.counters().streams_open == 2);
    in_order.client.close();
  }
  served.until([&] { return streams.closed == 2; });
  served.until_empty();
  CHECK(served.counters().streams_open == 0);
  CHECK_FALSE(streams.at(0)->send("data: 1\n\n"));
  int again = 0;
  streams.at(0)->on_closed([&] { ++again; });
  CHECK(again == 1);
}

TEST_CASE("http streams: no more than there may be, and who talks on one is not listened to",
          "[http][sockets]") {
  Streams streams;
  Served served{streams.handler(), [](HttpServerOptions& options) { options.limits.streams = 2; }};
  Listener one{served.port()};
  const Listener two{served.port()};
  Client third{served.port()};
  const Answer full = third.ask("GET /events");
  CHECK(full.status == 503);
  CHECK(full.field("retry-after") == "30");
  CHECK(third.ask("GET /").body == "GET /");
  CHECK(third.ask("HEAD /events").field("content-type") == "text/event-stream");
  CHECK(served.counters().streams_refused == 1);
  CHECK(streams.refused == 2);
  one.client.send(kGet);  // not answered
  REQUIRE(streams.at(0)->send("data: 1\n\n"));
  CHECK(one.client.read_until("\n\n") == "data: 1\n\n");
  CHECK(served.counters().requests == 5);
  one.client.send(std::string(20'000, 'x'));
  CHECK(one.client.read_all().empty());
  served.until([&] { return streams.closed == 1; });
  const Listener another{served.port()};
  CHECK_THAT(another.head, Catch::StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("http streams: one whose certificate is revoked ends when the list changes", "[http][sockets]") {
  Streams streams;
  std::atomic<bool> revoked = false;
  Served served{streams.handler(), [&](HttpServerOptions& options) {
                  options.gate = [&](const std::string&) {
                    return revoked ? std::optional<std::string>{"revoked"} : std::nullopt;
                  };
                }};
  Listener person{served.port(), {.own = &authority().person}};
  Listener nobody{served.port()};
  served.server->certificates_changed();
  CHECK(served.counters().streams_open == 2);
  revoked = true;
  served.server->certificates_changed();
  CHECK(person.client.read_all().empty());
  CHECK(streams.closed == 1);
  CHECK(served.counters().streams_revoked == 1);
  REQUIRE(streams.at(1)->send("data: 1\n\n"));
  CHECK(nobody.client.read_until("\n\n") == "data: 1\n\n");
}

}  // namespace
}  // namespace chiploc::http_streams_test
