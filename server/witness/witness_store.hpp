#pragma once
// What a witness must never forget: of each log, the newest tree that it has cosigned.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "server/evidence/log_files.hpp"
#include "server/evidence/witness.hpp"

namespace chiploc {

/// A folder, its files 0600:
///
///     witness      the witness's verifier key, and below it the name of every log that it has cosigned, one a line
///     trees/HEX    of each log, by the SHA-256 of its name: the newest checkpoint as the log signed it, with the
///                  witness's own signature, by which the file is believed at the next start
///     forks/HEX    of a log that has signed two trees of one size: the second of them, as it came first
///     lock         held for as long as this lives
///
/// A witness that has forgotten cosigns a second history. So nothing is begun anew: a folder without `witness`, a tree that
/// is missing, one that was changed, or that another key has signed, and a second process are all refused at open().
/// Somebody who puts an older tree of ours in place of a newer is not noticed; the folder is to be kept, not restored.
///
/// One thread. Killed at any moment, there is the tree of before or the new one.
class WitnessStore {
 public:
  static constexpr std::size_t kLogsMax = 4'096;  ///< ever cosigned

  /// Of a witness that has cosigned nothing. kRefused: one is there already.
  [[nodiscard]] static Logged<Done> create(const std::filesystem::path& folder, const NoteKey& own);
  /// kNotFound, kDamaged, kRefused (another process has it), kDisk; each names its file.
  [[nodiscard]] static Logged<std::unique_ptr<WitnessStore>> open(const std::filesystem::path& folder,
                                                                  const NoteKey& own);
  ~WitnessStore();
  WitnessStore(const WitnessStore&) = delete;
  WitnessStore& operator=(const WitnessStore&) = delete;

  [[nodiscard]] std::optional<WitnessedTree> latest(const std::string& origin) const;
  /// The checkpoint in place of the log's newest; durable when this returns. kRefused: our own signature is not under it, it
  /// is too long to be read again, or there are kLogsMax others. After kDisk the newest is what it was.
  [[nodiscard]] Logged<Done> keep(const SignedCheckpoint& cosigned);
  /// A second tree of a size that was cosigned. The first of a log is kept, the others are not.
  [[nodiscard]] Logged<Done> keep_fork(const SignedCheckpoint& other);
  [[nodiscard]] std::size_t logs() const { return trees_.size(); }

 private:
  WitnessStore(std::filesystem::path folder, NoteKey own, int lock)
      : folder_{std::move(folder)}, own_{std::move(own)}, lock_{lock} {}
  [[nodiscard]] Logged<Done> read_trees();
  [[nodiscard]] Logged<Done> read_names();
  [[nodiscard]] Logged<Done> write_names(const std::set<std::string>& names) const;
  std::filesystem::path folder_;
  NoteKey own_;
  int lock_;
  std::map<std::string, WitnessedTree> trees_;
  std::set<std::string> names_;  ///< those that `witness` has
};

}  // namespace chiploc
