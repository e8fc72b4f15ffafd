// What the kernel says beside a datagram: read from messages as a kernel with a stamping card would send them
// (no machine for tests has one), and from this machine's own over loopback.
#include "server/anchor/udp_control.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

struct Messages {
  alignas(cmsghdr) std::array<std::uint8_t, UdpControl::kSizeMax> buffer{};
  msghdr header{};
  template <class T>
  Messages& add(int level, int type, const T& value) {
    append_control(header, buffer.data(), level, type, value);
    return *this;
  }
};

scm_timestamping stamps(time_t software, time_t hardware) {
  scm_timestamping out{};
  out.ts[0] = {software, 7};
  out.ts[2] = {hardware, hardware != 0 ? 9 : 0};
  if (software == 0) out.ts[0] = {};
  return out;
}
in_pktinfo v4_info(int interface) {
  in_pktinfo out{};
  out.ipi_ifindex = interface;
  out.ipi_addr.s_addr = htonl(0x7f000001);
  return out;
}

TEST_CASE("read_control: a received datagram's card is the one that SCM_TIMESTAMPING_PKTINFO names",
          "[anchor][udp]") {
  Messages m;
  m.add(SOL_SOCKET, SCM_TIMESTAMPING_PKTINFO, scm_ts_pktinfo{5, 64, {}})
      .add(SOL_SOCKET, SO_TIMESTAMPING, stamps(100, 200))
      .add(IPPROTO_IP, IP_PKTINFO, v4_info(9));  // a bond above the card
  const UdpControl read = read_control(m.header);
  REQUIRE(read.kernel);
  CHECK(read.kernel->since_epoch == std::chrono::seconds{100} + Nanoseconds{7});
  REQUIRE(read.received_card());
  CHECK(read.received_card()->time.since_epoch == std::chrono::seconds{200} + Nanoseconds{9});
  CHECK(read.received_card()->interface == 5);
  CHECK_FALSE(read.is_stamp);
  REQUIRE(read.local);
  CHECK(read.local->address[0] == 127);
}

TEST_CASE("read_control: a transmit stamp's card is the interface that the error queue names",
          "[anchor][udp]") {
  sock_extended_err error{};
  error.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  Messages v4;
  v4.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(0, 300))
      .add(IPPROTO_IP, IP_PKTINFO, v4_info(5))
      .add(IPPROTO_IP, IP_RECVERR, error);
  const UdpControl read = read_control(v4.header);
  CHECK(read.is_stamp);
  CHECK_FALSE(read.kernel);
  REQUIRE(read.transmitted_card());
  CHECK(read.transmitted_card()->interface == 5);

  in6_pktinfo info{};
  info.ipi6_ifindex = 6;
  Messages v6;
  v6.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(0, 300))
      .add(IPPROTO_IPV6, IPV6_PKTINFO, info)
      .add(IPPROTO_IPV6, IPV6_RECVERR, error);
  CHECK(read_control(v6.header).is_stamp);
  CHECK(read_control(v6.header).transmitted_card()->interface == 6);
}

TEST_CASE("read_control: a card that is not named has interface 0, and no stamp is no card",
          "[anchor][udp]") {
  Messages m;
  m.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(100, 200));
  CHECK(read_control(m.header).received_card()->interface == 0);
  CHECK(read_control(m.header).transmitted_card()->interface == 0);
  Messages none;
  none.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(100, 0)).add(IPPROTO_IP, IP_PKTINFO, v4_info(5));
  CHECK_FALSE(read_control(none.header).received_card());
  CHECK_FALSE(read_control(none.header).transmitted_card());
}

TEST_CASE("read_control: a message that is too short is passed over", "[anchor][udp]") {
  Messages m;
  m.add(SOL_SOCKET, SO_TIMESTAMPING, std::uint8_t{1})
      .add(SOL_SOCKET, SCM_TIMESTAMPING_PKTINFO, std::uint8_t{1})
      .add(IPPROTO_IP, IP_PKTINFO, std::uint8_t{1})
      .add(IPPROTO_IP, IP_RECVERR, std::uint8_t{1})
      .add(IPPROTO_IPV6, IPV6_PKTINFO, std::uint8_t{1});
  const UdpControl read = read_control(m.header);
  CHECK_FALSE(read.kernel);
  CHECK_FALSE(read.card);
  CHECK_FALSE(read.local);
  CHECK(read.interface == 0);
  CHECK(read.card_interface == 0);
  CHECK_FALSE(read.is_stamp);
}

TEST_CASE("this kernel names the interface of a transmit stamp on the error queue", "[anchor][udp]") {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(fd >= 0);
  const int flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_CMSG;
  const int on = 1;
  REQUIRE(::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0);
  REQUIRE(::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  socklen_t size = sizeof at;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  REQUIRE(::sendto(fd, "ping", 4, 0, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 4);
  pollfd wait{fd, POLLERR, 0};
  REQUIRE(::poll(&wait, 1, 5000) == 1);
  std::array<char, 256> bytes{};
  iovec part{bytes.data(), bytes.size()};
  Messages m;
  m.header.msg_iov = &part;
  m.header.msg_iovlen = 1;
  m.header.msg_control = m.buffer.data();
  m.header.msg_controllen = m.buffer.size();
  REQUIRE(::recvmsg(fd, &m.header, MSG_ERRQUEUE | MSG_DONTWAIT) >= 4);
  const UdpControl read = read_control(m.header);
  CHECK(read.is_stamp);
  CHECK(read.kernel);
  CHECK(read.interface == ::if_nametoindex("lo"));
  ::close(fd);
}

}  // namespace
}  // namespace chiploc
