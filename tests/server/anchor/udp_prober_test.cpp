// Real sockets on the loopback interface: the anchor on one side, an agent's half by hand on the other.
#include "server/anchor/udp_prober.hpp"

#include <asio/steady_timer.hpp>

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "proto/crypto/digest.hpp"
#include "server/anchor/anchor_core.hpp"
#include "server/net/endpoint.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct Results final : ProbeResults {
  std::vector<MeshWindow> windows;
  void on_report(RoundReport) override {}
  void on_statement(const RoundId&, ByteVector) override {}
  void on_knock(KnockRecord) override {}
  void on_progress(const RoundProgress&) override {}
  void on_mesh(MeshWindow window) override { windows.push_back(std::move(window)); }
};

/// The kernel turns receive stamps on in the background when the first socket asks for them, so the first
/// datagrams after that may have none. This socket asks, waits until one comes stamped, and stays open for
/// the whole run.
void keep_receive_stamps_on() {
  static const bool warm = [] {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof self;
    auto* const address = reinterpret_cast<sockaddr*>(&self);
    if (::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0 ||
        ::bind(fd, address, size) != 0 || ::getsockname(fd, address, &size) != 0) {
      return false;
    }
    for (int i = 0; i < 100'000; ++i) {
      char byte = 0;
      if (::sendto(fd, &byte, 1, 0, address, size) != 1) continue;
      iovec data{&byte, 1};
      alignas(cmsghdr) std::array<char, 256> control{};
      msghdr message{};
      message.msg_iov = &data;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      if (::recvmsg(fd, &message, 0) == 1 && message.msg_controllen > 0) return true;
    }
    return false;
  }();
  REQUIRE(warm);
}

/// Two anchors that ping each other over real sockets in one io_context.
struct Pair {
  asio::io_context io{1};
  AnchorId low = random_id<AnchorId>();
  AnchorId high = random_id<AnchorId>();
  Results results;
  Results peer_results;
  std::unique_ptr<UdpProber> udp;
  std::unique_ptr<UdpProber> peer_udp;
  std::unique_ptr<AnchorCore> core;
  std::unique_ptr<AnchorCore> peer_core;

  bool open(const std::string& listen, const std::string& peer_listen, const std::string& reach,
            StampMode mode, Nanoseconds interval = 2ms) {
    keep_receive_stamps_on();
    const MeshOptions mesh{.interval = interval, .report_interval = 400ms};
    auto opened = UdpProber::open(io, {.listen = {*endpoint_from_text(listen)}, .stamps = mode});
    auto peer_opened = UdpProber::open(io, {.listen = {*endpoint_from_text(peer_listen)}, .stamps = mode});
    if (!opened || !peer_opened) {
      WARN("skipped: " << (opened ? peer_opened.error() : opened.error()));
      return false;
    }
    udp = std::move(*opened);
    peer_udp = std::move(*peer_opened);
    const SteadyTime now = read_clocks().steady;
    core =
        std::make_unique<AnchorCore>(ProberOptions{}, mesh, low, random_bytes_or_abort, *udp, results, now);
    peer_core = std::make_unique<AnchorCore>(ProberOptions{}, mesh, high, random_bytes_or_abort, *peer_udp,
                                             peer_results, now);
    Endpoint at = *endpoint_from_text(reach);
    at.port = udp->endpoints()[0].port;
    Endpoint peer_at = *endpoint_from_text(reach);
    peer_at.port = peer_udp->endpoints()[0].port;
    core->mesh().set_peers({{high, peer_core->mesh().public_key(), peer_at}}, now);
    peer_core->mesh().set_peers({{low, core->mesh().public_key(), at}}, now);
    udp->start(*core);
    peer_udp->start(*peer_core);
    return true;
  }
  /// Until a whole window was reported; no sleeping: the reactor waits, five seconds at most.
  void run() {
    const auto limit = std::chrono::steady_clock::now() + 5s;
    while (results.windows.empty() && std::chrono::steady_clock::now() < limit) io.run_one_for(100ms);
    udp->stop();
    peer_udp->stop();
    io.poll();
    REQUIRE_FALSE(results.windows.empty());
  }
};

void check_window(const Pair& pair, StampSource source) {
  const MeshWindow& window = pair.results.windows.front();
  REQUIRE(window.pairs.size() == 1);
  CHECK(window.pairs[0].received >= 5);  // 200 on an idle machine; a busy one may give us little
  CHECK(window.pairs[0].received + 5 >= window.pairs[0].sent);
  CHECK(window.pairs[0].rtt_min > 0ns);
  CHECK(window.pairs[0].rtt_min < 50ms);
  CHECK(window.pairs[0].rtt_min <= window.pairs[0].rtt_median);
  CHECK(window.pairs[0].source == source);
}

TEST_CASE("UdpProber: on loopback every round trip has kernel stamps at both ends", "[anchor][udp]") {
  Pair pair;
  REQUIRE(pair.open("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", StampMode::kKernel));
  CHECK(pair.udp->stamps() == StampMode::kKernel);
  pair.run();
  check_window(pair, StampSource::kKernelBoth);  // the weakest of the window: not one stamp was missing
  // Every ping of ours was stamped and the stamp read back.
  CHECK(pair.udp->counters().stamps + 2 >= pair.core->mesh().counters().pings_sent);
}

