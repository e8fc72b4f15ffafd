#include "server/evidence/tiles.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace chiploc {
namespace {

constexpr unsigned kLevelsMax = 8;  // 256^8 leaves are 2^64

/// How many hashes a level has: one for each run of 256^level leaves that is whole.
std::uint64_t hashes_of(unsigned level, std::uint64_t size) { return size >> (kTileHeight * level); }

/// "x001/x234/067"
std::string index_path(std::uint64_t index) {
  constexpr std::uint64_t kGroup = 1'000;
  std::string out;
  const char* mark = "";
  do {
    char group[8];
    std::snprintf(group, sizeof group, "%03u", static_cast<unsigned>(index % kGroup));
    out.insert(0, std::string{mark[0] == '\0' ? "" : "x"} + group + mark);
    mark = "/";
    index /= kGroup;
  } while (index != 0);
  return out;
}

std::string path_of(const std::string& first, const Tile& tile) {
  std::string out = "tile/" + first + "/" + index_path(tile.index);
  if (tile.width < kTileWidth) out += ".p/" + std::to_string(tile.width);
  return out;
}

/// Decimal digits without a leading zero.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || std::to_string(out) != text)
    return std::nullopt;
  return out;
}

std::string_view take_part(std::string_view& path) {
  const std::size_t end = path.find('/');
  const std::string_view part = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  return part;
}

Digest hash_in(Bytes tile, std::size_t at) {
  Digest out;
  std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(at * Digest::kSize), Digest::kSize,
              out.bytes.begin());
  return out;
}

/// Of hashes side by side, a power of two of them.
Digest root_of(Bytes tile, std::size_t first, std::size_t count) {
  if (count == 1) return hash_in(tile, first);
  return node_hash(root_of(tile, first, count / 2), root_of(tile, first + count / 2, count / 2));
}

}  // namespace

std::string tile_path(const Tile& tile) { return path_of(std::to_string(tile.level), tile); }
std::string bundle_path(const Tile& tile) { return path_of("entries", tile); }

std::optional<LogFile> log_file_of(std::string_view path) {
  constexpr std::size_t kPathMax = 64;
  if (path.size() > kPathMax) return std::nullopt;
  LogFile out;
  std::string_view rest = path;
  if (take_part(rest) != "tile") return std::nullopt;
  const std::string_view level = take_part(rest);
  out.entries = level == "entries";
  if (!out.entries) {
    const auto number = number_of(level);
    if (!number || *number >= kLevelsMax) return std::nullopt;
    out.tile.level = static_cast<unsigned>(*number);
  }
  if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = number_of(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    out.tile.width = *width;
    rest = rest.substr(0, partial);
  }
  // The digits alone, and then whether that is how they are written.
  std::string digits;
  for (const char c : rest) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.empty() ? 0 : digits.size() - 1);
  const auto index = number_of(std::string_view{digits}.substr(digits.empty() ? 0 : zeros));
  if (!index) return std::nullopt;
  out.tile.index = *index;
  if ((out.entries ? bundle_path(out.tile) : tile_path(out.tile)) != path) return std::nullopt;
  return out;
}

std::uint64_t tile_width(unsigned level, std::uint64_t index, std::uint64_t size) {
  if (level >= kLevelsMax) return 0;
  const std::uint64_t hashes = hashes_of(level, size);
  if (index > hashes / kTileWidth) return 0;
  return std::min(hashes - index * kTileWidth, kTileWidth);
}

std::optional<NodePlace> place_of(const TreeNode& node, std::uint64_t size) {
  constexpr unsigned kBits = 64;
  if (node.level >= kBits || node.index >= size >> node.level) return std::nullopt;
  const unsigned level = node.level / kTileHeight, height = node.level % kTileHeight;
  const std::uint64_t first = node.index << height;  // of the hashes of that level
  NodePlace out;
  out.tile = {level, first / kTileWidth, tile_width(level, first / kTileWidth, size)};
  out.first = first % kTileWidth;
  out.count = std::size_t{1} << height;
  return out;
}

