#include "server/cli/reader_gone.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace chiploc {

void end_when_nobody_reads() {
  ::signal(SIGPIPE, SIG_DFL);
  struct stat out {};
  if (::fstat(STDOUT_FILENO, &out) != 0 || !S_ISFIFO(out.st_mode)) return;
  std::thread{[] {
    pollfd pipe{STDOUT_FILENO, 0, 0};  // its other end's end is told without being asked for
    while (::poll(&pipe, 1, -1) <= 0) {
    }
    ::kill(::getpid(), SIGPIPE);
  }}.detach();
}

}  // namespace chiploc
