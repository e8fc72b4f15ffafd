// The server as a whole: bounds over all connections, and its end.
#include "server/http/http_server.hpp"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <thread>

#include "tests/server/http/http_world.hpp"

namespace chiploc::http_server_test {
namespace {

using namespace http_world;  // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kGetEvents = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_CASE("http: bounds of connections, in all and from one address", "[http][sockets]") {
  Served served{echo(), [](HttpServerOptions& options) {
                  options.limits.connections = 5;
                  options.limits.connections_address = 3;
                }};
  std::vector<std::unique_ptr<Client>> clients;
  const auto connect = [&](const std::string& address) {
    clients.push_back(std::make_unique<Client>(served.port(), ClientOptions{.address = address}));
    return clients.back()->connected();
  };
  for (int i = 0; i < 3; ++i) CHECK(connect("127.0.0.1"));
  CHECK_FALSE(connect("127.0.0.1"));
  CHECK(served.counters().refused_address == 1);
  CHECK(connect("127.0.0.2"));
  CHECK(connect("127.0.0.3"));
  CHECK_FALSE(connect("127.0.0.4"));
  CHECK(served.counters().refused_full == 1);
  CHECK(served.counters().connections_open == 5);
  clients[0]->close();
  served.until([&] { return served.counters().connections_open == 4; });
  CHECK(connect("127.0.0.1"));
  for (const std::size_t i : {1U, 2U, 4U, 5U, 7U}) CHECK(clients[i]->ask("GET /").status == 200);
}

TEST_CASE("http: a thousand wait, and another is served", "[http][sockets]") {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  const rlimit more{std::max<rlim_t>(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 4'096)),
                    files.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &more) == 0);
  const std::size_t waiting = more.rlim_cur >= 2'200 ? 1'000 : (more.rlim_cur - 100) / 2;  // two ends each
  Served served{echo()};
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < waiting; ++i) {
    clients.push_back(std::make_unique<Client>(served.port()));
    REQUIRE(clients.back()->connected());
  }
  Client another{served.port()};
  for (int i = 0; i < 100; ++i) REQUIRE(another.ask("GET /" + std::to_string(i)).status == 200);
  CHECK(served.counters().connections_open == waiting + 1);
  for (const auto& client : clients) REQUIRE(client->ask("GET /").status == 200);
  served.pass(seconds{10});
  served.until([&] {
    served.pass(seconds{75});
    return served.counters().idle_closed == waiting + 1;
  });
  clients.clear();
}

TEST_CASE("http: out of file descriptors it waits, and goes on when there are some", "[http][sockets]") {
  Served served{echo()};
  Client before{served.port()};
  Client next{served.port()};  // the library's own first use of files is over
  CHECK(before.ask("GET /").status == 200);
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(served.port()));
  const rlimit none{static_cast<rlim_t>(fd) + 1, files.rlim_max};
  std::vector<int> fillers;  // so that no number is free below the limit
  while (fillers.empty() || fillers.back() < fd) fillers.push_back(::dup(fd));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  served.until([&] { return served.counters().accept_failed > 0; });
  CHECK(before.ask("GET /").status == 200);
  const auto open = served.counters().connections_open;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  served.until([&] { return served.counters().connections_open == open + 1; });
  CHECK(next.ask("GET /").status == 200);
  for (const int filler : fillers) ::close(filler);
  ::close(fd);
}

