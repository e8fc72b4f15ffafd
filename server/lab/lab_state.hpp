#pragma once
// The folder of a lab's keys, databases and logs, and what labs that were killed have left of theirs.

#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

/// A lab's folder while the lab lives. A fresh one is made in the folder for temporary files, and removed in
/// the end; a named one stays.
///
/// A fresh one holds the file kLabMarker, locked (flock) for as long as the process lives, however it ends:
/// that is how find_dead_labs() knows the folder for a lab's, and its lab for dead.
class LabState {
 public:
  /// Mode 0700. `keep`: not removed in the end, nor by anybody else. Fails with a sentence.
  [[nodiscard]] static Result<LabState, std::string> fresh(bool keep);
  /// Made if it is not there; must be empty. Fails with a sentence.
  [[nodiscard]] static Result<LabState, std::string> named(const std::filesystem::path& folder);
  LabState(LabState&& other) noexcept;
  LabState& operator=(LabState&&) = delete;
  ~LabState();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  LabState(std::filesystem::path path, bool remove, int lock)
      : path_{std::move(path)}, remove_{remove}, lock_{lock} {}
  std::filesystem::path path_;
  bool remove_;
  int lock_;  ///< -1: none
};

inline constexpr const char* kLabMarker = "chiploc-lab.lock";

/// A folder whose lab is dead, proved and held: nobody else can take it for theirs while this lives.
class DeadLab {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Removes the folder and all in it; links in it are removed, never followed. Fails with a sentence.
  [[nodiscard]] Result<Done, std::string> remove();
  DeadLab(DeadLab&& other) noexcept;
  DeadLab& operator=(DeadLab&&) = delete;
  ~DeadLab();

 private:
  friend std::vector<DeadLab> find_dead_labs(const std::filesystem::path& folder);
  DeadLab(std::filesystem::path path, int lock) : path_{std::move(path)}, lock_{lock} {}
  std::filesystem::path path_;
  int lock_;
};

/// In `folder`, sorted by name. Taken for one is only what is named chiploc-lab-XXXXXX, is a folder and no
/// link, is ours and closed to others, and holds a marker that is a plain file of ours, has the marker's text
/// and nobody's lock. 1000 at most.
[[nodiscard]] std::vector<DeadLab> find_dead_labs(const std::filesystem::path& folder);

/// Removes them from the folder for temporary files. One line for people; empty when there were none.
[[nodiscard]] std::string remove_dead_labs();

}  // namespace chiploc
