#include "server/lab/lab_lock.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "server/lab/lab_plan.hpp"

namespace chiploc {
namespace {

/// -1 when somebody else has it.
int lock(int number) {
  const std::string name = "chiploc-lab-" + std::to_string(number);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a leading zero: the abstract namespace
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

}  // namespace

std::optional<LabLock> LabLock::take(std::optional<int> wanted) {
  const int first = wanted.value_or(0);
  const int last = wanted.value_or(kLabNumbersMax - 1);
  for (int number = first; number <= last; ++number) {
    if (const int fd = lock(number); fd >= 0) return LabLock{fd, number};
  }
  return std::nullopt;
}

LabLock::LabLock(LabLock&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, number_{other.number_} {}
LabLock::~LabLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace chiploc