TEST_CASE("http: asked from many sides at once, all is answered", "[http][sockets]") {
  Streams streams;
  std::mutex mutex;
  std::vector<std::shared_ptr<HttpExchange>> later;
  std::atomic<bool> over = false;
  Served served{[&](std::shared_ptr<HttpExchange> exchange) {
                  if (exchange->request().path != "/later") return streams.handler()(exchange);
                  const std::scoped_lock lock{mutex};
                  later.push_back(std::move(exchange));
                },
                [](HttpServerOptions& options) { options.threads = 3; }};
  std::thread answers{[&] {
    while (!over) {
      std::vector<std::shared_ptr<HttpExchange>> now;
      {
        const std::scoped_lock lock{mutex};
        now.swap(later);
      }
      for (const auto& exchange : now) exchange->reply(text("later"));
      for (std::size_t i = 0; const auto stream = streams.at(i); ++i) stream->send("data: x\n\n");
      std::this_thread::yield();
    }
  }};
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int n = 0; n < 6; ++n) {
    clients.emplace_back([&, n] {
      for (int i = 0; i < 10; ++i) {
        Client client{served.port()};
        if (n % 3 == 0) {
          client.send(kGetEvents);
          client.read_until("data: x\n\n");
          ++good;
          continue;
        }
        for (int k = 0; k < 5; ++k) {
          const Answer answer = client.ask(n % 3 == 1 ? "GET /later" : "GET /now");
          if (answer.body == (n % 3 == 1 ? "later" : "GET /now")) ++good;
        }
      }
    });
  }
  for (auto& client : clients) client.join();
  over = true;
  answers.join();
  CHECK(good == 2 * 10 + 4 * 10 * 5);
  served.until_empty();
  CHECK(streams.closed == 20);
}

TEST_CASE("http: it stops: what runs is finished, streams and what waits are closed", "[http][sockets]") {
  Streams streams;
  std::promise<std::shared_ptr<HttpExchange>> kept;
  Served served{[&](std::shared_ptr<HttpExchange> exchange) {
    if (exchange->request().path == "/slow") return kept.set_value(std::move(exchange));
    streams.handler()(exchange);
  }};
  const int port = served.port();
  Client idle{port};
  CHECK(idle.ask("GET /").status == 200);
  Client half{port};
  half.send("GET / HT");
  Listener listener{port};
  Client slow{port};
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  auto exchange = kept.get_future().get();
  REQUIRE(streams.at(0)->send("data: last\n\n"));
  std::thread stopper{[&] { served.server->stop(seconds{60}); }};
  CHECK(listener.client.read_all() == "data: last\n\n");
  CHECK(listener.client.ended_in_order());
  listener.client.close();
  CHECK(idle.read_all().empty());
  idle.close();
  CHECK(half.read_all().empty());
  half.close();
  exchange->reply(text("done"));
  const Answer answer = slow.answer();
  CHECK(answer.body == "done");
  CHECK(answer.field("connection") == "close");
  slow.close();
  stopper.join();
  CHECK(streams.closed == 1);
  CHECK(served.counters().connections_open == 0);
  CHECK(served.counters().streams_open == 0);
  served.server->stop(seconds{60});  // again: nothing
  exchange.reset();
}

TEST_CASE("http: what does not finish in its grace is cut, and may be answered later for nothing",
          "[http][sockets]") {
  Streams streams;
  std::promise<std::shared_ptr<HttpExchange>> kept;
  std::shared_ptr<HttpExchange> exchange;
  Client* left = nullptr;
  std::unique_ptr<Client> client;
  {
    const Served served{[&](std::shared_ptr<HttpExchange> given) {
      if (given->request().path == "/slow") return kept.set_value(std::move(given));
      streams.handler()(given);
    }};
    client = std::make_unique<Client>(served.port());
    client->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    exchange = kept.get_future().get();
    const Listener listener{served.port()};
    left = client.get();
  }
  CHECK(left->answer().status == 0);
  CHECK_FALSE(left->ended_in_order());
  CHECK(streams.closed == 1);
  CHECK_FALSE(streams.at(0)->send("data: 1\n\n"));
  exchange->reply(text("late"));
  CHECK(exchange->stream({}) == nullptr);
}

TEST_CASE("http: an address that cannot be served is told in a sentence", "[http][sockets]") {
  const Served served{echo()};
  const auto fault = [&](const std::string& address) {
    HttpServerOptions options;
    options.address = address;
    options.tls = {authority().ca, authority().server.certificate, authority().server.key};
    const auto started = HttpServer::start(std::move(options), echo());
    return started ? std::string{"started"} : started.error();
  };
  CHECK_THAT(fault("127.0.0.1:" + std::to_string(served.port())),
             Catch::Contains("another program has this port"));
  CHECK_THAT(fault("localhost:0"), Catch::Contains("is no numeric address with a port"));
  CHECK_THAT(fault("192.0.2.1:0"), Catch::Contains("no card of this machine has the address"));
  CHECK(fault("[::1]:0") == "started");
}

}  // namespace
}  // namespace chiploc::http_server_test