std::vector<Tile> tiles_grown(std::uint64_t old_size, std::uint64_t size) {
  std::vector<Tile> out;
  for (unsigned level = 0; level < kLevelsMax; ++level) {
    const std::uint64_t old = hashes_of(level, old_size), hashes = hashes_of(level, size);
    for (std::uint64_t index = old / kTileWidth; index * kTileWidth < hashes; ++index) {
      const Tile tile{level, index, tile_width(level, index, size)};
      if (tile.width > tile_width(level, index, old_size)) out.push_back(tile);
    }
  }
  return out;
}

Result<Digest, std::string> TiledNodes::operator()(const TreeNode& node) {
  const auto place = place_of(node, size_);
  if (!place) {
    return Fail{"the tree of " + std::to_string(size_) + " leaves has no node " + std::to_string(node.index) +
                " of level " + std::to_string(node.level)};
  }
  auto found = tiles_.find(place->tile);
  if (found == tiles_.end()) {
    auto bytes = read_(place->tile);
    if (!bytes) return Fail{bytes.error()};
    if (bytes->size() != place->tile.width * Digest::kSize) {
      return Fail{tile_path(place->tile) + ": has " + std::to_string(bytes->size()) + " bytes, not " +
                  std::to_string(place->tile.width * Digest::kSize)};
    }
    found = tiles_.emplace(place->tile, *std::move(bytes)).first;
  }
  return root_of(found->second, place->first, place->count);
}

void append_entry(ByteVector& bundle, Bytes entry) {
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8U));
  bundle.push_back(static_cast<std::uint8_t>(entry.size() & 0xFFU));
  bundle.insert(bundle.end(), entry.begin(), entry.end());
}

std::optional<std::vector<Bytes>> entries_of(Bytes bundle, std::size_t count) {
  ByteReader reader{bundle};
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = reader.u16();
    out.push_back(reader.bytes(size));
    if (!reader.ok()) return std::nullopt;
  }
  if (reader.left() != 0) return std::nullopt;
  return out;
}

Result<TreeEdge, std::string> TreeEdge::at(std::uint64_t size, const TileReader& read) {
  TreeEdge out;
  out.size_ = size;
  for (unsigned level = 0; level < kLevelsMax && hashes_of(level, size) != 0; ++level) {
    const std::uint64_t hashes = hashes_of(level, size), width = hashes % kTileWidth;
    out.levels_.emplace_back();
    if (width == 0) continue;
    const Tile tile{level, hashes / kTileWidth, width};
    auto bytes = read(tile);
    if (!bytes) return Fail{bytes.error()};
    if (bytes->size() != width * Digest::kSize) {
      return Fail{tile_path(tile) + ": has " + std::to_string(bytes->size()) + " bytes, not " +
                  std::to_string(width * Digest::kSize)};
    }
    out.levels_.back() = *std::move(bytes);
  }
  return out;
}

Digest TreeEdge::root() const {
  // Each level's partial tile is a row of complete subtrees, smaller to the right; higher levels stand left of lower ones.
  std::optional<Digest> right;
  for (const ByteVector& level : levels_) {
    std::size_t width = level.size() / Digest::kSize;
    while (width != 0) {
      const std::size_t count = width & (~width + 1);  // the lowest bit
      width -= count;
      const Digest part = root_of(level, width, count);
      right = right ? node_hash(part, *right) : part;
    }
  }
  return right.value_or(empty_root());
}

void TreeEdge::add(const Digest& leaf, const FullTile& full) {
  ++size_;
  Digest hash = leaf;
  for (unsigned level = 0;; ++level) {
    if (levels_.size() <= level) levels_.emplace_back();
    ByteVector& row = levels_[level];
    row.insert(row.end(), hash.bytes.begin(), hash.bytes.end());
    if (row.size() < kTileBytes) return;
    full({level, hashes_of(level, size_) / kTileWidth - 1, kTileWidth}, row);
    hash = root_of(row, 0, kTileWidth);
    row.clear();
  }
}

void TreeEdge::each_partial(const FullTile& partial) const {
  for (unsigned level = 0; level < levels_.size(); ++level) {
    const ByteVector& row = levels_[level];
    if (row.empty()) continue;
    partial({level, hashes_of(level, size_) / kTileWidth, row.size() / Digest::kSize}, row);
  }
}

}  // namespace chiploc
