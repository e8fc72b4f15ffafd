#include "proto/base/new_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerFolder = 0700;

Fail<std::string> failed(const fs::path& path, const char* what, int error) {
  const char* remedy = "check the path and who may write there";
  if (error == ENOSPC || error == EDQUOT) remedy = "make room on that disk";
  if (error == EROFS) remedy = "name a folder on a disk that can be written";
  return Fail{path.string() + ": cannot " + what + ": " + std::strerror(error) + "; " + remedy};
}

bool sync_path(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  return synced;
}

/// What stands under the name already: nothing or an empty folder will do.
Result<std::optional<struct stat>, std::string> look_at(const fs::path& folder) {
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::optional<struct stat>{};
    return failed(folder, "be looked at", errno);
  }
  std::error_code error;
  if (!S_ISDIR(info.st_mode) || !fs::is_empty(folder, error) || error) {
    return Fail{
        folder.string() +
        ": is there already, and nothing in it was changed; name another folder with --dir, or move this "
        "one away first"};
  }
  return std::optional{info};
}

}  // namespace

Result<NewFolder, std::string> NewFolder::begin(const fs::path& wanted) {
  std::error_code error;
  fs::path folder = fs::absolute(wanted, error).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "dir/"
  if (error || folder.filename().empty()) return Fail{wanted.string() + ": is no name of a folder"};
  if (const auto there = look_at(folder); !there) return Fail{there.error()};
  fs::create_directories(folder.parent_path(), error);
  if (error) return failed(folder.parent_path(), "be made", error.value());

  const fs::path unfinished = folder.parent_path() / ("." + folder.filename().string() + ".unfinished");
  if (::mkdir(unfinished.c_str(), kOwnerFolder) != 0 && errno != EEXIST) {
    return failed(folder, "be made", errno);
  }
  const int lock = ::open(unfinished.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (lock < 0) return failed(unfinished, "be opened", errno);
  NewFolder made{folder, unfinished, lock};
  struct stat locked {};
  struct stat named {};
  const bool ours = ::flock(lock, LOCK_EX | LOCK_NB) == 0 && ::fstat(lock, &locked) == 0 &&
                    ::lstat(unfinished.c_str(), &named) == 0 && locked.st_ino == named.st_ino;
  if (!ours) {
    made.unfinished_.clear();  // another's
    return Fail{folder.string() + ": is being made by another init at this moment; wait for its end"};
  }
  // A killed one left these; nobody ever used them.
  for (const auto& entry : fs::directory_iterator{unfinished, error}) {
    fs::remove_all(entry.path(), error);
    if (error) break;
  }
  if (error) return failed(unfinished, "be emptied", error.value());
  if (::fchmod(lock, kOwnerFolder) != 0) return failed(unfinished, "be closed to others", errno);
  return made;
}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : folder_{std::move(other.folder_)},
      unfinished_{std::exchange(other.unfinished_, {})},
      lock_{std::exchange(other.lock_, -1)} {}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!unfinished_.empty()) fs::remove_all(unfinished_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

Result<Done, std::string> NewFolder::write(std::string_view name, std::string_view content, Readers readers) {
  const fs::path file = unfinished_ / name;
  const mode_t mode = readers == Readers::kAll ? 0644 : 0600;
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (out < 0) return failed(folder_ / name, "be created", errno);
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t n = ::write(out, content.data() + written, content.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  const bool complete = written == content.size() && ::fchmod(out, mode) == 0 && ::fsync(out) == 0;
  const int error = errno;
  if (::close(out) != 0 && complete) return failed(folder_ / name, "be written", errno);
  if (!complete) return failed(folder_ / name, "be written", error);
  return Done{};
}

Result<Done, std::string> NewFolder::make_folder(std::string_view name) {
  const fs::path path = unfinished_ / name;
  if (::mkdir(path.c_str(), kOwnerFolder) != 0 || ::chmod(path.c_str(), kOwnerFolder) != 0)
    return failed(folder_ / name, "be made", errno);
  return Done{};
}

Result<Done, std::string> NewFolder::finish() {
  const auto there = look_at(folder_);  // again: somebody may have been quicker
  if (!there) return Fail{there.error()};
  std::error_code error;
  if (*there && (*there)->st_uid != ::geteuid()) {
    const uid_t user = (*there)->st_uid;
    const gid_t group = (*there)->st_gid;
    for (const auto& entry : fs::recursive_directory_iterator{unfinished_, error}) {
      if (::lchown(entry.path().c_str(), user, group) != 0)
        return failed(folder_, "be given to the owner of the empty folder", errno);
    }
    if (error || ::fchown(lock_, user, group) != 0)
      return failed(folder_, "be given to the owner of the empty folder", error ? error.value() : errno);
  }
  if (::fsync(lock_) != 0) return failed(folder_, "be made durable", errno);
  // Over an empty folder, or nothing; the system refuses anything else.
  if (::rename(unfinished_.c_str(), folder_.c_str()) != 0) {
    const int why = errno;
    if (const auto now = look_at(folder_); !now) return Fail{now.error()};
    return failed(folder_, "get its name", why);
  }
  unfinished_.clear();
  if (!sync_path(folder_.parent_path())) return failed(folder_.parent_path(), "be made durable", errno);
  return Done{};
}

}  // namespace chiploc
