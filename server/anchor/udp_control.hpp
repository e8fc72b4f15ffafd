#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "proto/base/endpoint.hpp"
#include "server/anchor/sample.hpp"

namespace chiploc {

/// What came with a message besides its bytes: stamps, addresses, interfaces.
///
/// A received datagram's card is named by SCM_TIMESTAMPING_PKTINFO, by the card that really received it: the
/// interface of IP_PKTINFO may be a bond, a bridge or a VLAN above it. A transmit stamp's comes with
/// IP_PKTINFO on the error queue (SOF_TIMESTAMPING_OPT_CMSG): the device that the driver stamped at.
struct UdpControl {
  static constexpr std::size_t kSizeMax = 512;  ///< every message that may come at once, and room to spare

  std::optional<WallTime> kernel;
  std::optional<HardwareTime> card;
  std::uint32_t card_interface = 0;  ///< SCM_TIMESTAMPING_PKTINFO; 0: not said
  std::uint32_t interface = 0;       ///< IP_PKTINFO, IPV6_PKTINFO; 0: not said
  std::optional<Endpoint> local;     ///< without the port
  bool is_stamp = false;             ///< an error queue entry that carries a transmit stamp

  [[nodiscard]] std::optional<CardStamp> received_card() const {
    return card ? std::optional{CardStamp{*card, card_interface}} : std::nullopt;
  }
  [[nodiscard]] std::optional<CardStamp> transmitted_card() const {
    return card ? std::optional{CardStamp{*card, interface}} : std::nullopt;
  }
};

/// Messages that are none of ours, or shorter than what they should hold, are passed over.
[[nodiscard]] UdpControl read_control(msghdr& header);

/// Appends one control message; the buffer is large enough for the two that are ever sent.
template <class T>
void append_control(msghdr& header, std::uint8_t* buffer, int level, int type, const T& value) {
  header.msg_control = buffer;
  cmsghdr message{};
  message.cmsg_level = level;
  message.cmsg_type = type;
  message.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(buffer + header.msg_controllen, &message, sizeof message);
  std::memcpy(buffer + header.msg_controllen + CMSG_LEN(0), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}
/// The address of ours that a datagram is to leave from.
void append_source(msghdr& header, std::uint8_t* buffer, const Endpoint& local);

}  // namespace chiploc
