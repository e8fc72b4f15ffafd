#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

#include "agent/endpoint.hpp"
#include "tests/agent/fake_anchor.hpp"

namespace chiploc {

/// A blocking UDP socket for a test that plays the anchor. Waits are bounded, and end when something arrives.
class TestSocket {
 public:
  static constexpr int kWaitMs = 20'000;

  /// Binds any port of this address: "127.0.0.1" or "::1".
  explicit TestSocket(const std::string& host) {
    const bool v6 = host.find(':') != std::string::npos;
    const Endpoint any = *parse_endpoint(v6 ? "[" + host + "]:0" : host + ":0");
    fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto address = to_socket_address(any);
    ok_ = fd_ >= 0 && ::bind(fd_, address.raw(), address.size) == 0;
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (ok_) ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
    local_ = from_socket_address(bound).value_or(any);
  }
  ~TestSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const Endpoint& local() const { return local_; }
  void send(const Endpoint& to, Bytes datagram) const {
    const auto address = to_socket_address(to);
    ::sendto(fd_, datagram.data(), datagram.size(), 0, address.raw(), address.size);
  }
  struct Received {
    ByteVector bytes;
    Endpoint from;
  };
  [[nodiscard]] std::optional<Received> receive(int timeout_ms = kWaitMs) const {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) <= 0) return std::nullopt;
    ByteArray<2048> buffer{};
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t n =
        ::recvfrom(fd_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 0) return std::nullopt;
    return Received{vector_of(Bytes{buffer}.first(static_cast<std::size_t>(n))), *from_socket_address(from)};
  }
  /// The next datagram of this type; others (an OPEN sent again) are skipped.
  [[nodiscard]] std::optional<Received> receive(DatagramType type) const {
    while (auto received = receive()) {
      const auto seen = read_header(received->bytes);
      if (seen && *seen == type) return received;
    }
    return std::nullopt;
  }

 private:
  int fd_ = -1;
  bool ok_ = false;
  Endpoint local_;
};

/// Plays a whole round with one anchor over a real socket and gives the statement; `failed` says how far it
/// came.
struct SocketRound {
  SocketRound(const TestSocket& through, const Endpoint& the_agent, const TestCoordinator& by,
              const ChipId& of, std::uint64_t unix_now)
      : socket{through}, agent{the_agent}, coordinator{by}, chip{of}, anchor{through.local()} {
    Ticket ticket =
        coordinator.unsigned_ticket(chip, round, anchor.id(), anchor.public_key(), socket.local());
    ticket.not_before = unix_now - 10;
    ticket.not_after = unix_now + 100;
    if (!sign(ticket, coordinator.key())) std::abort();
    anchor.take(ticket);
  }
  /// TICKET to OPEN_ACK. The agent's answer comes from `agent`'s own port.
  bool open() {
    socket.send(agent, anchor.ticket_datagram());
    const auto open = socket.receive(DatagramType::kOpen);
    if (!open) return fail("no OPEN");
    if (!anchor.on_open(open->bytes)) return fail("a bad OPEN");
    agent = open->from;
    socket.send(agent, anchor.open_ack());
    return true;
  }
  bool ping(std::uint32_t sequence) {
    socket.send(agent, anchor.ping(sequence));
    const auto pong = socket.receive(DatagramType::kPong);
    if (!pong) return fail("no PONG");
    if (pong->from != agent) return fail("a PONG from " + text_of(pong->from) + " not " + text_of(agent));
    const auto good = anchor.on_pong(pong->bytes);
    if (!good) return fail("a bad PONG");
    last = *good;
    return true;
  }
  std::optional<ByteVector> finish_and_close() {
    socket.send(agent, anchor.finish());
    const auto ack = socket.receive(DatagramType::kFinishAck);
    if (!ack || !anchor.agrees(ack->bytes)) return fail("no FINISH_ACK, or a bad one"), std::nullopt;
    order = coordinator.order(chip, round, 1);
    socket.send(agent, anchor.close(order));
    while (const auto fragment = socket.receive(DatagramType::kStatement)) {
      if (auto whole = anchor.on_statement(fragment->bytes)) return whole;
    }
    return fail("no STATEMENT"), std::nullopt;
  }
  std::optional<ByteVector> play() {
    if (!open()) return std::nullopt;
    for (std::uint32_t i = 0; i < 12; ++i) {
      if (!ping(i)) return std::nullopt;
    }
    return finish_and_close();
  }
  bool fail(std::string what) {
    failed = std::move(what);
    return false;
  }

  const TestSocket& socket;
  Endpoint agent;
  const TestCoordinator& coordinator;
  ChipId chip;
  RoundId round = random_id<RoundId>();
  FakeAnchor anchor;
  CloseOrder order;
  Pong last;
  std::string failed;
};

}  // namespace chiploc
