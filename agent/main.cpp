// chiploc-agent: answers signed location pings for one chip.
//
// Threads   One, from start to end: it runs an asio io_context and owns everything. Nothing is shared,
//           nothing is locked.
// A packet  The kernel stamps its arrival. The reactor wakes AgentUdpLoop (udp_loop.cpp), which reads up to
//           16 datagrams and hands each, with its time, to Responder::on_datagram (responder.cpp). For a PING
//           that is: header, size, session, MAC, sequence, then 64 bytes out through AgentUdpLoop::send and
//           one sendmmsg. No allocation, no signature, no file on that way. Tickets, closing and knocks take
//           the slow ways of the same function; timers come back through Responder::on_timer.
// Ending    SIGTERM or SIGINT: what has arrived is answered, the sockets close, exit 0.
#include <span>

#include "agent/chip_row.hpp"
#include "agent/init.hpp"
#include "agent/program.hpp"
#include "proto/base/process_secrets.hpp"

namespace {
constexpr const char* kHelp =
    R"(chiploc-agent answers signed location pings for one chip. It reads its configuration, its key
and its state folder, and changes nothing else on the host.

usage: chiploc-agent --config FILE [--check-config] [--log-level LEVEL]
       chiploc-agent --config FILE --show-identity [--json]
       chiploc-agent init --help    makes key, request and configuration of a new chip
       chiploc-agent row --help     prints the chip's row for chiploc import
       chiploc-agent --version | --help

  --config FILE      the agent's TOML file
  --check-config     check file, key, certificate and state folder, and exit
  --show-identity    print what is public of the chip: id, key, certificate; and exit
  --log-level LEVEL  trace, debug, info (default), warning, error, critical, off

example: chiploc-agent --config /etc/chiploc/agent.toml --check-config

signals: SIGTERM, SIGINT  answer what has arrived, and exit
         SIGUSR1          log the counters
exit codes: 0 fine, 64 usage, 69 cannot start (key, state folder or address), 70 internal error,
            78 bad configuration
)";
}  // namespace

int main(int argc, char** argv) {
  chiploc::keep_memory_private();
  const chiploc::AgentProgram program{"chiploc-agent", kHelp};
  const std::span<const char* const> raw{argv, static_cast<std::size_t>(argc)};
  const std::string_view command = raw.size() > 1 ? raw[1] : "";
  if (command == "init") return static_cast<int>(chiploc::agent_init_command(raw.subspan(2)));
  if (command == "row") return static_cast<int>(chiploc::agent_row_command(raw.subspan(2)));
  const auto arguments = chiploc::parse_agent_arguments(raw.subspan(raw.empty() ? 0 : 1), {});
  if (!arguments) return static_cast<int>(chiploc::usage_fault(program, arguments.error()));
  if (arguments->help || arguments->version) return static_cast<int>(print_and_leave(program, *arguments));
  chiploc::AgentParts honest;
  return static_cast<int>(chiploc::run_agent(*arguments, honest));
}
