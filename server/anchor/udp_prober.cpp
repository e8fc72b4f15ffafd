#include "server/anchor/udp_prober.hpp"

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <deque>

namespace chiploc {

class UdpProber::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(asio::io_context& io, const UdpProberOptions& options) : io_{io}, options_{options}, timer_{io} {}

  void add(std::unique_ptr<UdpSocket> socket) {
    auto port = std::make_unique<Port>(io_);
    port->socket = std::move(socket);
    port->descriptor.assign(port->socket->fd());
    ports_.push_back(std::move(port));
  }
  void start(ProbeEngine& engine) {
    engine_ = &engine;
    for (std::size_t i = 0; i < ports_.size(); ++i) wait(i);
    finish_turn();
  }
  void stop() {
    if (engine_ != nullptr) flush();
    engine_ = nullptr;
    timer_.cancel();
    for (const auto& port : ports_) port->close();
  }
  void kick() {
    if (engine_ != nullptr) finish_turn();
  }
  void send(const Path& path, Bytes datagram, const PingToken* ping) {
    Port* const port = port_for(path);
    if (port == nullptr || datagram.size() > OutgoingDatagram::kSizeMax) {
      ++counters.no_socket;
      return;
    }
    if (port->queue.size() >= options_.queue) {
      ++counters.queue_dropped;
      return;
    }
    OutgoingDatagram& out = port->queue.emplace_back();
    out.path = path;
    out.size = static_cast<std::uint16_t>(datagram.size());
    std::copy(datagram.begin(), datagram.end(), out.bytes.begin());
    out.is_ping = ping != nullptr;
    if (ping != nullptr) out.ping = *ping;
  }
  [[nodiscard]] std::vector<Endpoint> endpoints() const {
    std::vector<Endpoint> out;
    for (const auto& port : ports_) out.push_back(port->socket->local());
    return out;
  }
  [[nodiscard]] StampMode stamps() const {
    StampMode weakest = StampMode::kKernel;
    for (const auto& port : ports_) weakest = std::max(weakest, port->socket->stamps());
    return weakest;
  }

  UdpProberCounters counters;

 private:
  struct Port {
    explicit Port(asio::io_context& io) : descriptor{io} {}
    ~Port() { close(); }
    void close() {
      // The socket closes the file; Asio only watches it.
      if (descriptor.is_open()) descriptor.release();
    }
    std::unique_ptr<UdpSocket> socket;
    asio::posix::stream_descriptor descriptor;
    std::deque<OutgoingDatagram> queue;
    bool waiting_to_write = false;
  };

  [[nodiscard]] Port* port_for(const Path& path) const {
    for (const auto& port : ports_) {
      const Endpoint& local = port->socket->local();
      if (local.family != path.peer.family) continue;
      if (path.local.port == 0) return port.get();
      if (local.port == path.local.port &&
          (port->socket->wildcard() || local.address == path.local.address)) {
        return port.get();
      }
    }
    return nullptr;
  }

  void wait(std::size_t index) {
    // Readiness to read also tells of the error queue (EPOLLERR), and now and then of nothing at all.
    ports_[index]->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                         [self = shared_from_this(), index](const asio::error_code& error) {
                                           if (error || self->engine_ == nullptr) return;
                                           self->on_readable(index);
                                           self->wait(index);
                                         });
  }
  void on_readable(std::size_t index) {
    UdpSocket& socket = *ports_[index]->socket;
    for (std::size_t i = 0; i < options_.batches_per_turn; ++i) {
      counters.stamps += socket.drain_stamps(*engine_);
      const std::size_t count = socket.receive(*engine_);
      counters.received += count;
      flush();
      if (count < UdpSocket::kBatch) break;
    }
    finish_turn();
  }

  /// When the engine's timers are to be served next: once a turn.
  [[nodiscard]] std::optional<SteadyTime> next_turn() const {
    const auto due = engine_->next_deadline();
    return due ? std::optional{std::max(*due, served_ + options_.turn)} : std::nullopt;
  }
  void finish_turn() {
    if (const auto next = next_turn()) {
      const ClockReading now = read_clocks();
      if (*next <= now.steady) {
        served_ = now.steady;
        engine_->on_timer(now);
      }
    }
    flush();
    arm();
  }
  void arm() {
    const auto next = next_turn();
    if (!next) {
      timer_.cancel();
      armed_.reset();
      return;
    }
    if (armed_ == next) return;
    armed_ = next;
    // libstdc++'s steady_clock is CLOCK_MONOTONIC, as SteadyTime is.
    timer_.expires_at(std::chrono::steady_clock::time_point{next->since_epoch});
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (error || self->engine_ == nullptr) return;
      self->armed_.reset();
      self->finish_turn();
    });
  }

  void flush() {
    for (const auto& port : ports_) {
      if (!port->waiting_to_write) flush(*port);
    }
  }
  void flush(Port& port) {
    while (!port.queue.empty()) {
      batch_.clear();
      for (const OutgoingDatagram& one : port.queue) {
        if (batch_.size() == UdpSocket::kBatch) break;
        batch_.push_back(&one);
      }
      const UdpSocket::SendResult result = port.socket->send(batch_, *engine_);
      counters.sent += result.taken - result.failed;
      counters.send_failed += result.failed;
      port.queue.erase(port.queue.begin(), port.queue.begin() + static_cast<std::ptrdiff_t>(result.taken));
      if (result.blocked) return wait_to_write(port);
      // A long queue of pings fills the error queue; an overflow would lose stamps without a word.
      if (!port.queue.empty()) counters.stamps += port.socket->drain_stamps(*engine_);
    }
  }
  void wait_to_write(Port& port) {
    port.waiting_to_write = true;
    port.descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                               [self = shared_from_this(), &port](const asio::error_code& error) {
                                 port.waiting_to_write = false;
                                 if (!error && self->engine_ != nullptr) self->finish_turn();
                               });
  }

  asio::io_context& io_;
  UdpProberOptions options_;
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<Port>> ports_;
  ProbeEngine* engine_ = nullptr;
  SteadyTime served_;  // when timers were served last
  std::optional<SteadyTime> armed_;
  std::vector<const OutgoingDatagram*> batch_;
};

UdpProber::UdpProber(std::shared_ptr<Loop> loop) : loop_{std::move(loop)} {}
UdpProber::~UdpProber() { loop_->stop(); }

Result<std::unique_ptr<UdpProber>, std::string> UdpProber::open(asio::io_context& io,
                                                                const UdpProberOptions& options) {
  auto loop = std::make_shared<Loop>(io, options);
  for (const Endpoint& listen : options.listen) {
    auto socket = UdpSocket::open({.listen = listen, .stamps = options.stamps});
    if (!socket) return Fail{socket.error()};
    loop->add(std::move(*socket));
  }
  return std::unique_ptr<UdpProber>{new UdpProber{std::move(loop)}};
}

void UdpProber::start(ProbeEngine& engine) { loop_->start(engine); }
void UdpProber::stop() { loop_->stop(); }
void UdpProber::kick() { loop_->kick(); }
std::vector<Endpoint> UdpProber::endpoints() const { return loop_->endpoints(); }
StampMode UdpProber::stamps() const { return loop_->stamps(); }
const UdpProberCounters& UdpProber::counters() const { return loop_->counters; }
void UdpProber::send(const Path& path, Bytes datagram, const PingToken* ping) {
  loop_->send(path, datagram, ping);
}

}  // namespace chiploc
