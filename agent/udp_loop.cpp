#include "agent/udp_loop.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio.hpp>
#include <cerrno>
#include <cstring>

#include "agent/datagram_batch.hpp"
#include "agent/endpoint.hpp"
#include "agent/system.hpp"
#include "proto/base/listen_problem.hpp"

namespace chiploc {
namespace {

using std::chrono::seconds;

/// One bound socket with what waits to be sent from it.
struct Socket {
  explicit Socket(asio::io_context& context) : socket{context} {}
  asio::ip::udp::socket socket;
  Endpoint local;
  bool wildcard = false;
  AgentReceiveBatch arrivals;
  AgentSendBatch departures;
};

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

class AgentUdpLoopImpl final : public AgentUdpLoop, private AgentOutbox {
 public:
  AgentUdpLoopImpl(asio::io_context& context, AgentPacketHandler& handler)
      : context_{context}, timer_{context}, handler_{handler} {}

  Result<Done, std::string> add_socket(const Endpoint& endpoint);
  void start() override;
  void drain_and_stop() override;
  std::vector<Endpoint> local_endpoints() const override;
  Counts counts() const override { return counts_; }

 private:
  void wait(Socket& socket);
  bool read(Socket& socket);
  void send(const Endpoint& to, Bytes datagram) override;
  void flush();
  void arm_timer();
  Socket* socket_for(const Endpoint& to);

