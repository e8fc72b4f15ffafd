#include "agent/datagram_batch.hpp"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace chiploc {
namespace {

// The CMSG macros cast C's way; the casts stay in here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wsign-conversion"
cmsghdr* first_control(const msghdr& header) { return CMSG_FIRSTHDR(&header); }
cmsghdr* next_control(msghdr& header, cmsghdr* control) { return CMSG_NXTHDR(&header, control); }
template <class T>
T control_data(cmsghdr* control) {
  T out;
  std::memcpy(&out, CMSG_DATA(control), sizeof out);
  return out;
}
template <class T>
void write_control(msghdr& header, MutableBytes buffer, int level, int type, const T& data) {
  assert(buffer.size() >= CMSG_SPACE(sizeof data));
  header.msg_control = buffer.data();
  header.msg_controllen = CMSG_SPACE(sizeof data);
  cmsghdr* const control = CMSG_FIRSTHDR(&header);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof data);
  std::memcpy(CMSG_DATA(control), &data, sizeof data);
}
#pragma GCC diagnostic pop

}  // namespace

AgentReceiveBatch::AgentReceiveBatch() {
  for (std::size_t i = 0; i < kAgentBatch; ++i) {
    slots_[i].piece = {slots_[i].bytes.data(), slots_[i].bytes.size()};
    headers_[i].msg_hdr.msg_iov = &slots_[i].piece;
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &slots_[i].from;
    headers_[i].msg_hdr.msg_control = slots_[i].control.data();
  }
}

std::size_t AgentReceiveBatch::receive(int fd) {
  for (std::size_t i = 0; i < kAgentBatch; ++i) {  // the kernel overwrites these with what it used
    headers_[i].msg_hdr.msg_namelen = sizeof slots_[i].from;
    headers_[i].msg_hdr.msg_controllen = slots_[i].control.size();
  }
  const int count = ::recvmmsg(fd, headers_.data(), kAgentBatch, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

AgentReceiveBatch::Arrival AgentReceiveBatch::at(std::size_t i) const {
  Arrival out;
  msghdr header = headers_[i].msg_hdr;
  out.bytes = Bytes{slots_[i].bytes}.first(headers_[i].msg_len);
  out.oversized = headers_[i].msg_len > kDatagramMax || (header.msg_flags & MSG_TRUNC) != 0;
  out.from = from_socket_address(slots_[i].from);
  for (cmsghdr* c = first_control(header); c != nullptr; c = next_control(header, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      const auto t = control_data<timespec>(c);
      out.stamp = WallTime{std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec}};
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      out.to.family = AF_INET;
      out.to.v4 = control_data<in_pktinfo>(c).ipi_addr;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      const auto info = control_data<in6_pktinfo>(c);
      out.to.family = AF_INET6;
      out.to.v6 = info.ipi6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) out.to.interface_index = info.ipi6_ifindex;
    }
  }
  return out;
}

void AgentSendBatch::add(const Endpoint& to, Bytes datagram, const AgentPacketInfo& from) {
  assert(!full() && datagram.size() <= kDatagramMax);
  Slot& slot = slots_[size_];
  std::memcpy(slot.bytes.data(), datagram.data(), datagram.size());
  slot.piece = {slot.bytes.data(), datagram.size()};
  slot.to = to_socket_address(to);
  msghdr& header = headers_[size_].msg_hdr;
  header = {};
  header.msg_name = &slot.to.storage;
  header.msg_namelen = slot.to.size;
  header.msg_iov = &slot.piece;
  header.msg_iovlen = 1;
  if (from.family == AF_INET) {
    in_pktinfo info{};
    info.ipi_spec_dst = from.v4;
    write_control(header, slot.control, IPPROTO_IP, IP_PKTINFO, info);
  } else if (from.family == AF_INET6) {
    in6_pktinfo info{};
    info.ipi6_addr = from.v6;
    info.ipi6_ifindex = from.interface_index;
    write_control(header, slot.control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  ++size_;
}

std::size_t AgentSendBatch::flush(int fd) {
  std::size_t sent = 0;
  for (std::size_t at = 0; at < size_;) {
    const int count = ::sendmmsg(fd, &headers_[at], static_cast<unsigned>(size_ - at), MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
      at += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      ++at;  // the first of these cannot be sent; the next may have another way
    }
  }
  size_ = 0;
  return sent;
}

}  // namespace chiploc
