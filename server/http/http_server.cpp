#include "server/http/http_server.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/http/http_connection.hpp"
#include "server/http/listen_address.hpp"
#include "server/http/tls_context.hpp"

namespace chiploc {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::chrono::milliseconds kTick{250};
constexpr int kBacklog = 1'024;

SteadyTime steady_of_system() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}
WallTime wall_of_system() {
  return {std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch())};
}

/// IPv4 as such, also where it came as IPv6.
asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}
/// What one host has one of: an IPv4 address, or the first 64 bits of an IPv6.
std::string source_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto bytes = address.to_v6().to_bytes();
  return {reinterpret_cast<const char*>(bytes.data()), 8};
}

}  // namespace

class HttpServer::Inside {
 public:
  Inside(HttpServerOptions options, HttpHandler handler) {
    core_.options = std::move(options);
    core_.handler = std::move(handler);
    if (!core_.options.steady_now) core_.options.steady_now = steady_of_system;
    if (!core_.options.wall_now) core_.options.wall_now = wall_of_system;
    core_.body_bound = [this](const HttpRequest& request) {
      return core_.options.body_bound ? core_.options.body_bound(request) : core_.limits().body_bytes;
    };
    core_.shared->streams_max = core_.limits().streams;
    core_.shared->stream_bytes = core_.limits().stream_bytes;
    core_.shared->event_bytes = core_.limits().event_bytes;
    core_.shared->events_bytes = core_.limits().events_bytes;
    core_.on_end = [this](const std::string& source) { leave(source); };
  }
  ~Inside() { stop(std::chrono::milliseconds{0}); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  std::optional<std::string> start();
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] HttpCountersSnapshot counters() const { return snapshot(core_.counters()); }
  void tick() {
    on_each([](HttpWorker& worker, SteadyTime now) { tick_all(worker, now); });
  }
  void certificates_changed() {
    on_each([](HttpWorker& worker, SteadyTime /*now*/) {
      for (const auto& connection : all_of(worker)) connection->certificates_changed();
    });
  }
  void stop(std::chrono::milliseconds grace);

 private:
  using Connections = std::vector<std::shared_ptr<HttpConnection>>;
  /// A copy: they end while they are gone through.
  static Connections all_of(const HttpWorker& worker) {
    return {worker.connections.begin(), worker.connections.end()};
  }
  static void tick_all(HttpWorker& worker, SteadyTime now) {
    for (const auto& connection : all_of(worker)) connection->tick(now);
  }
  struct Thread {
    HttpWorker worker;
    asio::steady_timer timer{worker.context};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
  };

  /// Runs it on each thread; returns when all have.
  template <class Work>
  void on_each(Work work);
  void wait_for_tick(Thread& thread);
  void accept();
  void on_accept(const Error& fault, tcp::socket socket, Thread& thread);
  bool enter(const std::string& source);
  void leave(const std::string& source);

  HttpCore core_;
  std::mutex stop_mutex_;            ///< one stop() at a time
  std::shared_mutex threads_mutex_;  ///< threads_ goes away under it
  std::vector<std::unique_ptr<Thread>> threads_;
  std::optional<tcp::acceptor> acceptor_;  ///< the first thread's
  std::size_t next_ = 0;                   ///< likewise: whose turn it is to get a connection
  bool accepting_ = false;                 ///< likewise
  int port_ = 0;
  std::mutex mutex_;  ///< guards what follows
  std::unordered_map<std::string, std::size_t> sources_;
  std::size_t open_ = 0;
  std::condition_variable none_open_;
};

std::optional<std::string> HttpServer::Inside::start() {
  const std::string& address = core_.options.address;
  const auto place = listen_address(address);
  if (!place) return place.error();
  const auto ready =
      prepare_tls(*core_.tls.native_handle(), core_.options.tls, core_.options.ask_certificate);
  if (!ready) return address + ": " + ready.error();
  for (unsigned i = 0; i < std::max(core_.options.threads, 1U); ++i) {
    auto& thread = *threads_.emplace_back(std::make_unique<Thread>());
    thread.worker.box =
        std::make_shared<HttpPostBox>([&context = thread.worker.context](std::function<void()> work) {
          asio::post(context, std::move(work));
        });
    thread.work.emplace(asio::make_work_guard(thread.worker.context));
  }
  Error fault;
  const tcp::endpoint there{asio::ip::make_address(place->host, fault), place->port};
  acceptor_.emplace(threads_.front()->worker.context);
  acceptor_->open(there.protocol(), fault);
  if (!fault) acceptor_->set_option(tcp::acceptor::reuse_address{true}, fault);
  if (!fault) acceptor_->bind(there, fault);
  if (!fault) acceptor_->listen(kBacklog, fault);
  if (fault) return address + ": cannot be served: " + fault.message();
  port_ = acceptor_->local_endpoint(fault).port();
  accept();
  for (const auto& thread : threads_) {
    wait_for_tick(*thread);
    thread->thread = std::thread{[&context = thread->worker.context] { context.run(); }};
  }
  return std::nullopt;
}

