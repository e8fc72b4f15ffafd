#pragma once
#include <string>

namespace chiploc {

/// Our words for gRPC's when the host of HOST:PORT has no address: which host of which line, and what to do. Empty
/// where gRPC speaks of something else.
/// @param message  what gRPC says
/// @param place    where HOST:PORT stands: "coordinator.address in anchor.toml:5"
[[nodiscard]] std::string unresolved_text(const std::string& message, const std::string& host_port,
                                          const std::string& place);

}  // namespace chiploc
