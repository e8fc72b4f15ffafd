// chiploc: the command for people. One thread of its own, which waits for each answer; gRPC's threads move
// the bytes, and one of `chiploc watch` waits for whoever reads it to go. A command goes: arguments -> command_tree -> settings -> client (one call over mutual TLS) ->
// text, JSON or CSV on standard output. `chiploc lab`, `chiploc eval`, `chiploc plan` and `chiploc sim`
// leave that path at once: the first starts a whole world on this machine, the others compute over files, on threads of their own.
#include "server/cli/run_cli.hpp"

#if CHIPLOC_HAS_EVAL
#include "server/eval/eval_command.hpp"
#endif
#if CHIPLOC_HAS_LAB
#include "server/lab/lab_command.hpp"
#endif
#if CHIPLOC_HAS_SCENARIO
#include "server/scenario/sim_command.hpp"
#endif
#if CHIPLOC_HAS_PLAN
#include "server/plan/plan_command.hpp"
#endif

int main(int argc, char** argv) {
  chiploc::OwnCommands own;
#if CHIPLOC_HAS_LAB
  own.lab = {chiploc::run_lab_command, chiploc::with_lab_line};
#endif
#if CHIPLOC_HAS_EVAL
  own.eval = {chiploc::run_eval_command, chiploc::with_eval_line};
#endif
#if CHIPLOC_HAS_SCENARIO
  own.sim = {chiploc::run_sim_command, chiploc::with_sim_line};
#endif
#if CHIPLOC_HAS_PLAN
  own.plan = {chiploc::run_plan_command, chiploc::with_plan_line};
#endif
  return chiploc::run_cli(argc, argv, own);
}
