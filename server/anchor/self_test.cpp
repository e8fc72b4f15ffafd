#include "server/anchor/self_test.hpp"

#include <net/if.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "proto/wire/datagram.hpp"
#include "server/anchor/self_test_clocks.hpp"
#include "server/anchor/self_test_machine.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kOwnInterval = 10ms;
constexpr Nanoseconds kPeerInterval = 100ms;  // an anchor answers strangers 16 times a second

/// Pings out of one socket, and what comes of them.
class Pinger final : public ProbeEngine {
 public:
  Pinger(std::unique_ptr<UdpSocket> socket, const std::optional<Endpoint>& peer)
      : socket_{std::move(socket)} {
    row.listen = socket_->local();
    row.target = peer ? *peer : row.listen;
    if (!peer && socket_->wildcard()) {
      row.target.address = {};
      if (row.target.family == 6) {
        row.target.address[15] = 1;
      } else {
        row.target.address[0] = 127;
        row.target.address[3] = 1;
      }
    }
    interval_ = peer ? kPeerInterval : kOwnInterval;
  }

  [[nodiscard]] int fd() const { return socket_->fd(); }
  void turn(SteadyTime now, bool may_send) {
    socket_->drain_stamps(*this);
    while (socket_->receive(*this) == UdpSocket::kBatch) {
    }
    if (may_send && now >= next_) {
      next_ = now + interval_;
      send();
    }
  }
  void finish() {
    for (const Sent& ping : pings_) {
      if (!ping.answered) continue;
      const auto measured = measure(ping.transmit, ping.receive);
      row.samples.add(measured);
      if (!measured) continue;
      if (row.measured++ == 0 || measured->rtt < row.rtt_min) row.rtt_min = measured->rtt;
    }
  }

  void on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps) override {
    if (path.peer != row.target) return;
    ++row.received;
    row.receive_kernel += stamps.kernel ? 1U : 0U;
    row.receive_card += stamps.card ? 1U : 0U;
    const auto ping = parse_ping(datagram);
    if (!ping || ping->session != session_ || ping->sequence >= pings_.size()) return;
    pings_[ping->sequence].receive = stamps;
    pings_[ping->sequence].answered = true;
  }
  void on_sending(const PingToken& ping, const ClockReading& before) override {
    if (ping.sequence < pings_.size()) pings_[ping.sequence].transmit.before = before;
  }
  void on_transmitted(const PingToken& ping, const KernelTransmit& stamps) override {
    if (ping.session != session_ || ping.sequence >= pings_.size()) return;
    TransmitStamps& transmit = pings_[ping.sequence].transmit;
    if (stamps.kernel && !transmit.kernel) {
      transmit.kernel = stamps.kernel;
      ++row.transmit_kernel;
    }
    if (stamps.card && !transmit.card) {
      transmit.card = stamps.card;
      ++row.transmit_card;
    }
    std::array<char, IF_NAMESIZE> name{};
    if (row.interface.empty() && ::if_indextoname(stamps.interface, name.data()) != nullptr)
      row.interface = name.data();
  }
  void on_timer(const ClockReading&) override {}
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override { return std::nullopt; }

  StampRow row;

 private:
  struct Sent {
    TransmitStamps transmit;
    ReceiveStamps receive;
    bool answered = false;
  };
  void send() {
    OutgoingDatagram out;
    out.path = {row.target, {}};
    out.size = Ping::kSize;
    out.is_ping = true;
    out.ping = {session_, static_cast<std::uint32_t>(pings_.size())};
    pings_.emplace_back();
    ByteArray<Ping::kSize> bytes{};
    encode(Ping{.session = session_, .sequence = out.ping.sequence, .nonce = {}, .mac = {}}, bytes);
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    if (const auto sent = socket_->send({&out}, *this); sent.taken == 1 && sent.failed == 0) ++row.sent;
  }

  std::unique_ptr<UdpSocket> socket_;
  SessionId session_{};
  std::vector<Sent> pings_;
  Nanoseconds interval_{0};
  SteadyTime next_;
};

}  // namespace

Result<SelfTestResult, std::string> run_self_test(const SelfTestOptions& options) {
  std::vector<std::unique_ptr<Pinger>> pingers;
  std::vector<pollfd> watched;
  for (const Endpoint& listen : options.listen) {
    if (options.peer && options.peer->family != listen.family) continue;
    auto socket = UdpSocket::open({.listen = listen, .stamps = options.stamps});
    if (!socket) return Fail{socket.error()};
    pingers.push_back(std::make_unique<Pinger>(std::move(*socket), options.peer));
    watched.push_back({pingers.back()->fd(), POLLIN, 0});
  }
  if (pingers.empty())
    return Fail{std::string{
        "no listening address is of the peer's family; give --listen one that is, or another --peer"}};

  SelfTestClocks clocks;
  const ClockReading begin = read_clocks();
  for (;;) {
    const ClockReading now = read_clocks();
    clocks.add(now);
    const Nanoseconds gone = now.raw - begin.raw;
    // The last pings have a tenth of a second, a peer's half a second, for their way.
    if (gone >= options.time + (options.peer ? 500ms : 100ms)) break;
    for (const auto& pinger : pingers) pinger->turn(now.steady, gone < options.time);
    ::poll(watched.data(), watched.size(), 1);
  }

  SelfTestResult out;
  for (const auto& pinger : pingers) {
    pinger->finish();
    out.stamps.push_back(pinger->row);
  }
  clocks.finish(out);
  out.claims = interface_claims();
  out.discipline = clock_discipline();
  out.peer = options.peer.has_value();
  return out;
}

}  // namespace chiploc
