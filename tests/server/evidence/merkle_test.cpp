// RFC 6962's tree: its definition, proofs that are made and judged, and the public vectors of others.
#include "server/evidence/merkle.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "proto/base/base64.hpp"
#include "tests/server/evidence/log_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {
namespace merkle_test {

using nlohmann::json;
namespace fs = std::filesystem;

/// Every case below the folder; none, and a word, where it is absent.
std::vector<std::pair<std::string, json>> vectors(const std::string& kind) {
  const fs::path folder = source_dir() / "../shared/data/vectors/rfc6962" / kind;
  std::vector<std::pair<std::string, json>> out;
  if (!fs::exists(folder)) {
    WARN("skipped: " << folder.string() << " is not there");
    return out;
  }
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in{entry.path()};
    out.emplace_back(entry.path().string(), json::parse(in));
  }
  REQUIRE(out.size() > 50);
  return out;
}
/// Hashes of a vector. One of another length can be none of ours: another hash stands for it, for none at all one that was
/// never there.
Digest hash_in(const json& hash) {
  const auto bytes = base64_bytes(hash.is_null() ? "" : hash.get<std::string>());
  REQUIRE(bytes);
  if (bytes->empty()) {
    static std::uint64_t nothings = 0;
    return sha256(bytes_of("nothing " + std::to_string(++nothings)));
  }
  if (bytes->size() != Digest::kSize) return sha256(*bytes);
  Digest out;
  std::copy(bytes->begin(), bytes->end(), out.bytes.begin());
  return out;
}
MerkleProof proof_in(const json& hashes) {
  MerkleProof out;
  if (hashes.is_null()) return out;
  for (const json& hash : hashes) out.push_back(hash_in(hash));
  return out;
}
TEST_CASE("RFC 6962 vectors: inclusion", "[evidence]") {
  std::size_t good = 0, bad = 0;
  for (const auto& [name, one] : vectors("inclusion")) {
    INFO(name);
    const Digest root = hash_in(one["root"]), leaf = hash_in(one["leafHash"]);
    const MerkleProof proof = proof_in(one["proof"]);
    const bool proves = proves_inclusion(one["leafIdx"].get<std::uint64_t>(),
                                         one["treeSize"].get<std::uint64_t>(), leaf, proof, root);
    CHECK(proves != one["wantErr"].get<bool>());
    ++(proves ? good : bad);
  }
  if (good + bad != 0) {
    CHECK(good > 3);
    CHECK(bad > 30);
  }
}

TEST_CASE("RFC 6962 vectors: consistency", "[evidence]") {
  std::size_t good = 0, bad = 0;
  for (const auto& [name, one] : vectors("consistency")) {
    INFO(name);
    const Digest old_root = hash_in(one["root1"]), root = hash_in(one["root2"]);
    const MerkleProof proof = proof_in(one["proof"]);
    const bool proves = proves_consistency(one["size1"].get<std::uint64_t>(),
                                           one["size2"].get<std::uint64_t>(), proof, old_root, root);
    CHECK(proves != one["wantErr"].get<bool>());
    ++(proves ? good : bad);
  }
  if (good + bad != 0) {
    CHECK(good > 3);
    CHECK(bad > 30);
  }
}

TEST_CASE("merkle: the empty tree, a leaf and a node are hashed apart", "[evidence]") {
  CHECK(empty_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(leaf_hash({}).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const Digest one = leaf_of(1), two = leaf_of(2);
  ByteVector joined{one.bytes.begin(), one.bytes.end()};
  joined.insert(joined.end(), two.bytes.begin(), two.bytes.end());
  CHECK(node_hash(one, two) != leaf_hash(joined));
  CHECK(node_hash(one, two) != node_hash(two, one));
}

TEST_CASE("merkle: root and every proof of every tree up to 70 leaves", "[evidence]") {
  constexpr std::uint64_t kMost = 70;
  const auto leaves = leaves_of(kMost);
  const auto read = reader_of(leaves);
  std::vector<Digest> roots;
  for (std::uint64_t size = 0; size <= kMost; ++size) {
    roots.push_back(tree_root(size, read).value());
    REQUIRE(roots.back() == defined_root(std::span{leaves}.first(size)));
  }
  for (std::uint64_t size = 1; size <= kMost; ++size) {
    INFO(size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const MerkleProof proof = inclusion_proof(index, size, read).value();
      REQUIRE(proves_inclusion(index, size, leaves[index], proof, roots[size]));
      REQUIRE_FALSE(proves_inclusion(index, size, leaf_of(kMost), proof, roots[size]));
      REQUIRE_FALSE(proves_inclusion(index, size, leaves[index], proof, roots[size - 1]));
      if (index + 1 < size)
        REQUIRE_FALSE(proves_inclusion(index + 1, size, leaves[index], proof, roots[size]));
    }
    for (std::uint64_t old = 0; old <= size; ++old) {
      const MerkleProof proof = consistency_proof(old, size, read).value();
      REQUIRE(proves_consistency(old, size, proof, roots[old], roots[size]) == (old != 0));
      if (old == size || old == 0) continue;
      REQUIRE_FALSE(proves_consistency(old, size, proof, roots[old - 1], roots[size]));
      REQUIRE_FALSE(proves_consistency(old, size, proof, roots[old], roots[size - 1]));
      REQUIRE_FALSE(proves_consistency(old - 1, size, proof, roots[old], roots[size]));
      for (std::size_t i = 0; i < proof.size(); ++i) {
        MerkleProof cut = proof;
        cut[i].bytes[i % Digest::kSize] ^= 1;
        REQUIRE_FALSE(proves_consistency(old, size, cut, roots[old], roots[size]));
      }
      MerkleProof more = proof;
      more.push_back(leaves[0]);
      REQUIRE_FALSE(proves_consistency(old, size, more, roots[old], roots[size]));
    }
  }
}

TEST_CASE("merkle: proofs of strangers with any sizes end", "[evidence]") {
  const MerkleProof long_one(200, leaf_of(1));
  const Digest root = leaf_of(2);
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{2}, UINT64_MAX, std::uint64_t{1} << 63U}) {
    CHECK_FALSE(proves_inclusion(size - 1, size, root, long_one, root));
    CHECK_FALSE(proves_inclusion(0, size, root, long_one, root));
    CHECK_FALSE(proves_inclusion(UINT64_MAX, size, root, long_one, root));
    CHECK_FALSE(proves_consistency(1, size, long_one, root, root));
    CHECK_FALSE(proves_consistency(size, UINT64_MAX, long_one, root, root));
    CHECK_FALSE(proves_consistency(size, 0, {}, root, root));
  }
  CHECK_FALSE(
      proves_consistency(0, 5, {}, empty_root(), root));  // nothing is proved of a tree that was empty
  CHECK(proves_consistency(0, 0, {}, empty_root(), empty_root()));
  CHECK_FALSE(proves_consistency(0, 0, {}, root, root));
}

TEST_CASE("merkle: what cannot be read fails with the reader's words", "[evidence]") {
  const NodeReader none = [](const TreeNode&) -> Result<Digest, std::string> {
    return Fail{std::string{"gone"}};
  };
  CHECK(tree_root(3, none).error() == "gone");
  CHECK(inclusion_proof(1, 3, none).error() == "gone");
  CHECK(consistency_proof(1, 3, none).error() == "gone");
}

}  // namespace merkle_test
}  // namespace chiploc::test