  asio::io_context& context_;
  asio::steady_timer timer_;
  AgentPacketHandler& handler_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::optional<SteadyTime> armed_;
  bool stopped_ = false;
  Counts counts_;
  // The datagram being handled: where from, and which way the answer leaves.
  Socket* arrived_at_ = nullptr;
  Endpoint arrived_from_;
  AgentPacketInfo arrived_to_;
};

Result<Done, std::string> AgentUdpLoopImpl::add_socket(const Endpoint& endpoint) {
  const auto failed = [&](const char* verb) {
    return Fail{text_of(endpoint) + ": cannot " + verb + ": " + std::strerror(errno)};
  };
  const bool v4 = endpoint.family == 4;
  const int fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed("open a socket");
  auto entry = std::make_unique<Socket>(context_);
  asio::error_code error;
  entry->socket.assign(v4 ? asio::ip::udp::v4() : asio::ip::udp::v6(), fd, error);
  if (error) {
    ::close(fd);
    return Fail{text_of(endpoint) + ": cannot watch the socket: " + error.message()};
  }
  // V6ONLY: a family is served by the socket that was configured for it and by no other.
  if (!v4 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return failed("keep IPv4 out of an IPv6 socket");
  const auto address = to_socket_address(endpoint);
  entry->wildcard =
      std::all_of(endpoint.address.begin(), endpoint.address.end(), [](auto b) { return b == 0; });
  if (entry->wildcard &&
      !(v4 ? set_option(fd, IPPROTO_IP, IP_PKTINFO, 1) : set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1))) {
    return failed("ask for packet information");
  }
  // Where the kernel has no receive stamps the residence is measured from the read; `unstamped` counts it.
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  if (::bind(fd, address.raw(), address.size) != 0)
    return Fail{listen_problem(errno, text_of(endpoint), endpoint.port, "udp")};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return failed("read the address back");
  entry->local = from_socket_address(bound).value_or(endpoint);
  sockets_.push_back(std::move(entry));
  return Done{};
}

void AgentUdpLoopImpl::start() {
  for (const auto& socket : sockets_) wait(*socket);
  handler_.on_timer(agent_steady_now(), agent_wall_now(), *this);
  flush();
  arm_timer();
}

void AgentUdpLoopImpl::wait(Socket& socket) {
  socket.socket.async_wait(asio::ip::udp::socket::wait_read, [this, &socket](const asio::error_code& error) {
    if (error || stopped_) return;
    // One batch a turn, so that neither a second socket nor the timer starves.
    read(socket);
    arm_timer();
    wait(socket);
  });
}

bool AgentUdpLoopImpl::read(Socket& socket) {
  const std::size_t count = socket.arrivals.receive(socket.socket.native_handle());
  for (std::size_t i = 0; i < count; ++i) {
    const auto arrival = socket.arrivals.at(i);
    ++counts_.received;
    if (arrival.oversized || !arrival.from) {
      ++counts_.oversized;
      continue;
    }
    const SteadyTime steady = agent_steady_now();
    const WallTime wall = agent_wall_now();
    // The stamp is of the wall clock, which may have been set in between: an age outside a second is not one.
    Nanoseconds age = arrival.stamp ? wall - *arrival.stamp : Nanoseconds{0};
    if (!arrival.stamp) ++counts_.unstamped;
    if (age < Nanoseconds{0} || age > seconds{1}) age = Nanoseconds{0};
    arrived_at_ = &socket;
    arrived_from_ = *arrival.from;
    arrived_to_ = socket.wildcard ? arrival.to : AgentPacketInfo{};
    handler_.on_datagram(arrival.bytes, *arrival.from, steady - age, wall, *this);
    arrived_at_ = nullptr;
  }
  flush();
  return count > 0;
}

void AgentUdpLoopImpl::send(const Endpoint& to, Bytes datagram) {
  const bool reply = arrived_at_ != nullptr && to == arrived_from_;
  Socket* const socket = reply ? arrived_at_ : socket_for(to);
  if (socket == nullptr || datagram.size() > kDatagramMax) {
    ++counts_.unroutable;
    return;
  }
  if (socket->departures.full()) flush();
  socket->departures.add(to, datagram, reply ? arrived_to_ : AgentPacketInfo{});
}

Socket* AgentUdpLoopImpl::socket_for(const Endpoint& to) {
  // The socket something arrived at comes first: with two of one family the other end then sees one address.
  if (arrived_at_ != nullptr && arrived_at_->local.family == to.family) return arrived_at_;
  const auto found = std::find_if(sockets_.begin(), sockets_.end(),
                                  [&](const auto& s) { return s->local.family == to.family; });
  return found == sockets_.end() ? nullptr : found->get();
}

void AgentUdpLoopImpl::flush() {
  for (const auto& socket : sockets_) {
    const std::size_t waiting = socket->departures.size();
    if (waiting == 0) continue;
    const std::size_t sent = socket->departures.flush(socket->socket.native_handle());
    counts_.sent += sent;
    counts_.send_failed += waiting - sent;
  }
}

void AgentUdpLoopImpl::arm_timer() {
  const auto next = handler_.next_deadline();
  if (stopped_ || next == armed_) return;
  armed_ = next;
  if (!next) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(std::chrono::steady_clock::time_point{next->since_epoch});
  timer_.async_wait([this](const asio::error_code& error) {
    if (error || stopped_) return;
    armed_.reset();
    handler_.on_timer(agent_steady_now(), agent_wall_now(), *this);
    flush();
    arm_timer();
  });
}

void AgentUdpLoopImpl::drain_and_stop() {
  if (stopped_) return;
  // What is in the sockets now, and no more: a flood must not keep the program from ending.
  constexpr int kBatchesLast = 64;
  for (const auto& socket : sockets_) {
    for (int i = 0; i < kBatchesLast && read(*socket); ++i) {
    }
  }
  stopped_ = true;
  timer_.cancel();
  for (const auto& socket : sockets_) {
    asio::error_code ignored;
    socket->socket.close(ignored);  // NOLINT: nothing is left to do about a failing close
  }
}

std::vector<Endpoint> AgentUdpLoopImpl::local_endpoints() const {
  std::vector<Endpoint> out;
  for (const auto& socket : sockets_) out.push_back(socket->local);
  return out;
}

}  // namespace

Result<std::unique_ptr<AgentUdpLoop>, std::string> AgentUdpLoop::open(asio::io_context& context,
                                                                      const std::vector<Endpoint>& listen,
                                                                      AgentPacketHandler& handler) {
  auto loop = std::make_unique<AgentUdpLoopImpl>(context, handler);
  for (const Endpoint& endpoint : listen) {
    if (const auto added = loop->add_socket(endpoint); !added) return Fail{added.error()};
  }
  return std::unique_ptr<AgentUdpLoop>{std::move(loop)};
}

}  // namespace chiploc
