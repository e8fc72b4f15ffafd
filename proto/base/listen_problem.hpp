#pragma once
#include <cerrno>
#include <string>
#include <system_error>

namespace chiploc {

/// Why a socket cannot be bound, for who has to mend it.
///
/// Takes     errno of bind(); the address as text, its port, and "tcp" or "udp".
/// Returns   "127.0.0.1:7443: cannot listen: Address already in use: ...; what to do".
[[nodiscard]] inline std::string listen_problem(int error, const std::string& address, unsigned port,
                                                const std::string& protocol) {
  const std::string fault = address + ": cannot listen: " + std::generic_category().message(error);
  if (error == EADDRINUSE) {
    return fault + ": another program has this port, perhaps a second copy of this one; \"ss -l" +
           (protocol == "udp" ? "u" : "t") + "np sport = :" + std::to_string(port) +
           "\" (as root) names it: stop that one, or name another port";
  }
  if (error == EADDRNOTAVAIL)
    return fault + ": no card of this machine has the address; \"ip address\" shows those that it has";
  if (error == EACCES || error == EPERM)
    return fault +
           ": ports below 1024 take CAP_NET_BIND_SERVICE; name a higher one, or give the unit that capability";
  return fault;
}

}  // namespace chiploc
