#include "proto/base/realtime.hpp"

#include <sched.h>

#include <cerrno>
#include <cstring>

namespace chiploc {

Result<Done, std::string> apply_realtime(const RealtimeOptions& options) {
  if (options.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(options.cpu), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) {
      return Fail{"runtime.cpu: cannot run on processor " + std::to_string(options.cpu) + ": " +
                  std::strerror(errno) +
                  "; name one that this program may use (taskset -p shows them), or -1"};
    }
  }
  if (options.priority > 0) {
    sched_param parameter{};
    parameter.sched_priority = options.priority;
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) != 0) {
      return Fail{"runtime.realtime_priority: no right to priority " + std::to_string(options.priority) +
                  ": " + std::strerror(errno) + "; set LimitRTPRIO=" + std::to_string(options.priority) +
                  " in the unit (or ulimit -r), or 0 here"};
    }
  }
  return Done{};
}

}  // namespace chiploc
