#pragma once
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

namespace chiploc {

/// "0 MiB of 20,480 are free there": of the file system that a file or folder lies on; empty if it cannot be
/// asked.
[[nodiscard]] inline std::string free_space_text(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::path at = path;
  while (!std::filesystem::exists(at, failed) && at.has_parent_path() && at != at.parent_path())
    at = at.parent_path();
  const auto space = std::filesystem::space(at.empty() ? "." : at, failed);
  if (failed) return {};
  const auto mib = [](std::uintmax_t bytes) { return std::to_string(bytes >> 20U); };
  return mib(space.available) + " MiB of " + mib(space.capacity) + " are free there";
}

/// What to do about a file that cannot be written, by errno, to stand behind the cause: "; .." or nothing.
[[nodiscard]] inline std::string write_remedy(int error, const std::filesystem::path& path) {
  if (error == ENOSPC || error == EDQUOT) {
    const std::string free = free_space_text(path);
    return std::string{"; make room on the disk"} + (error == EDQUOT ? ", or raise this user's quota" : "") +
           (free.empty() ? "" : " (" + free + ")");
  }
  if (error == EROFS)
    return "; the file system is mounted read-only: mount it for writing, look whether it was for a fault of the disk, or "
           "name another folder (under systemd, StateDirectory= or ReadWritePaths= make one writable)";
  if (error == EACCES || error == EPERM) return "; give this user the folder, or name another one";
  return {};
}

}  // namespace chiploc
