#include "server/anchor/udp_socket.hpp"
#include "proto/base/listen_problem.hpp"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "server/anchor/udp_control.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

}  // namespace

std::string_view name_of(StampMode mode) {
  switch (mode) {
    case StampMode::kKernel:
      return "kernel";
    case StampMode::kKernelReceive:
      return "kernel-receive";
    case StampMode::kUser:
      return "user";
  }
  return "unknown";
}

struct UdpSocket::Buffers {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> addresses{};
  std::array<std::array<std::uint8_t, 1500>, kBatch> bytes{};
  struct alignas(cmsghdr) ControlSpace {
    std::array<std::uint8_t, UdpControl::kSizeMax> bytes;
  };
  std::array<ControlSpace, kBatch> control{};

  void prepare_to_receive() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {bytes[i].data(), bytes[i].size()};
      headers[i] = {};
      headers[i].msg_hdr.msg_name = &addresses[i];
      headers[i].msg_hdr.msg_namelen = sizeof addresses[i];
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_control = control[i].bytes.data();
      headers[i].msg_hdr.msg_controllen = UdpControl::kSizeMax;
    }
  }
};

UdpSocket::UdpSocket(int fd) : fd_{fd}, buffers_{std::make_unique<Buffers>()} {}
UdpSocket::~UdpSocket() { ::close(fd_); }

Result<std::unique_ptr<UdpSocket>, std::string> UdpSocket::open(const UdpSocketOptions& options) {
  const bool v6 = options.listen.family == 6;
  const std::string name = endpoint_text(options.listen);
  const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail{name + ": cannot make a UDP socket: " + std::strerror(errno)};
  std::unique_ptr<UdpSocket> made{new UdpSocket{fd}};

  // Without this a wildcard IPv6 socket would take IPv4 too and clash with a second listen address.
  if (v6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
    return Fail{name + ": cannot restrict the socket to IPv6: " + std::strerror(errno)};
  }
  // Best effort: the kernel's limit (net.core.rmem_max) may be lower.
  set_option(fd, SOL_SOCKET, SO_RCVBUF, options.buffer_bytes);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, options.buffer_bytes);
  sockaddr_storage address{};
  const socklen_t size = to_sockaddr(options.listen, address);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return Fail{listen_problem(errno, name, options.listen.port, "udp")};
  }
  socklen_t bound_size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bound_size);
  made->local_ = from_sockaddr(address, bound_size).value_or(options.listen);
  made->wildcard_ = made->local_.address == ByteArray<16>{};
  // Which of our addresses was asked, and which interface a transmit stamp comes from.
  set_option(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
  made->enable_stamps(options.stamps);
  static_cast<void>(count_wall_steps());  // from here on the kernel tells
  return made;
}

void UdpSocket::enable_stamps(StampMode wanted) {
  constexpr int kReceive = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                           SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE |
                           SOF_TIMESTAMPING_OPT_PKTINFO;
  // Which datagrams are stamped on their way out is said with each of them: pings only, the stamp costs.
  constexpr int kBoth = kReceive | SOF_TIMESTAMPING_OPT_CMSG | SOF_TIMESTAMPING_OPT_TX_SWHW;
  stamps_ = StampMode::kUser;
  if (wanted == StampMode::kKernel && set_option(fd_, SOL_SOCKET, SO_TIMESTAMPING, kBoth)) {
    stamps_ = StampMode::kKernel;
  } else if (wanted != StampMode::kUser && set_option(fd_, SOL_SOCKET, SO_TIMESTAMPING, kReceive)) {
    stamps_ = StampMode::kKernelReceive;
  }
}

std::size_t UdpSocket::receive(ProbeEngine& engine) {
  Buffers& b = *buffers_;
  b.prepare_to_receive();
  const int count = ::recvmmsg(fd_, b.headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) return 0;
  const std::uint32_t steps = count_wall_steps();
  ClockReading after = read_clocks();
  after.steps = steps;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& header = b.headers[i].msg_hdr;
    const auto peer = from_sockaddr(b.addresses[i], header.msg_namelen);
    if (!peer || peer->port == 0 || (header.msg_flags & MSG_TRUNC) != 0) continue;
    const UdpControl control = read_control(header);
    Path path{*peer, local_};
    if (wildcard_ && control.local) path.local.address = control.local->address;
    engine.on_datagram(Bytes{b.bytes[i].data(), b.headers[i].msg_len}, path,
                       {.after = after, .kernel = control.kernel, .card = control.received_card()});
  }
  return static_cast<std::size_t>(count);
}

std::size_t UdpSocket::drain_stamps(ProbeEngine& engine) {
  if (stamps_ != StampMode::kKernel) return 0;
  Buffers& b = *buffers_;
  std::size_t stamps = 0;
  for (;;) {
    b.prepare_to_receive();
    const int count = ::recvmmsg(fd_, b.headers.data(), kBatch, MSG_ERRQUEUE | MSG_DONTWAIT, nullptr);
    if (count <= 0) return stamps;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const UdpControl control = read_control(b.headers[i].msg_hdr);
      // The copy has the packet's headers in front; our ping is its end.
      const Bytes copy{b.bytes[i].data(), b.headers[i].msg_len};
      if (!control.is_stamp || copy.size() < Ping::kSize) continue;
      const auto ping = parse_ping(copy.last(Ping::kSize));
      if (!ping) continue;
      engine.on_transmitted({ping->session, ping->sequence},
                            {control.kernel, control.transmitted_card(), control.interface});
      ++stamps;
    }
  }
}

UdpSocket::SendResult UdpSocket::send(const std::vector<const OutgoingDatagram*>& batch,
                                      ProbeEngine& engine) {
  Buffers& b = *buffers_;
  const std::size_t count = std::min(batch.size(), kBatch);
  for (std::size_t i = 0; i < count; ++i) {
    const OutgoingDatagram& datagram = *batch[i];
    // sendmmsg does not write through the pointer; the interface predates const.
    b.vectors[i] = {const_cast<std::uint8_t*>(datagram.bytes.data()), datagram.size};  // NOLINT
    b.headers[i] = {};
    msghdr& header = b.headers[i].msg_hdr;
    header.msg_name = &b.addresses[i];
    header.msg_namelen = to_sockaddr(datagram.path.peer, b.addresses[i]);
    header.msg_iov = &b.vectors[i];
    header.msg_iovlen = 1;
    std::uint8_t* const control = b.control[i].bytes.data();
    if (wildcard_ && datagram.path.local.port != 0) append_source(header, control, datagram.path.local);
    if (datagram.is_ping && stamps_ == StampMode::kKernel) {
      const std::uint32_t flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE;
      append_control(header, control, SOL_SOCKET, SO_TIMESTAMPING, flags);
    }
  }
  ClockReading before = read_clocks();
  before.steps = wall_steps_counted();
  for (std::size_t i = 0; i < count; ++i) {
    if (batch[i]->is_ping) engine.on_sending(batch[i]->ping, before);
  }
  const int sent = ::sendmmsg(fd_, b.headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  if (sent >= 0) return {static_cast<std::size_t>(sent), 0, false};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, 0, true};
  if (errno == EINTR) return {};
  return {1, 1, false};  // the first one of the batch is at fault; the others follow in the next call
}

}  // namespace chiploc
