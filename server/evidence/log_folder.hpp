#pragma once
// A log as files: what a web server can serve as it is (tlog-tiles), and what only grows.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/evidence/checkpoint.hpp"
#include "server/evidence/log_files.hpp"
#include "server/evidence/tiles.hpp"
#include "server/evidence/tlog_proof.hpp"

namespace chiploc {

/// Below the folder: `checkpoint`, `tile/LEVEL/..`, `tile/entries/..`. One process writes; whoever reads `checkpoint` finds all
/// that it needs. Files stand before the checkpoint that names them, each of them whole and durable: killed at any moment,
/// there is the tree of before or the new one, and the same entries again give the same files.
class LogFolder {
 public:
  /// Of a log without entries, signed; no log may be there. The folder is made, mode 0755: a log is public.
  [[nodiscard]] static Logged<LogFolder> create(const std::filesystem::path& folder, const NoteSigner& signer,
                                                std::int64_t unix_s);
  /// One that is there, signed by this key. Reads its checkpoint and its right edge, and holds them against each other.
  [[nodiscard]] static Logged<LogFolder> open(const std::filesystem::path& folder, const NoteKey& key);

  [[nodiscard]] std::uint64_t size() const { return edge_.size(); }
  [[nodiscard]] const SignedCheckpoint& head() const { return head_; }
  /// Adds entries behind those that are there and signs the tree with them. A fault leaves the log as it was; of the disk:
  /// open it anew before the next. kRefused for an entry over kEntryBytesMax, and for a signer of another name.
  [[nodiscard]] Logged<Done> append(std::span<const ByteVector> entries, const NoteSigner& signer,
                                    std::int64_t unix_s);
  /// Puts other signatures of the same tree in place: cosignatures that came. kRefused where the tree is another, or where the
  /// log's own signature is not among them.
  [[nodiscard]] Logged<Done> put_head(const SignedCheckpoint& head);
  /// Under the newest checkpoint. kNoSuch behind its end.
  [[nodiscard]] Logged<TlogProof> prove(std::uint64_t index) const;
  [[nodiscard]] Logged<ByteVector> entry(std::uint64_t index) const;
  /// All of them in their order, of which `each` gets one after another.
  [[nodiscard]] Logged<Done> each_entry(const std::function<void(Bytes)>& each) const;
  /// From a tree of before to the newest. kNoSuch for a larger one.
  [[nodiscard]] Logged<MerkleProof> prove_growth(std::uint64_t old_size) const;

 private:
  LogFolder(std::filesystem::path folder, NoteKey key) : folder_{std::move(folder)}, key_{std::move(key)} {}
  [[nodiscard]] Logged<Done> write(const std::string& path, Bytes bytes) const;
  [[nodiscard]] Logged<SignedCheckpoint> sign(const NoteSigner& signer, std::int64_t unix_s,
                                              const TreeEdge& edge) const;
  std::filesystem::path folder_;
  NoteKey key_;
  SignedCheckpoint head_{};
  TreeEdge edge_{};
  ByteVector bundle_{};  ///< of the entries behind the last full tile
};

inline constexpr const char* kCheckpointFile = "checkpoint";
/// What a path below the folder names, `checkpoint` or as tile_path and bundle_path have it, to the byte. kNotFound for any other
/// path, none of which reaches the disk.
[[nodiscard]] Logged<ByteVector> log_file(const std::filesystem::path& folder, const std::string& path);

/// A tile's bytes out of a folder. Fails with a sentence that names the file.
[[nodiscard]] TileReader tiles_in(const std::filesystem::path& folder);

/// What a whole look at a log found.
struct LogCheck {
  std::uint64_t size = 0;             ///< of the checkpoint; 0 where it cannot be read
  std::vector<std::string> problems;  ///< each names its file; empty: all is right. At most kLogProblemsMax
};
inline constexpr std::size_t kLogProblemsMax = 100;
/// Reads every file that the checkpoint needs: signatures by `key`, each entry against its hash, each hash against the tiles
/// above, the root. Takes memory for one tile a level.
[[nodiscard]] LogCheck check_log(const std::filesystem::path& folder, const NoteKey& key);

}  // namespace chiploc
