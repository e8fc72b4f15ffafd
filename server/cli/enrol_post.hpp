#pragma once
#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "server/cli/exit_code.hpp"

namespace chiploc {

/// Where a coordinator gives certificates, and by what it is known.
struct EnrolTarget {
  std::string address;      ///< "HOST:PORT" of its HTTP
  std::string server_name;  ///< the name in its certificate; empty: HOST
  std::filesystem::path ca;
  std::filesystem::path certificate{}, key{};  ///< our own; empty: we have none yet
};
struct EnrolAnswer {
  std::string certificate, authority;   ///< PEM; empty for a chip
  std::string chip, serial, licence{};  ///< of a chip that was registered: its id in hex; else empty
  bool again = false;                   ///< it had been issued before
};

/// Sends one JSON object by POST and waits for the answer: TLS 1.3, that authority alone, no proxy, no redirect. Nothing of
/// the body is in a fault. Fails with kUnreachable, kRefused, kBadData, kUsage, kBadConfig.
[[nodiscard]] Result<EnrolAnswer, CliFault> post_enrolment(const EnrolTarget& target, const std::string& path,
                                                           const std::string& body, unsigned timeout_s);

}  // namespace chiploc
