#pragma once
// How a log's tree is cut into files: C2SP tlog-tiles (2026). Names and places only; who reads and writes them is elsewhere.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "server/evidence/merkle.hpp"

namespace chiploc {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = std::uint64_t{1} << kTileHeight;
inline constexpr std::size_t kTileBytes = kTileWidth * Digest::kSize;
/// Of one entry of a bundle: its length has 16 bits.
inline constexpr std::size_t kEntryBytesMax = 65'535;

/// `width` hashes side by side: at level 0 of leaves, at level l each of a full tile of level l - 1.
struct Tile {
  unsigned level = 0;                ///< 0 to 7: of a tree of 2^64 leaves
  std::uint64_t index = 0;           ///< within its level
  std::uint64_t width = kTileWidth;  ///< 1 to 256; below 256 it is a partial one
  friend auto operator<=>(const Tile&, const Tile&) = default;
};
/// "tile/0/x001/x234/067" or "tile/0/x001/x234/067.p/112".
[[nodiscard]] std::string tile_path(const Tile& tile);
/// "tile/entries/x001/x234/067.p/112": the entries of a tile of level 0.
[[nodiscard]] std::string bundle_path(const Tile& tile);

/// What a path below the log's prefix names, written as above and no other way; nullopt: neither.
struct LogFile {
  Tile tile;
  bool entries = false;  ///< a bundle, else hashes
  friend bool operator==(const LogFile&, const LogFile&) = default;
};
[[nodiscard]] std::optional<LogFile> log_file_of(std::string_view path);

/// How wide the tile is in a tree of this size; 0: it is not in it.
[[nodiscard]] std::uint64_t tile_width(unsigned level, std::uint64_t index, std::uint64_t size);
/// Where a node is in a tree of this size: its tile, and the hashes of it, `count` of them, that it is made of.
struct NodePlace {
  Tile tile;
  std::size_t first = 0, count = 1;
};
/// nullopt: the tree has no such complete subtree.
[[nodiscard]] std::optional<NodePlace> place_of(const TreeNode& node, std::uint64_t size);
/// Every tile of the tree of `size` that the tree of `old_size` has not, or has narrower; lower levels first.
[[nodiscard]] std::vector<Tile> tiles_grown(std::uint64_t old_size, std::uint64_t size);

/// Of a tile's bytes, width * 32 of them.
using TileReader = std::function<Result<ByteVector, std::string>(const Tile&)>;
/// The nodes of a tree of this size, out of its tiles, each of which is read once. Fails as the reader does, and where a
/// tile has not its size. Not thread-safe.
class TiledNodes {
 public:
  TiledNodes(std::uint64_t size, TileReader read) : size_{size}, read_{std::move(read)} {}
  [[nodiscard]] Result<Digest, std::string> operator()(const TreeNode& node);
  /// As the functions of merkle.hpp take it; this outlives it.
  [[nodiscard]] NodeReader reader() {
    return [this](const TreeNode& node) { return (*this)(node); };
  }

 private:
  const std::uint64_t size_;
  const TileReader read_;
  std::map<Tile, ByteVector> tiles_;
};

/// Entries, each behind its length in 16 bits, big-endian. Entries have at most kEntryBytesMax bytes, which is the caller's to
/// check.
void append_entry(ByteVector& bundle, Bytes entry);
/// Exactly `count` of them and nothing behind; they lie in `bundle`.
[[nodiscard]] std::optional<std::vector<Bytes>> entries_of(Bytes bundle, std::size_t count);

/// The right edge of a growing tree: all that is needed to add leaves and to know the root. At most 8 * 255 hashes.
class TreeEdge {
 public:
  TreeEdge() = default;
  /// Of a tree that is there: its partial tiles are read. Fails as the reader does.
  [[nodiscard]] static Result<TreeEdge, std::string> at(std::uint64_t size, const TileReader& read);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Digest root() const;
  /// Adds a leaf; calls `full` for each tile that is whole by it, with its bytes, lower levels first.
  using FullTile = std::function<void(const Tile&, Bytes)>;
  void add(const Digest& leaf, const FullTile& full);
  /// The partial tiles, lower levels first.
  void each_partial(const FullTile& partial) const;

 private:
  std::uint64_t size_ = 0;
  std::vector<ByteVector> levels_{};  ///< the hashes of each level's partial tile
};

}  // namespace chiploc
