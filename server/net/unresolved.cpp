#include "server/net/unresolved.hpp"

namespace chiploc {

std::string unresolved_text(const std::string& message, const std::string& host_port,
                            const std::string& place) {
  if (message.find("DNS resolution") == std::string::npos) return {};
  const std::string host = host_port.substr(0, host_port.rfind(':'));
  // "DNS resolution failed for HOST:PORT: C-ares status is not ARES_SUCCESS qtype=A name=HOST ..: WHY"
  std::string why = message;
  if (const std::size_t last = message.rfind(": "); last != std::string::npos) why = message.substr(last + 2);
  return place + ": the host '" + host + "' does not resolve (" + why +
         "); correct the name, write an IP address in its place, or mend this machine's DNS (getent hosts " +
         host + " asks it)";
}

}  // namespace chiploc
