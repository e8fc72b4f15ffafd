#pragma once
// Policies that were put in force, each as the text that somebody wrote. Nothing is ever taken away.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

struct PolicyActivation {
  std::uint64_t number = 0;  ///< 1, 2, ...; the store gives it
  WallTime at{};
  Requester by{""};
  std::string reason{};
  Digest sha256{};     ///< of the policy that the text is: what verdicts name
  std::string toml{};  ///< to the byte, comments included
};

class PolicyReader {
 public:
  PolicyReader() = default;
  PolicyReader(const PolicyReader&) = delete;
  PolicyReader& operator=(const PolicyReader&) = delete;
  virtual ~PolicyReader() = default;

  /// Newest first; the first one is in force. At most 1,000.
  virtual Stored<std::vector<PolicyActivation>> policies(std::size_t limit) = 0;
};

class PolicyStore : public PolicyReader {
 public:
  /// As given, but for its number. kInvalid for a text of more than 64 KiB.
  virtual Stored<PolicyActivation> activate(const PolicyActivation& activation) = 0;
};

}  // namespace chiploc