TEST_CASE("UdpProber: in kernel-receive mode the source of every sample says so", "[anchor][udp]") {
  Pair pair;
  REQUIRE(pair.open("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", StampMode::kKernelReceive));
  CHECK(pair.udp->stamps() == StampMode::kKernelReceive);
  pair.run();
  check_window(pair, StampSource::kKernelReceive);
  CHECK(pair.udp->counters().stamps == 0);
}

TEST_CASE("UdpProber: in user mode the monotonic clock around the calls is what is reported",
          "[anchor][udp]") {
  Pair pair;
  REQUIRE(pair.open("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", StampMode::kUser));
  CHECK(pair.udp->stamps() == StampMode::kUser);
  pair.run();
  check_window(pair, StampSource::kUserBoth);
}

TEST_CASE("UdpProber: IPv6 is stamped and answered like IPv4", "[anchor][udp]") {
  Pair pair;
  if (!pair.open("[::1]:0", "[::1]:0", "[::1]:0", StampMode::kKernel)) return;
  pair.run();
  check_window(pair, StampSource::kKernelBoth);
}

TEST_CASE("UdpProber: bound to a wildcard it answers from the address that was asked", "[anchor][udp]") {
  // 127.0.0.9 is asked; without care the kernel would answer from 127.0.0.1.
  asio::io_context io{1};
  auto opened = UdpProber::open(io, {.listen = {*endpoint_from_text("0.0.0.0:0")}});
  REQUIRE(opened);
  Results results;
  const AnchorId self = random_id<AnchorId>();
  AnchorCore core{{}, {}, self, random_bytes_or_abort, **opened, results, read_clocks().steady};
  (*opened)->start(core);
  asio::ip::udp::socket client{io, asio::ip::udp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
  ByteArray<Knock::kSize> buffer{};
  encode(Knock{random_id<ChipId>(), self}, buffer);
  const asio::ip::udp::endpoint asked{asio::ip::make_address("127.0.0.9"), (*opened)->endpoints()[0].port};
  client.send_to(asio::buffer(buffer), asked);
  ByteArray<1500> answer{};
  asio::ip::udp::endpoint from;
  std::size_t size = 0;
  client.async_receive_from(asio::buffer(answer), from,
                            [&](const asio::error_code& error, std::size_t n) { size = error ? 0 : n; });
  const auto limit = std::chrono::steady_clock::now() + 5s;
  while (size == 0 && std::chrono::steady_clock::now() < limit) io.run_one_for(100ms);
  CHECK(size == KnockReply::kSize);
  CHECK(from == asked);
  (*opened)->stop();
}

TEST_CASE("UdpProber: a burst of datagrams is read and answered whole", "[anchor][udp]") {
  asio::io_context io{1};
  auto opened = UdpProber::open(io, {.listen = {*endpoint_from_text("127.0.0.1:0")}});
  REQUIRE(opened);
  Results results;
  const AnchorId self = random_id<AnchorId>();
  AnchorCore core{{}, {}, self, random_bytes_or_abort, **opened, results, read_clocks().steady};
  (*opened)->start(core);
  asio::ip::udp::socket client{io, asio::ip::udp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
  ByteArray<Knock::kSize> buffer{};
  encode(Knock{random_id<ChipId>(), self}, buffer);
  for (int i = 0; i < 300; ++i) client.send_to(asio::buffer(buffer), to_asio((*opened)->endpoints()[0]));
  const auto limit = std::chrono::steady_clock::now() + 5s;
  while ((*opened)->counters().received < 300 && std::chrono::steady_clock::now() < limit)
    io.run_one_for(100ms);
  CHECK((*opened)->counters().received == 300);
  CHECK((*opened)->counters().sent == 300);
  CHECK(core.prober().counters().knocks == 300);
  (*opened)->stop();
}

TEST_CASE("UdpProber: an address that is taken is named in the fault", "[anchor][udp]") {
  asio::io_context io{1};
  auto first = UdpProber::open(io, {.listen = {*endpoint_from_text("127.0.0.1:0")}});
  REQUIRE(first);
  const auto second = UdpProber::open(io, {.listen = (*first)->endpoints()});
  REQUIRE_FALSE(second);
  CHECK(second.error().find(endpoint_text((*first)->endpoints()[0]) +
                            ": cannot listen: Address already in use") == 0);
}

TEST_CASE("UdpProber: a peer of a family without a socket is counted, not sent to", "[anchor][udp]") {
  asio::io_context io{1};
  auto opened = UdpProber::open(io, {.listen = {*endpoint_from_text("127.0.0.1:0")}});
  REQUIRE(opened);
  const ByteVector datagram(40);
  (*opened)->send(Path{*endpoint_from_text("[::1]:9"), {}}, datagram, nullptr);
  CHECK((*opened)->counters().no_socket == 1);
}

TEST_CASE("count_wall_steps: nobody sets the clock during this test", "[anchor][udp]") {
  const std::uint32_t before = count_wall_steps();
  for (int i = 0; i < 1000; ++i) CHECK(count_wall_steps() == before);
  CHECK(wall_steps_counted() == before);
}

TEST_CASE("read_clocks: the wall clock was read within the spread of the monotonic readings",
          "[anchor][udp]") {
  const ClockReading first = read_clocks();
  const ClockReading second = read_clocks();
  CHECK(second.steady >= first.steady);
  CHECK(first.spread >= 0ns);
  CHECK(first.spread < 10ms);
}

}  // namespace
}  // namespace chiploc
