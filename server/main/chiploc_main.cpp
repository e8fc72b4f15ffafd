// chiploc: the command for people. One thread of its own, which waits for each answer; gRPC's threads move
// the bytes. A command goes: arguments -> command_tree -> settings -> client (one call over mutual TLS) ->
// text, JSON or CSV on standard output. `chiploc lab` leaves that path at once: it starts a whole world on
// this machine.
#include "server/cli/run_cli.hpp"

#if CHIPLOC_HAS_LAB
#include "server/sim/lab_command.hpp"
#endif

int main(int argc, char** argv) {
#if CHIPLOC_HAS_LAB
  const chiploc::LabCommand lab = chiploc::run_lab_command;
#else
  const chiploc::LabCommand lab;
#endif
  return chiploc::run_cli(argc, argv, lab);
}
