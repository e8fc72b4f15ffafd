#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace chiploc {

/// A folder that comes into being whole or not at all, for keys and what belongs to them. Everything is written
/// into `.NAME.unfinished` beside it, and finish() renames that. Nothing that is there is ever overwritten.
///
/// Killed    At any moment there is the whole folder or none; what lies unfinished was never in use, and the
///           next begin() of the same folder empties it.
/// Modes     The folder has 0700, its files 0600 or, where they are public, 0644; whatever the umask says.
/// Owner     Who runs it. If there is an empty folder of somebody else's under that name, its owner, where we
///           may give files away (root): so a service's user gets its keys.
/// Errors    One sentence that names the path, the cause and what to do.
class NewFolder {
 public:
  /// Fails if `folder` is there and not an empty folder, if another begin() holds it, or if its parent cannot
  /// be made or written.
  [[nodiscard]] static Result<NewFolder, std::string> begin(const std::filesystem::path& folder);
  /// Whatever is not finished goes away.
  ~NewFolder();
  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&&) = delete;

  /// Where the files go until finish(): for those that others write (write_private_key).
  [[nodiscard]] const std::filesystem::path& path() const { return unfinished_; }
  /// Where they will be.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  enum class Readers { kOwner, kAll };
  [[nodiscard]] Result<Done, std::string> write(std::string_view name, std::string_view content,
                                                Readers readers);
  [[nodiscard]] Result<Done, std::string> make_folder(std::string_view name);
  /// Durable: everything is on disk before the name is, and the name when this returns.
  [[nodiscard]] Result<Done, std::string> finish();

 private:
  NewFolder(std::filesystem::path folder, std::filesystem::path unfinished, int lock)
      : folder_{std::move(folder)}, unfinished_{std::move(unfinished)}, lock_{lock} {}
  std::filesystem::path folder_;
  std::filesystem::path unfinished_;
  int lock_ = -1;
};

}  // namespace chiploc
