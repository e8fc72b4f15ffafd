#pragma once
// Leaves, the tree of them as RFC 6962 defines it, and the tiles of it: what the code under test is held against.

#include <map>
#include <vector>

#include "proto/crypto/digest.hpp"
#include "server/evidence/tiles.hpp"

namespace chiploc::test {

inline Digest leaf_of(std::uint64_t i) { return leaf_hash(bytes_of("entry " + std::to_string(i))); }
inline std::vector<Digest> leaves_of(std::uint64_t count) {
  std::vector<Digest> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(leaf_of(i));
  return out;
}
/// The definition, word for word.
inline Digest defined_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves[0];
  std::size_t left = 1;
  while (left * 2 < leaves.size()) left *= 2;
  return node_hash(defined_root(leaves.first(left)), defined_root(leaves.subspan(left)));
}
/// The nodes of a tree whose leaves are at hand.
inline NodeReader reader_of(const std::vector<Digest>& leaves) {
  return [&leaves](const TreeNode& node) -> Result<Digest, std::string> {
    const std::uint64_t count = std::uint64_t{1} << node.level;
    if ((node.index + 1) * count > leaves.size()) return Fail{std::string{"no such node"}};
    return defined_root(std::span{leaves}.subspan(node.index * count, count));
  };
}
/// Files of a log, as an edge writes them.
struct KeptTiles {
  std::map<std::string, ByteVector> files{};
  [[nodiscard]] TreeEdge::FullTile writer() {
    return [this](const Tile& tile, Bytes bytes) { files[tile_path(tile)] = {bytes.begin(), bytes.end()}; };
  }
  [[nodiscard]] TileReader reader() const {
    return [this](const Tile& tile) -> Result<ByteVector, std::string> {
      const auto found = files.find(tile_path(tile));
      if (found == files.end()) return Fail{tile_path(tile) + ": is not there"};
      return found->second;
    };
  }
};

}  // namespace chiploc::test
