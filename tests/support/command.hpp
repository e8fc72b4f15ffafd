#pragma once
#include <stdio.h>
#include <sys/wait.h>

#include <string>

namespace chiploc {

struct Ran {
  int exit_code = -1;  ///< 128 and the signal's number if one ended it; -1: it never ran
  std::string output;
};

/// Runs a shell's command line to its end. `output` is its standard output; standard error goes to ours,
/// unless the command says 2>&1. From any thread.
inline Ran run(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  Ran ran;
  if (pipe == nullptr) {
    ran.output = "no shell could be started";
    return ran;
  }
  char buffer[4096];
  for (std::size_t got = 0; (got = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    ran.output.append(buffer, got);
  const int status = ::pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace chiploc
