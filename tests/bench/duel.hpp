#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/anchor/udp_socket.hpp"

/// One anchor and one agent, each the production code on a thread of its own, each in a network namespace.
namespace chiploc::bench {

/// Where one end runs.
struct Site {
  std::string netns;    ///< a file such as /run/netns/NAME; empty: where we are
  std::string address;  ///< IPv4
  int cpu = -1;         ///< the only processor it may use; -1: any
};

struct DuelOptions {
  Site anchor;
  Site agent;
  StampMode stamps = StampMode::kKernel;
  int fifo_priority = 0;     ///< SCHED_FIFO at both ends; 0: the usual scheduler
  std::size_t sessions = 1;  ///< in all, 64 pings each
  std::size_t at_once = 1;   ///< of them at a time
  Nanoseconds ping_interval = std::chrono::milliseconds{1};
  /// The other end sends each datagram back as it is, and nobody makes or checks a MAC.
  bool bare_echo = false;
};

struct DuelResult {
  std::vector<double> kernel_us;   ///< receive stamp - transmit stamp, of each ping that has both
  std::vector<double> bracket_us;  ///< the same pings by user-space clocks around the system calls
  // While the sessions are open, until most pings are answered:
  double exchanges = 0.0;
  double seconds = 0.0;
  double anchor_cpu_us = 0.0;
  double agent_cpu_us = 0.0;
};

/// Fails with a sentence: no right to enter a namespace or to a priority, an address that is not there.
[[nodiscard]] Result<DuelResult, std::string> run_duel(const DuelOptions& options);

/// What the same exchange costs with Asio's asynchronous calls, one datagram each, both ends checking and
/// making MACs: the obvious way. `window` datagrams are under way at a time.
[[nodiscard]] Result<DuelResult, std::string> run_asio_duel(const DuelOptions& options, std::size_t window);

/// Enters the namespace and takes processor and priority, for the calling thread.
[[nodiscard]] Result<Done, std::string> settle(const Site& site, int fifo_priority);

}  // namespace chiploc::bench
