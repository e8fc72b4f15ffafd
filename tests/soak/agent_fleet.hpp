#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc {

/// One chip of the fleet, as its maker made it.
struct FleetChip {
  ChipId id;
  std::unique_ptr<SoftwareKey> key;
  Digest certificate;
};

/// Thousands of agents in one thread: a production Responder for each chip, with a key of its own, behind one
/// UDP socket. Each has an address of its own in 127.64.0.0/10, all of which the loopback interface answers;
/// the packet's destination says whom it is for, and answers leave from there.
///
/// Real are the protocol, keys, signatures, MACs, session tables and system calls; kept in memory instead of
/// on disk are the round counters, and the agents are reached inbound, without knocking.
class AgentFleet {
 public:
  struct Counts {
    std::uint64_t received = 0;
    std::uint64_t pings_answered = 0;
    std::uint64_t statements = 0;
    std::uint64_t refused = 0;      ///< datagrams that some responder rejected
    std::uint64_t send_failed = 0;  ///< full socket buffer
    double cpu_s = 0.0;             ///< of the fleet's thread
  };

  /// Binds a free port on all addresses. Fails with a sentence.
  [[nodiscard]] static Result<std::unique_ptr<AgentFleet>, std::string> open();
  ~AgentFleet();
  AgentFleet(const AgentFleet&) = delete;
  AgentFleet& operator=(const AgentFleet&) = delete;

  /// Where that chip is reached.
  [[nodiscard]] Endpoint address_of(std::size_t chip) const;
  /// Starts to answer. `sessions` is each agent's table; it must hold what one chip opens until its tickets
  /// expire.
  void start(std::vector<FleetChip> chips, const PublicKey& coordinator, std::size_t sessions);
  void stop();
  /// Exact after stop(), some milliseconds old before.
  [[nodiscard]] Counts counts() const;

 private:
  class Loop;
  explicit AgentFleet(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace chiploc
