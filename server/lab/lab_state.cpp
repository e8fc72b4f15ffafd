#include "server/lab/lab_state.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "chiploc-lab-";
constexpr std::string_view kRandom = "XXXXXX";
constexpr std::string_view kMarkerText = "chiploc lab: keys for a test, to be removed with the lab\n";
constexpr std::size_t kFoundMax = 1000;

std::string why() { return std::strerror(errno); }

/// A marker that is locked before it has its name, so that no moment shows one that nobody holds. -1: errno.
int make_marker(const fs::path& folder) {
  const fs::path unnamed = folder / (std::string{kLabMarker} + ".new");
  const int fd = ::open(unnamed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  const auto size = static_cast<ssize_t>(kMarkerText.size());
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::write(fd, kMarkerText.data(), kMarkerText.size()) == size &&
      ::rename(unnamed.c_str(), (folder / kLabMarker).c_str()) == 0)
    return fd;
  ::close(fd);
  return -1;
}

/// The lock of a marker that proves its folder to be a dead lab's; -1 for everything else.
int lock_of_dead_lab(const fs::path& folder) {
  struct stat about {};
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return -1;
  const bool ours =
      ::fstat(directory, &about) == 0 && about.st_uid == ::geteuid() && (about.st_mode & 077U) == 0;
  const int fd = ours ? ::openat(directory, kLabMarker, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
  ::close(directory);
  if (fd < 0) return -1;
  std::array<char, kMarkerText.size() + 1> text{};
  const bool proved = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == ::geteuid() &&
                      about.st_nlink == 1 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 &&
                      ::pread(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(kMarkerText.size()) &&
                      std::string_view{text.data(), kMarkerText.size()} == kMarkerText;
  if (proved) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Result<LabState, std::string> LabState::fresh(bool keep) {
  std::error_code error;
  std::string name =
      (fs::temp_directory_path(error) / (std::string{kPrefix} + std::string{kRandom})).string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return Fail{"cannot make a folder " + name + ": " + (error ? error.message() : why()) +
                "; set TMPDIR or use --state"};
  }
  if (keep) return LabState{name, false, -1};
  const int lock = make_marker(name);
  if (lock >= 0) return LabState{name, true, lock};
  const std::string problem = why();
  fs::remove_all(name, error);
  return Fail{"cannot write in the folder " + name + ": " + problem + "; set TMPDIR or use --state"};
}

Result<LabState, std::string> LabState::named(const fs::path& wanted) {
  std::error_code error;
  const fs::path folder = fs::absolute(wanted, error);
  fs::create_directories(folder, error);
  if (!error && !fs::is_empty(folder, error)) {
    return Fail{folder.string() + " is not empty; name a new folder, a lab never reuses keys"};
  }
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Fail{"cannot use " + folder.string() + ": " + error.message()};
  return LabState{folder, false, -1};
}

LabState::LabState(LabState&& other) noexcept
    : path_{std::move(other.path_)},
      remove_{std::exchange(other.remove_, false)},
      lock_{std::exchange(other.lock_, -1)} {}

LabState::~LabState() {
  std::error_code ignored;
  if (remove_) fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

DeadLab::DeadLab(DeadLab&& other) noexcept
    : path_{std::move(other.path_)}, lock_{std::exchange(other.lock_, -1)} {}

DeadLab::~DeadLab() {
  if (lock_ >= 0) ::close(lock_);
}

Result<Done, std::string> DeadLab::remove() {
  std::error_code error;
  fs::remove_all(path_, error);
  if (error)
    return Fail{"cannot remove " + path_.string() + ", which holds private keys: " + error.message() +
                "; remove it by hand"};
  return Done{};
}

std::vector<DeadLab> find_dead_labs(const fs::path& folder) {
  std::vector<fs::path> candidates;
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.size() == kPrefix.size() + kRandom.size() && name.compare(0, kPrefix.size(), kPrefix) == 0)
      candidates.push_back(at->path());
  }
  std::sort(candidates.begin(), candidates.end());
  std::vector<DeadLab> found;
  for (const fs::path& candidate : candidates) {
    if (found.size() == kFoundMax) break;
    if (const int lock = lock_of_dead_lab(candidate); lock >= 0) found.push_back(DeadLab{candidate, lock});
  }
  return found;
}

std::string remove_dead_labs() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (error) return {};
  std::size_t removed = 0;
  std::string problems;
  for (DeadLab& lab : find_dead_labs(folder)) {
    if (const auto gone = lab.remove(); gone)
      ++removed;
    else
      problems += (problems.empty() ? "" : "; ") + gone.error();
  }
  if (removed == 0) return problems;
  return "removed the keys of " + std::to_string(removed) + " lab" + (removed == 1 ? "" : "s") +
         " that had been killed, from " + folder.string() + (problems.empty() ? "" : "; " + problems);
}

}  // namespace chiploc
