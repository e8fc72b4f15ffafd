#pragma once
#include <cstdint>
#include <string>

#include "proto/base/result.hpp"

namespace chiploc {

/// Where a server listens. Apart from the server's own sources: what reads addresses here has standalone Asio in its header,
/// which cannot be in one file with Boost's.
struct ListenAddress {
  std::string host;  ///< numeric, without brackets
  std::uint16_t port = 0;
};

/// Reads "192.0.2.1:8443" or "[2001:db8::1]:8443", and tries whether it can be served.
///
/// Fails     With a sentence.
[[nodiscard]] Result<ListenAddress, std::string> listen_address(const std::string& text);

}  // namespace chiploc
