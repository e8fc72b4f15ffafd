// A failing disk and a stepped clock for real programs: stands before the C library's functions, as a
// preloaded library (chiploc_fault_shim) or linked into a test. SQLite, Asio and our own code all pass here.
// It fails system calls; it does not corrupt what was written. Kernel packet stamps follow the stepped clock,
// as they do.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

#include "tests/faults/fault_plan.hpp"

namespace chiploc::faults {
namespace {

FaultPlan* map_plan() {
  alignas(FaultPlan) static unsigned char own[sizeof(FaultPlan)];
  if (const char* file = ::getenv("CHIPLOC_FAULT_PLAN")) {
    const int fd = ::open(file, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
      void* const memory = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      ::close(fd);
      if (memory != MAP_FAILED) return static_cast<FaultPlan*>(memory);
    }
    std::abort();  // a test that believes in faults which never come is worse than none
  }
  return new (own) FaultPlan;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool concerns(const char* path) {
  const char* const match = fault_plan().match;
  return match[0] != '\0' && path != nullptr && std::strstr(path, match) != nullptr;
}

bool concerns(int fd) {
  if (fault_plan().match[0] == '\0') return false;
  char link[40];
  char path[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = ::readlink(link, path, sizeof path - 1);
  if (n <= 0) return false;
  path[n] = '\0';
  return concerns(path);
}

/// How much of a write goes through; -1 with errno set: none.
ssize_t allowed(int fd, std::size_t size) {
  FaultPlan& plan = fault_plan();
  const std::int32_t error = plan.write_error;
  if (error == 0 || !concerns(fd)) return static_cast<ssize_t>(size);
  const std::int64_t room = plan.room.fetch_sub(static_cast<std::int64_t>(size));
  if (room >= static_cast<std::int64_t>(size)) return static_cast<ssize_t>(size);
  if (room > 0) return static_cast<ssize_t>(room);
  ++plan.write_faults;
  errno = error;
  return -1;
}

bool sync_fails(int fd) {
  FaultPlan& plan = fault_plan();
  const std::int32_t error = plan.sync_error;
  if (error == 0 || !concerns(fd)) return false;
  ++plan.sync_faults;
  errno = error;
  return true;
}

/// Behind what was done to a file that concerns the plan.
void die_if_due() {
  FaultPlan& plan = fault_plan();
  if (plan.kill_at > 0 && --plan.kill_at == 0) ::kill(::getpid(), SIGKILL);
}

constexpr std::int64_t kSecond = 1'000'000'000;

void shift(timespec& time, std::int64_t by) {
  const std::int64_t moved = std::int64_t{time.tv_sec} * kSecond + time.tv_nsec + by;
  time.tv_sec = moved / kSecond;
  time.tv_nsec = moved % kSecond;
}

std::int64_t true_now(clockid_t clock) {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  timespec now{};
  real(clock, &now);
  return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec;
}

/// As a clock shows it that was right when this process first asked, and has been slewed since.
void slew(timespec& time, clockid_t clock) {
  static const std::int64_t wall_from = true_now(CLOCK_REALTIME);
  static const std::int64_t steady_from = true_now(CLOCK_MONOTONIC);
  const std::int64_t ppm = fault_plan().slew_ppm;
  if (ppm == 0) return;
  const std::int64_t from = clock == CLOCK_REALTIME ? wall_from : steady_from;
  shift(time, (std::int64_t{time.tv_sec} * kSecond + time.tv_nsec - from) / 1000 * ppm / 1000);
}

bool create_fails(const char* path) {
  FaultPlan& plan = fault_plan();
  const std::int32_t error = plan.create_error;
  if (error == 0 || !concerns(path) || ::access(path, F_OK) == 0) return false;
  ++plan.create_faults;
  errno = error;
  return true;
}

}  // namespace

FaultPlan& fault_plan() {
  static FaultPlan* const plan = map_plan();
  return *plan;
}

}  // namespace chiploc::faults

using namespace chiploc::faults;

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  const ssize_t n = allowed(fd, size);
  const ssize_t done = n < 0 ? n : real(fd, data, static_cast<size_t>(n));
  if (fault_plan().kill_at > 0 && concerns(fd)) die_if_due();
  return done;
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  const ssize_t n = allowed(fd, size);
  return n < 0 ? n : real(fd, data, static_cast<size_t>(n), at);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  const int done = sync_fails(fd) ? -1 : real(fd);
  if (fault_plan().kill_at > 0 && concerns(fd)) die_if_due();
  return done;
}
int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return sync_fails(fd) ? -1 : real(fd);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  const int done = real(from, to);
  if (fault_plan().kill_at > 0 && concerns(to)) die_if_due();
  return done;
}

int open64(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open64");
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = static_cast<mode_t>(va_arg(rest, unsigned));
    va_end(rest);
  }
  if ((flags & O_CREAT) != 0 && create_fails(path)) return -1;
  return real(path, flags, mode);
}
int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = static_cast<mode_t>(va_arg(rest, unsigned));
    va_end(rest);
  }
  return open64(path, flags, mode);
}
int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return create_fails(path) ? -1 : real(path, mode);
}

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int done = real(clock, out);
  if (done != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return done;
  slew(*out, clock);
  if (clock == CLOCK_REALTIME) shift(*out, fault_plan().clock_offset_ns);
  return done;
}
int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* limit) {
  static const auto real = next<int (*)(int, mmsghdr*, unsigned, int, timespec*)>("recvmmsg");
  const int got = real(fd, messages, count, flags, limit);
  const std::int64_t offset = fault_plan().clock_offset_ns;
  for (int i = 0; (offset != 0 || fault_plan().slew_ppm != 0) && i < got; ++i) {
    msghdr& header = messages[i].msg_hdr;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING) continue;
      scm_timestamping stamps{};
      std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
      if (stamps.ts[0].tv_sec != 0) {
        slew(stamps.ts[0], CLOCK_REALTIME);
        shift(stamps.ts[0], offset);
      }
      std::memcpy(CMSG_DATA(c), &stamps, sizeof stamps);
    }
  }
  return got;
}
int gettimeofday(timeval* __restrict out, void* __restrict /*zone*/) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
}
