#include "server/anchor/udp_control.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

#include <ctime>

namespace chiploc {
namespace {

Nanoseconds nanoseconds_of(const timespec& t) {
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}

template <class T>
std::optional<T> read_as(const cmsghdr* message) {
  if (message->cmsg_len < CMSG_LEN(sizeof(T))) return std::nullopt;
  T out{};
  std::memcpy(&out, CMSG_DATA(message), sizeof out);
  return out;
}

void read_stamps(const cmsghdr* message, UdpControl& out) {
  const auto stamps = read_as<scm_timestamping>(message);
  if (!stamps) return;
  const Nanoseconds software = nanoseconds_of(stamps->ts[0]);
  const Nanoseconds hardware = nanoseconds_of(stamps->ts[2]);
  if (software.count() != 0) out.kernel = WallTime{software};
  if (hardware.count() != 0) out.card = HardwareTime{hardware};
}

void read_ip(const cmsghdr* message, UdpControl& out) {
  if (message->cmsg_type == IP_PKTINFO) {
    const auto info = read_as<in_pktinfo>(message);
    if (!info) return;
    Endpoint local;
    std::memcpy(local.address.data(), &info->ipi_addr, 4);
    out.local = local;
    if (info->ipi_ifindex > 0) out.interface = static_cast<std::uint32_t>(info->ipi_ifindex);
  } else if (message->cmsg_type == IP_RECVERR) {
    const auto error = read_as<sock_extended_err>(message);
    out.is_stamp = error && error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
  }
}

void read_ip6(const cmsghdr* message, UdpControl& out) {
  if (message->cmsg_type == IPV6_PKTINFO) {
    const auto info = read_as<in6_pktinfo>(message);
    if (!info) return;
    Endpoint local;
    local.family = 6;
    std::memcpy(local.address.data(), &info->ipi6_addr, 16);
    out.local = local;
    out.interface = info->ipi6_ifindex;
  } else if (message->cmsg_type == IPV6_RECVERR) {
    const auto error = read_as<sock_extended_err>(message);
    out.is_stamp = error && error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
  }
}

}  // namespace

UdpControl read_control(msghdr& header) {
  UdpControl out;
  for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr;
       message = CMSG_NXTHDR(&header, message)) {
    if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SO_TIMESTAMPING) {
      read_stamps(message, out);
    } else if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SCM_TIMESTAMPING_PKTINFO) {
      if (const auto info = read_as<scm_ts_pktinfo>(message)) out.card_interface = info->if_index;
    } else if (message->cmsg_level == IPPROTO_IP) {
      read_ip(message, out);
    } else if (message->cmsg_level == IPPROTO_IPV6) {
      read_ip6(message, out);
    }
  }
  return out;
}

void append_source(msghdr& header, std::uint8_t* buffer, const Endpoint& local) {
  if (local.family == 6) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, local.address.data(), 16);
    append_control(header, buffer, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, local.address.data(), 4);
    append_control(header, buffer, IPPROTO_IP, IP_PKTINFO, info);
  }
}

}  // namespace chiploc
