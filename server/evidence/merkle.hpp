#pragma once
// The Merkle tree of a log: RFC 6962, section 2.1, over SHA-256. Pure: hashes are read by whoever has them.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

/// SHA-256(0x00 || entry).
[[nodiscard]] Digest leaf_hash(Bytes entry);
/// SHA-256(0x01 || left || right).
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);
/// Of the tree without leaves: SHA-256 of nothing.
[[nodiscard]] Digest empty_root();

/// A complete subtree: the 2^level leaves from index * 2^level on. Of level 0 it is a leaf.
struct TreeNode {
  unsigned level = 0;
  std::uint64_t index = 0;
  friend bool operator==(const TreeNode&, const TreeNode&) = default;
};
/// Gives the hash of a complete subtree of the tree at hand; fails with a sentence that says which is missing, and where.
using NodeReader = std::function<Result<Digest, std::string>(const TreeNode&)>;
using MerkleProof = std::vector<Digest>;

/// Of the first `size` leaves. Reads at most 64 nodes. Fails as `read` does.
[[nodiscard]] Result<Digest, std::string> tree_root(std::uint64_t size, const NodeReader& read);
/// That leaf `index` is in the tree of the first `size`, from its sibling up (section 2.1.1). index < size, which is the
/// caller's to check. Reads at most 128 nodes; fails as `read` does.
[[nodiscard]] Result<MerkleProof, std::string> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                               const NodeReader& read);
/// That the first `old_size` leaves of the tree of `size` are the tree of `old_size` (section 2.1.2). Empty where there is
/// nothing to prove: old_size 0 or size. old_size <= size. Fails as `read` does.
[[nodiscard]] Result<MerkleProof, std::string> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                                                 const NodeReader& read);

// What follows judges proofs of strangers: any sizes, any number of hashes. Takes one hash for each of theirs.

[[nodiscard]] bool proves_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                                    std::span<const Digest> proof, const Digest& root);
/// Of equal sizes the roots have to be equal, and the proof empty. From the tree without leaves to another nothing can be
/// proved, and nothing needs to be: false.
[[nodiscard]] bool proves_consistency(std::uint64_t old_size, std::uint64_t size,
                                      std::span<const Digest> proof, const Digest& old_root,
                                      const Digest& root);

}  // namespace chiploc