template <class Work>
void HttpServer::Inside::on_each(Work work) {
  const std::shared_lock lock{threads_mutex_};
  std::vector<std::future<void>> done;
  for (const auto& thread : threads_) {
    const auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    const bool posted = thread->worker.box->post([this, promise, work, &worker = thread->worker] {
      work(worker, core_.options.steady_now());
      promise->set_value();
    });
    if (!posted) done.pop_back();
  }
  for (auto& one : done) one.wait();
}

void HttpServer::Inside::wait_for_tick(Thread& thread) {
  thread.timer.expires_after(kTick);
  thread.timer.async_wait([this, &thread](const Error& fault) {
    if (fault || thread.worker.stopping) return;
    tick_all(thread.worker, core_.options.steady_now());
    if (&thread == threads_.front().get() && !accepting_) accept();
    wait_for_tick(thread);
  });
}

void HttpServer::Inside::accept() {
  Thread& thread = *threads_[next_++ % threads_.size()];
  accepting_ = true;
  acceptor_->async_accept(thread.worker.context, [this, &thread](const Error& fault, tcp::socket socket) {
    accepting_ = false;
    on_accept(fault, std::move(socket), thread);
  });
}

void HttpServer::Inside::on_accept(const Error& fault, tcp::socket socket, Thread& thread) {
  if (threads_.front()->worker.stopping) return;
  if (fault) {
    ++core_.counters().accept_failed;
    // Nothing to open one with, which would fail again at once: the next tick tries it.
    if (fault == asio::error::no_descriptors || fault == asio::error::no_memory ||
        fault == asio::error::no_buffer_space || fault.value() == ENFILE)
      return;
    return accept();
  }
  Error gone;
  const auto peer = socket.remote_endpoint(gone);
  const asio::ip::address address = plain(peer.address());
  std::string source = source_of(address);
  if (!gone && enter(source)) {
    // Its socket belongs to that thread from here on.
    thread.worker.box->post([this, &thread, source = std::move(source), remote = address.to_string(),
                             kept = std::make_shared<tcp::socket>(std::move(socket))]() mutable {
      if (thread.worker.stopping) return leave(source);
      auto connection = std::make_shared<HttpConnection>(core_, thread.worker, std::move(*kept),
                                                         std::move(remote), std::move(source));
      thread.worker.connections.insert(connection);
      connection->start();
    });
  }
  accept();
}

bool HttpServer::Inside::enter(const std::string& source) {
  const std::scoped_lock lock{mutex_};
  if (open_ >= core_.limits().connections) {
    ++core_.counters().refused_full;
    return false;
  }
  std::size_t& of_source = sources_[source];
  if (of_source >= core_.limits().connections_address) {
    ++core_.counters().refused_address;
    return false;
  }
  ++of_source;
  ++open_;
  ++core_.counters().connections_accepted;
  ++core_.counters().connections_open;
  return true;
}

void HttpServer::Inside::leave(const std::string& source) {
  const std::scoped_lock lock{mutex_};
  const auto found = sources_.find(source);
  if (--found->second == 0) sources_.erase(found);
  --core_.counters().connections_open;
  if (--open_ == 0) none_open_.notify_all();
}

void HttpServer::Inside::stop(std::chrono::milliseconds grace) {
  const std::scoped_lock one{stop_mutex_};
  if (threads_.empty()) return;
  if (!threads_.front()->thread.joinable()) {  // it never began
    acceptor_.reset();
    threads_.clear();
    return;
  }
  on_each([this](HttpWorker& worker, SteadyTime /*now*/) {
    worker.stopping = true;
    if (&worker == &threads_.front()->worker) {
      Error ignored;
      acceptor_->close(ignored);
    }
    for (const auto& connection : all_of(worker)) connection->wind_up();
  });
  {
    std::unique_lock lock{mutex_};
    none_open_.wait_for(lock, grace, [this] { return open_ == 0; });
  }
  on_each([](HttpWorker& worker, SteadyTime /*now*/) {
    for (const auto& connection : all_of(worker)) connection->end();
  });
  const std::unique_lock last{threads_mutex_};
  for (const auto& thread : threads_) {
    thread->worker.box->close();
    asio::post(thread->worker.context, [&timer = thread->timer] { timer.cancel(); });
    thread->work.reset();
    thread->thread.join();  // when nothing waits any more: all sockets are closed
  }
  acceptor_.reset();
  threads_.clear();
}

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_{std::move(inside)} {}
HttpServer::HttpServer(HttpServer&& other) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&& other) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer, std::string> HttpServer::start(HttpServerOptions options, HttpHandler handler) {
  auto inside = std::make_unique<Inside>(std::move(options), std::move(handler));
  if (auto fault = inside->start()) return Fail{*std::move(fault)};
  return HttpServer{std::move(inside)};
}

int HttpServer::port() const { return inside_->port(); }
HttpCountersSnapshot HttpServer::counters() const { return inside_->counters(); }
void HttpServer::tick() { inside_->tick(); }
void HttpServer::certificates_changed() { inside_->certificates_changed(); }
void HttpServer::stop(std::chrono::milliseconds grace) { inside_->stop(grace); }

}  // namespace chiploc
