#pragma once
#include <string>

#include "agent/command_line.hpp"
#include "agent/exit_code.hpp"
#include "agent/identity.hpp"
#include "agent/packet_handler.hpp"
#include "agent/seams.hpp"

namespace chiploc {

/// What a program made of this library may put around the honest parts. Each is asked once, before anything
/// runs, and gives back something that outlives the run. This class itself changes nothing: it is
/// chiploc-agent.
class AgentParts {
 public:
  AgentParts() = default;
  AgentParts(const AgentParts&) = delete;
  AgentParts& operator=(const AgentParts&) = delete;
  virtual ~AgentParts() = default;

  /// Fails with what is wrong and the exit code.
  [[nodiscard]] virtual Result<Done, StartFault> prepare(const DeviceIdentity&) { return Done{}; }
  [[nodiscard]] virtual StatementIssuer& statements(StatementIssuer& honest) { return honest; }
  [[nodiscard]] virtual ResidenceClock& residence(ResidenceClock& honest) { return honest; }
  [[nodiscard]] virtual AgentPacketHandler& handler(AgentPacketHandler& honest) { return honest; }
};

/// Everything between a read command line and an exit code: configuration, key, state, sockets, the loop
/// until SIGTERM or SIGINT, the drain. SIGUSR1 logs the counters. Log lines go to standard error.
[[nodiscard]] AgentExit run_agent(const AgentArguments& arguments, AgentParts& parts);

/// Name and help text of a program, for the ways to end without running.
struct AgentProgram {
  std::string name;
  std::string help;
};
/// Says what is wrong with the command line, on standard error.
[[nodiscard]] AgentExit usage_fault(const AgentProgram& program, const std::string& text);
/// Answers --help and --version on standard output.
[[nodiscard]] AgentExit print_and_leave(const AgentProgram& program, const AgentArguments& arguments);

}  // namespace chiploc
