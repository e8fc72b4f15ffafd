// By hand: '[.crowd]'. Ten thousand connections from another process, idle and then each with a stream of events; prints
// what one costs in memory and how long one event to all takes. Not a test of this machine's speed: nothing is compared.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>

#include "tests/server/http/http_world.hpp"

namespace chiploc::http_crowd_test {
namespace {

using namespace http_world;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kCrowd = 10'000;
constexpr std::string_view kEvent = "data: x\n\n";

std::size_t resident_bytes() {
  std::ifstream status{"/proc/self/statm"};
  std::size_t all = 0;
  std::size_t resident = 0;
  status >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool byte_to(int pipe) { return ::write(pipe, "x", 1) == 1; }
bool byte_from(int pipe) {
  char byte = 0;
  return ::read(pipe, &byte, 1) == 1;
}

/// The other process: connects, asks for streams when told to, reads the head and one event of each. 0: all went well.
int crowd(int from_test, int to_test) {
  char port_text[6] = {};
  for (std::size_t i = 0; i < 5; ++i)
    if (::read(from_test, port_text + i, 1) != 1) return 1;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  std::vector<SSL*> all;
  for (std::size_t i = 0; i < kCrowd; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port_text)));
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return 2;
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) != 1) return 3;
    all.push_back(ssl);
  }
  if (!byte_to(to_test) || !byte_from(from_test)) return 4;
  const std::string request = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto read_until = [](SSL* ssl, std::string_view end) {
    std::string got;
    char piece[2'048];
    while (got.size() < end.size() || got.substr(got.size() - end.size()) != end) {
      const int size = SSL_read(ssl, piece, sizeof piece);
      if (size <= 0) return false;
      got.append(piece, static_cast<std::size_t>(size));
    }
    return true;
  };
  for (SSL* ssl : all)
    if (SSL_write(ssl, request.data(), static_cast<int>(request.size())) <= 0) return 5;
  for (SSL* ssl : all)
    if (!read_until(ssl, "\r\n\r\n")) return 6;
  if (!byte_to(to_test)) return 7;
  for (SSL* ssl : all)
    if (!read_until(ssl, kEvent)) return 8;
  return byte_to(to_test) && byte_from(from_test) ? 0 : 9;
}

TEST_CASE("http: ten thousand connections, and as many streams", "[.crowd]") {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  REQUIRE(files.rlim_max > kCrowd + 100);
  int to_crowd[2];
  int from_crowd[2];
  REQUIRE(::pipe(to_crowd) == 0);
  REQUIRE(::pipe(from_crowd) == 0);
  const pid_t child = ::fork();  // no thread of ours runs yet
  if (child == 0) ::_exit(crowd(to_crowd[0], from_crowd[1]));

  std::mutex mutex;
  std::vector<std::shared_ptr<HttpEventStream>> streams;
  Served served{[&](const std::shared_ptr<HttpExchange>& exchange) {
                  if (exchange->request().path != "/events") return exchange->reply(text("ok"));
                  auto stream = exchange->stream({});
                  if (!stream) return;
                  const std::scoped_lock lock{mutex};
                  streams.push_back(std::move(stream));
                },
                [](HttpServerOptions& options) { options.limits.connections_address = 12'000; }};
  char port[6] = {};
  std::snprintf(port, sizeof port, "%05d", served.port());
  const std::size_t before = resident_bytes();
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto ms = [](auto time) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  };
  const auto began = now();
  REQUIRE(::write(to_crowd[1], port, 5) == 5);
  REQUIRE(byte_from(from_crowd[0]));
  served.until([&] { return served.counters().connections_open == kCrowd; });
  const std::size_t idle = resident_bytes() - before;
  std::printf("%zu connections in %ld ms, %zu bytes each\n", kCrowd, ms(now() - began), idle / kCrowd);
  {
    Client another{served.port()};
    const auto asked = now();
    for (int i = 0; i < 1'000; ++i) REQUIRE(another.ask("GET /").status == 200);
    std::printf("another has 1000 answers in %ld ms\n", ms(now() - asked));
  }
  REQUIRE(byte_to(to_crowd[1]));
  REQUIRE(byte_from(from_crowd[0]));
  const std::size_t streaming = resident_bytes() - before;
  REQUIRE(streams.size() == kCrowd);
  std::printf("%zu streams, %zu bytes each\n", kCrowd, streaming / kCrowd);
  const auto told = now();
  for (const auto& stream : streams) REQUIRE(stream->send(std::string{kEvent}));
  const long queued = ms(now() - told);
  REQUIRE(byte_from(from_crowd[0]));
  std::printf("one event to all: queued in %ld ms, read by all in %ld ms\n", queued, ms(now() - told));
  REQUIRE(byte_to(to_crowd[1]));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  served.until_empty();
  CHECK(served.counters().streams_open == 0);
}

}  // namespace
}  // namespace chiploc::http_crowd_test
