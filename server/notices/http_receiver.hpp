#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

/// Where POSTs go, and what is allowed on the way.
struct HttpReceiver {
  std::string url;             ///< as refusal_of_url lets pass
  bool allow_http = false;     ///< without TLS
  bool allow_private = false;  ///< private addresses and loopback too (receiver_address.hpp)
  std::filesystem::path ca;    ///< PEM: the only authorities believed; empty: the system's
};

struct SendRequest {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  WallTime at;  ///< when it is sent: a Retry-After with a date counts from here
};

}  // namespace chiploc
