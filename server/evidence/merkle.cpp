#include "server/evidence/merkle.hpp"

#include <bit>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::uint8_t kLeafPrefix = 0, kNodePrefix = 1;

/// Leaves [first, first + count), where `first` is a multiple of the least power of two that is not below `count`.
struct Range {
  std::uint64_t first = 0, count = 0;
};

/// The largest power of two below `count`, which is 2 or more: where RFC 6962 splits.
std::uint64_t split_of(std::uint64_t count) { return std::bit_floor(count - 1); }

Result<Digest, std::string> hash_of(Range range, const NodeReader& read) {
  if (std::has_single_bit(range.count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(range.count));
    return read({level, range.first >> level});
  }
  const std::uint64_t left = split_of(range.count);
  const auto first = hash_of({range.first, left}, read);
  if (!first) return first;
  const auto rest = hash_of({range.first + left, range.count - left}, read);
  if (!rest) return rest;
  return node_hash(*first, *rest);
}

/// Appends the hashes of these, the last first: from the leaf up.
Result<MerkleProof, std::string> proof_of(const std::vector<Range>& from_the_top, const NodeReader& read) {
  MerkleProof out;
  for (auto range = from_the_top.rbegin(); range != from_the_top.rend(); ++range) {
    auto hash = hash_of(*range, read);
    if (!hash) return Fail{hash.error()};
    out.push_back(*hash);
  }
  return out;
}

}  // namespace

Digest leaf_hash(Bytes entry) { return sha256_of({Bytes{&kLeafPrefix, 1}, entry}); }
Digest node_hash(const Digest& left, const Digest& right) {
  return sha256_of({Bytes{&kNodePrefix, 1}, left.bytes, right.bytes});
}
Digest empty_root() { return sha256({}); }

Result<Digest, std::string> tree_root(std::uint64_t size, const NodeReader& read) {
  if (size == 0) return empty_root();
  return hash_of({0, size}, read);
}

Result<MerkleProof, std::string> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                 const NodeReader& read) {
  std::vector<Range> siblings;
  Range at{0, size};
  while (at.count > 1) {
    const std::uint64_t left = split_of(at.count);
    const Range first{at.first, left}, rest{at.first + left, at.count - left};
    const bool goes_left = index - at.first < left;
    siblings.push_back(goes_left ? rest : first);
    at = goes_left ? first : rest;
  }
  return proof_of(siblings, read);
}

Result<MerkleProof, std::string> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                                   const NodeReader& read) {
  if (old_size == 0 || old_size == size) return MerkleProof{};
  std::vector<Range> parts;
  Range at{0, size};
  std::uint64_t old = old_size;  // of the leaves of `at`
  while (old < at.count) {
    const std::uint64_t left = split_of(at.count);
    const Range first{at.first, left}, rest{at.first + left, at.count - left};
    if (old <= left) {
      parts.push_back(rest);
      at = first;
    } else {
      parts.push_back(first);
      at = rest;
      old -= left;
    }
  }
  if (at.first != 0) parts.push_back(at);  // else it is the old tree, whose root they have
  return proof_of(parts, read);
}

bool proves_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                      std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index, last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1U) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      // A last node without a sibling goes up as it is.
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && hash == root;
}

bool proves_consistency(std::uint64_t old_size, std::uint64_t size, std::span<const Digest> proof,
                        const Digest& old_root, const Digest& root) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root && (size != 0 || root == empty_root());
  if (old_size == 0) return false;
  // Of a complete old tree the first hash would be its root, which is left out.
  const bool complete = std::has_single_bit(old_size);
  if (!complete && proof.empty()) return false;
  Digest old_hash = complete ? old_root : proof.front();
  Digest hash = old_hash;
  if (!complete) proof = proof.subspan(1);
  std::uint64_t node = old_size - 1, last = size - 1;
  while ((node & 1U) != 0) {
    node >>= 1U;
    last >>= 1U;
  }
  for (const Digest& part : proof) {
    if (last == 0) return false;
    if ((node & 1U) != 0 || node == last) {
      old_hash = node_hash(part, old_hash);
      hash = node_hash(part, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, part);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

}  // namespace chiploc
