#pragma once
#include <string_view>

namespace chiploc {

/// Tells the service manager what sd_notify(3) would: "READY=1", "STOPPING=1". One datagram to the socket
/// that $NOTIFY_SOCKET names; without that variable, or when nobody listens, nothing happens. Its own few
/// lines because libsystemd brings six more libraries, and 2 MB, into a process that may have 8.
void notify_service_manager(std::string_view state);

}  // namespace chiploc
