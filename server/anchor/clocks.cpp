#include "server/anchor/clocks.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>

namespace chiploc {
namespace {

Nanoseconds read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}

/// A timer that never ends by itself: the year 2255. Never closed.
int open_step_watch() {
  const int fd = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  itimerspec end{};
  end.it_value.tv_sec = 9'000'000'000;
  if (fd >= 0 && ::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &end, nullptr) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

std::atomic<std::uint32_t>& steps_counted() {
  static std::atomic<std::uint32_t> count{0};
  return count;
}

}  // namespace

std::uint32_t count_wall_steps() {
  static const int watch = open_step_watch();
  std::uint64_t ended = 0;
  if (watch >= 0 && ::read(watch, &ended, sizeof ended) < 0 && errno == ECANCELED) ++steps_counted();
  return steps_counted();
}

std::uint32_t wall_steps_counted() { return steps_counted(); }

ClockReading read_clocks() {
  ClockReading best;
  best.spread = Nanoseconds::max();
  for (int i = 0; i < 4; ++i) {
    const Nanoseconds first = read_clock(CLOCK_MONOTONIC_RAW);
    const Nanoseconds steady = read_clock(CLOCK_MONOTONIC);
    const Nanoseconds wall = read_clock(CLOCK_REALTIME);
    const Nanoseconds last = read_clock(CLOCK_MONOTONIC_RAW);
    if (last - first < best.spread) best = {SteadyTime{steady}, WallTime{wall}, RawTime{first}, last - first};
    if (best.spread < std::chrono::microseconds{1}) break;
  }
  return best;
}

}  // namespace chiploc
