#include "server/evidence/log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using Code = LogFault::Code;

Fail<LogFault> file_fault(Code code, std::string text) { return Fail{LogFault{code, std::move(text)}}; }
Fail<LogFault> disk_fault(const fs::path& file, const char* doing) {
  return file_fault(Code::kDisk, file.string() + ": cannot " + doing + ": " + std::strerror(errno));
}

struct OwnedFd {
  explicit OwnedFd(int opened) : fd{opened} {}
  ~OwnedFd() {
    if (fd >= 0) ::close(fd);
  }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  int fd;
};

bool make_durable(const fs::path& folder) {
  const OwnedFd opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return opened.fd >= 0 && ::fsync(opened.fd) == 0;
}

/// Every folder that is missing on the way, each durable in the one above.
Logged<Done> make_folders(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return Done{};
  if (const auto above = make_folders(folder.parent_path()); !above) return above;
  constexpr mode_t kPublicFolder = 0755;
  if (::mkdir(folder.c_str(), kPublicFolder) != 0 && errno != EEXIST) return disk_fault(folder, "make");
  const fs::path above = folder.parent_path();
  if (!make_durable(above.empty() ? "." : above)) return disk_fault(folder, "make durable");
  return Done{};
}

}  // namespace

Logged<ByteVector> bytes_in(const fs::path& file, std::size_t most) {
  const OwnedFd in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0 && errno == ENOENT) return file_fault(Code::kNotFound, file.string() + ": is not there");
  struct stat about {};
  if (in.fd < 0 || ::fstat(in.fd, &about) != 0) return disk_fault(file, "read");
  if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) > most)
    return file_fault(Code::kDamaged,
                      file.string() + ": is no file of at most " + std::to_string(most) + " bytes");
  ByteVector out(static_cast<std::size_t>(about.st_size));
  std::size_t at = 0;
  while (at < out.size()) {
    const ssize_t got = ::read(in.fd, out.data() + at, out.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return disk_fault(file, "read");
    at += static_cast<std::size_t>(got);
  }
  return out;
}

Logged<Done> put_file(const fs::path& file, Bytes bytes, FileMode mode) {
  if (const auto made = make_folders(file.parent_path()); !made) return made;
  const fs::path fresh = file.string() + ".new";
  {
    const OwnedFd out{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
    if (out.fd < 0) return disk_fault(fresh, "write");
    std::size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t put = ::write(out.fd, bytes.data() + at, bytes.size() - at);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return disk_fault(fresh, "write");
      at += static_cast<std::size_t>(put);
    }
    if (::fsync(out.fd) != 0) return disk_fault(fresh, "write");
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return disk_fault(file, "write");
  if (!make_durable(file.parent_path())) return disk_fault(file, "make durable");
  return Done{};
}

}  // namespace chiploc
