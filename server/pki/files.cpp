#include "server/pki/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace chiploc {
namespace {

Fail<PkiFault> failed(const std::filesystem::path& file, const char* verb) {
  const int error = errno;
  std::string text = file.string() + ": cannot " + verb + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT) text += "; make room on the disk";
  if (error == EACCES || error == EROFS) text += "; name a folder that is yours";
  return Fail{PkiFault{error == ENOENT ? PkiFaultCode::kNotFound : PkiFaultCode::kRefused, std::move(text)}};
}

struct Descriptor {
  int fd;
  explicit Descriptor(int opened) : fd{opened} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

/// What stands in a folder is durable only once the folder is.
PkiResult<Done> sync_folder(const std::filesystem::path& folder) {
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) return failed(folder, "make durable");
  return Done{};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

PkiResult<std::string> read_whole(const std::filesystem::path& file, std::size_t bytes_max) {
  const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) return failed(file, "read");
  std::string text;
  char buffer[16'384];
  while (true) {
    const ssize_t n = ::read(in.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(file, "read");
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > bytes_max) {
      return Fail{PkiFault{
          PkiFaultCode::kBadData,
          file.string() + ": larger than " + std::to_string(bytes_max) + " bytes; is it the right file?"}};
    }
  }
}

PkiResult<Done> replace_file(const std::filesystem::path& file, std::string_view text, mode_t mode) {
  std::filesystem::path fresh = file;
  fresh += ".new";
  {
    const Descriptor out{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (out.fd < 0 || ::fchmod(out.fd, mode) != 0) return failed(fresh, "create");
    if (!write_all(out.fd, text) || ::fsync(out.fd) != 0) return failed(fresh, "write");
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed(file, "replace");
  return sync_folder(folder_of(file));
}

PkiResult<Done> make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0) return failed(folder, "make");
  return sync_folder(folder_of(folder));
}

PkiResult<Done> move_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (const auto synced = sync_folder(from); !synced) return synced;
  if (::rename(from.c_str(), to.c_str()) != 0) return failed(to, "put in place");
  return sync_folder(folder_of(to));
}

PkiResult<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(folder, "open");
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    ::close(fd);
    return failed(folder, "lock");
  }
  return FolderLock{fd};
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace chiploc
