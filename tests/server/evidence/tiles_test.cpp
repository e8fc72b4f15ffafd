// A tree in files: names, which tiles there are, and that a tree grown leaf by leaf is the one that RFC 6962 defines.
#include "server/evidence/tiles.hpp"

#include "tests/server/evidence/log_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace tiles_test {

TEST_CASE("tiles: the names of the specification, both ways", "[evidence]") {
  CHECK(tile_path({0, 1'234'067, 256}) == "tile/0/x001/x234/067");
  CHECK(tile_path({3, 0, 112}) == "tile/3/000.p/112");
  CHECK(bundle_path({0, 1'000, 1}) == "tile/entries/x001/000.p/1");
  for (const char* path :
       {"tile/0/x001/x234/067", "tile/7/000", "tile/0/999.p/255", "tile/entries/x001/000.p/1",
        "tile/entries/000", "tile/0/x018/x446/x744/x073/x709/x551/615"}) {
    INFO(path);
    const auto file = log_file_of(path);
    REQUIRE(file);
    CHECK((file->entries ? bundle_path(file->tile) : tile_path(file->tile)) == path);
  }
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/00/000",
                           "tile/8/000",
                           "tile/-1/000",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/001/000",
                           "tile/0/x000/000",
                           "tile/0/x001/x234/67",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/",
                           "tile/0/000.p",
                           "tile/0/000/1",
                           "tile/0/x001",
                           "/tile/0/000",
                           "tile/0/000/",
                           "tile/entries/000.p/256",
                           "tile/0/../000",
                           "tile//000",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "checkpoint",
                           "tile/0/x1/000",
                           "tile/0/0a0",
                           "tile/0/000 "}) {
    INFO(path);
    CHECK_FALSE(log_file_of(path));
  }
}

TEST_CASE("tiles: a tree of 70,000 has the tiles that the specification counts", "[evidence]") {
  const auto tiles = tiles_grown(0, 70'000);
  const auto of = [&](unsigned level, bool full) {
    return std::count_if(tiles.begin(), tiles.end(), [&](const Tile& tile) {
      return tile.level == level && (tile.width == kTileWidth) == full;
    });
  };
  CHECK(of(0, true) == 273);
  CHECK(of(0, false) == 1);
  CHECK(of(1, true) == 1);
  CHECK(of(1, false) == 1);
  CHECK(of(2, true) == 0);
  CHECK(of(2, false) == 1);
  CHECK(tiles.size() == 277);
  CHECK(tile_width(0, 273, 70'000) == 112);
  CHECK(tile_width(1, 1, 70'000) == 17);
  CHECK(tile_width(2, 0, 70'000) == 1);
  CHECK(tile_width(0, 274, 70'000) == 0);
  CHECK(tile_width(3, 0, 70'000) == 0);
  CHECK(tiles_grown(0, 256) == std::vector<Tile>{{0, 0, 256}, {1, 0, 1}});
  CHECK(tiles_grown(255, 257) == std::vector<Tile>{{0, 0, 256}, {0, 1, 1}, {1, 0, 1}});
  CHECK(tiles_grown(256, 257) == std::vector<Tile>{{0, 1, 1}});
  CHECK(tiles_grown(5, 5).empty());
}

TEST_CASE("tiles: a tree grown leaf by leaf is the defined one, at every size around a tile's end",
          "[evidence]") {
  constexpr std::uint64_t kMost = 66'000;
  const auto leaves = leaves_of(kMost);
  KeptTiles kept;
  TreeEdge edge;
  std::uint64_t old = 0;
  Digest old_root = edge.root();
  CHECK(old_root == empty_root());
  for (const std::uint64_t size : std::vector<std::uint64_t>{1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 1'000,
                                                             65'535, 65'536, 65'537, 66'000}) {
    INFO(size);
    while (edge.size() < size) edge.add(leaves[edge.size()], kept.writer());
    edge.each_partial(kept.writer());
    const Digest root = edge.root();
    REQUIRE(root == defined_root(std::span{leaves}.first(size)));
    for (const Tile& tile : tiles_grown(old, size)) REQUIRE(kept.files.count(tile_path(tile)) == 1);
    TiledNodes nodes{size, kept.reader()};
    const NodeReader read = nodes.reader();
    CHECK(tree_root(size, read).value() == root);
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1})
      CHECK(proves_inclusion(index, size, leaves[index], inclusion_proof(index, size, read).value(), root));
    CHECK(proves_consistency(old, size, consistency_proof(old, size, read).value(), old_root, root) ==
          (old != 0));
    // A process that begins here goes on as this one does.
    auto resumed = TreeEdge::at(size, kept.reader());
    REQUIRE(resumed);
    CHECK(resumed->root() == root);
    resumed->add(leaf_of(size), [](const Tile&, Bytes) {});
    auto copy = leaves;
    copy.push_back(leaf_of(kMost));
    CHECK(resumed->root() == defined_root(std::span{copy}.first(size + 1)));
    old = size;
    old_root = root;
  }
}

TEST_CASE("tiles: a tile that is missing or cut is named", "[evidence]") {
  KeptTiles kept;
  TreeEdge edge;
  while (edge.size() < 300) edge.add(leaf_of(edge.size()), kept.writer());
  edge.each_partial(kept.writer());
  kept.files["tile/0/001.p/44"].pop_back();
  TiledNodes nodes{300, kept.reader()};
  CHECK(tree_root(300, nodes.reader()).error() == "tile/0/001.p/44: has 1407 bytes, not 1408");
  CHECK(TreeEdge::at(300, kept.reader()).error() == "tile/0/001.p/44: has 1407 bytes, not 1408");
  kept.files.erase("tile/0/000");
  TiledNodes other{300, kept.reader()};
  CHECK(other({0, 5}).error() == "tile/0/000: is not there");
  CHECK_FALSE(other({0, 300}));
  CHECK_FALSE(other({9, 0}));
  CHECK_FALSE(other({64, 0}));
}

TEST_CASE("tiles: entries of a bundle, each behind its length", "[evidence]") {
  ByteVector bundle;
  const ByteVector longest(kEntryBytesMax, 7);
  append_entry(bundle, bytes_of("one"));
  append_entry(bundle, {});
  append_entry(bundle, longest);
  CHECK(bundle.size() == 3 * 2 + 3 + kEntryBytesMax);
  const auto entries = entries_of(bundle, 3);
  REQUIRE(entries);
  CHECK(string_of((*entries)[0]) == "one");
  CHECK((*entries)[1].empty());
  CHECK(same_bytes((*entries)[2], longest));
  CHECK_FALSE(entries_of(bundle, 2));
  CHECK_FALSE(entries_of(bundle, 4));
  CHECK_FALSE(entries_of(Bytes{bundle}.first(bundle.size() - 1), 3));
  CHECK(entries_of({}, 0));
}

}  // namespace tiles_test
}  // namespace chiploc::test
