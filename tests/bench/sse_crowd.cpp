#include "tests/bench/sse_crowd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>

#include "tests/bench/figure.hpp"

namespace chiploc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kPerAddress = 500;  // below what chiplocd lets in from one
constexpr std::size_t kAtOnce = 32;       // shaking hands
constexpr std::size_t kLineKept = 64;     // of a line: its name, and an id
constexpr std::string_view kRequest =
    "GET /v1/watch HTTP/1.1\r\nHost: chiplocd\r\nAccept: text/event-stream\r\n\r\n";

struct Free {
  void operator()(SSL* it) const { SSL_free(it); }
  void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
};
using Tls = std::unique_ptr<SSL, Free>;

struct One {
  enum class Phase { kShaking, kAsking, kHead, kEvents, kGone };
  Phase phase = Phase::kShaking;
  int fd = -1;
  Tls tls;
  std::string line;  // the beginning of one that is not whole yet
  std::uint64_t id = 0, last = 0;
  bool greeted = false, named = false;
};

}  // namespace

class SseCrowd::Loop {
 public:
  Loop(SseCrowd& owner, Options options, SSL_CTX* context)
      : owner_{owner},
        options_{std::move(options)},
        context_{context},
        epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    all_.resize(options_.watchers);
  }
  ~Loop() { ::close(epoll_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run() {
    std::array<epoll_event, 256> ready{};
    auto looked = Clock::now();
    while (!owner_.stopping_) {
      while (begun_ < all_.size() && shaking_ < kAtOnce) begin(begun_++);
      const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 100);
      for (int i = 0; i < count; ++i) go_on(all_[ready.at(static_cast<std::size_t>(i)).data.u64]);
      owner_.events_ = found_.events;
      if (Clock::now() - looked < std::chrono::milliseconds{200}) continue;
      looked = Clock::now();
      std::uint64_t least = UINT64_MAX;
      for (const One& one : all_)
        if (one.phase == One::Phase::kEvents) least = std::min(least, one.greeted ? one.last : 0);
      owner_.all_have_ = least == UINT64_MAX ? 0 : least;
    }
    for (One& one : all_) {
      one.tls.reset();
      if (one.fd >= 0) ::close(one.fd);
    }
    found_.cpu_s = thread_cpu_us() / 1e6;
    for (const auto& [first, last] : times_)
      if (first > 0.0) found_.spreads_ms.push_back(last - first);
  }
  [[nodiscard]] Found found() const { return found_; }

 private:
  void begin(std::size_t number) {
    One& one = all_[number];
    one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one.fd < 0) return lose(one, "no socket; raise ulimit -n");
    const int later = 1;  // the port is chosen with the connection, so that each address has all of them
    ::setsockopt(one.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &later, sizeof later);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7F000101U + static_cast<std::uint32_t>(number / kPerAddress));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(options_.port);
    if (::bind(one.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
      return lose(one, "its address cannot be bound");
    if (::connect(one.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
      return lose(one, "no connection");
    one.tls.reset(SSL_new(context_.get()));
    SSL_set_fd(one.tls.get(), one.fd);
    SSL_set_connect_state(one.tls.get());
    ++shaking_;
    epoll_event watched{};
    watched.events = EPOLLIN | EPOLLOUT | EPOLLET;
    watched.data.u64 = number;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &watched);
  }

  void lose(One& one, const std::string& why) {
    if (one.phase == One::Phase::kShaking && one.tls) --shaking_;
    if (one.greeted) --owner_.watching_;
    one.phase = One::Phase::kGone;
    one.greeted = false;
    one.tls.reset();
    if (one.fd >= 0) ::close(one.fd);
    one.fd = -1;
    if (found_.lost++ == 0) found_.problem = why;
    owner_.lost_ = found_.lost;
  }

  /// Whether the call is to be made again when the socket is ready; if not, one is lost.
  bool waits(One& one, int result, const char* what) {
    const int error = SSL_get_error(one.tls.get(), result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
    lose(one,
         std::string{what} + (error == SSL_ERROR_ZERO_RETURN ? ": it was ended in order" : ": it was cut"));
    return false;
  }

  void go_on(One& one) {
    if (one.phase == One::Phase::kGone) return;
    if (one.phase == One::Phase::kShaking) {
      if (const int done = SSL_do_handshake(one.tls.get()); done != 1) {
        waits(one, done, "handshake");
        return;
      }
      --shaking_;
      one.phase = One::Phase::kAsking;
    }
    if (one.phase == One::Phase::kAsking) {
      const int sent = SSL_write(one.tls.get(), kRequest.data(), static_cast<int>(kRequest.size()));
      if (sent <= 0) {
        waits(one, sent, "request");
        return;
      }
      one.phase = One::Phase::kHead;
    }
    while (one.phase != One::Phase::kGone) {
      const int size = SSL_read(one.tls.get(), piece_.data(), static_cast<int>(piece_.size()));
      if (size <= 0) {
        waits(one, size, "stream");
        return;
      }
      take({piece_.data(), static_cast<std::size_t>(size)}, one);
    }
  }

  void take(std::string_view text, One& one) {
    while (!text.empty() && one.phase != One::Phase::kGone) {
      const std::size_t end = text.find('\n');
      const std::string_view part = text.substr(0, end);
      one.line += part.substr(0, kLineKept - std::min(kLineKept, one.line.size()));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
      on_line(one.line, one);
      one.line.clear();
    }
  }

  void on_line(std::string_view line, One& one) {
    if (one.phase == One::Phase::kHead) {
      if (line.starts_with("HTTP/") && !line.starts_with("HTTP/1.1 200"))
        return lose(one, "refused: " + std::string{line});
      if (line == "\r") one.phase = One::Phase::kEvents;
      return;
    }
    if (line.starts_with("id: ")) {
      one.named = std::from_chars(line.data() + 4, line.data() + line.size(), one.id).ec == std::errc{};
    } else if (line.starts_with("event: problem")) {
      lose(one, "the server ended it");
    } else if (line.empty() && one.named) {
      one.named = false;
      on_event(one);
    }
  }

  void on_event(One& one) {
    if (!one.greeted) {
      one.greeted = true;
      one.last = one.id;
      ++owner_.watching_;
      return;
    }
    if (one.id != one.last + 1)
      return lose(one, "event " + std::to_string(one.id) + " behind " + std::to_string(one.last));
    one.last = one.id;
    ++found_.events;
    const double now = std::chrono::duration<double, std::milli>{Clock::now() - from_}.count();
    if (times_.size() <= one.id) times_.resize(one.id + 1'000);
    auto& [first, last] = times_[one.id];
    if (first <= 0.0) first = now;
    last = now;
  }

  SseCrowd& owner_;
  const Options options_;
  std::unique_ptr<SSL_CTX, Free> context_;
  const int epoll_;
  std::vector<One> all_;
  std::array<char, 32'768> piece_{};
  std::size_t begun_ = 0, shaking_ = 0;
  Clock::time_point from_ = Clock::now();
  std::vector<std::pair<double, double>>
      times_;  // of each event, by its number: when the first had it, and the last
  Found found_{};
};

Result<std::unique_ptr<SseCrowd>, std::string> SseCrowd::start(const Options& options) {
  constexpr std::size_t kOthers = 1'000;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < options.watchers + kOthers)
    return Fail{"ulimit -Hn is " + std::to_string(files.rlim_max) + ", too little for so many connections"};
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_file(context, options.tls.certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, options.tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    SSL_CTX_free(context);
    return Fail{"the crowd's certificate cannot be used"};
  }
  auto out = std::unique_ptr<SseCrowd>{new SseCrowd};
  out->loop_ = std::make_unique<Loop>(*out, options, context);
  out->thread_ = std::thread{[loop = out->loop_.get()] { loop->run(); }};
  return out;
}

SseCrowd::SseCrowd() = default;
SseCrowd::~SseCrowd() { static_cast<void>(stop()); }

SseCrowd::Found SseCrowd::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return loop_->found();
}

}  // namespace chiploc::bench
