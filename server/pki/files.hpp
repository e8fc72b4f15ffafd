#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "server/pki/fault.hpp"

namespace chiploc {

/// The whole file. Fails with kNotFound if there is none, kRefused if it cannot be read or is larger.
[[nodiscard]] PkiResult<std::string> read_whole(const std::filesystem::path& file, std::size_t bytes_max);

/// Puts a file in place of an older one, or of none, in one step: whoever reads it, and whoever finds it after a
/// power cut, has all of the old one or all of the new. Fails with kRefused.
[[nodiscard]] PkiResult<Done> replace_file(const std::filesystem::path& file, std::string_view text,
                                           mode_t mode);
/// A new folder of mode 0700; there must be none of that name.
[[nodiscard]] PkiResult<Done> make_folder(const std::filesystem::path& folder);
/// Renames a folder to one that is not there, or is empty, durably.
[[nodiscard]] PkiResult<Done> move_folder(const std::filesystem::path& from, const std::filesystem::path& to);

/// One process at a time in a folder. The kernel lets go with the process, however that ends.
class FolderLock {
 public:
  /// Waits until nobody else has it.
  [[nodiscard]] static PkiResult<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept : fd_{other.fd_} { other.fd_ = -1; }
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_{fd} {}
  int fd_;
};

}  // namespace chiploc
