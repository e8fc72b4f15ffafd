#pragma once
// That an entry is in a log, in one text that is checked offline: C2SP tlog-proof v1.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/evidence/checkpoint.hpp"
#include "server/evidence/merkle.hpp"

namespace chiploc {

struct TlogProof {
  std::optional<ByteVector> extra{};  ///< nobody has signed it
  std::uint64_t index = 0;
  MerkleProof path;
  SignedCheckpoint checkpoint;
  friend bool operator==(const TlogProof&, const TlogProof&) = default;
};
inline constexpr std::size_t kTlogProofBytesMax = kNoteBytesMax + 131'072;
/// One text for each, and back. Fails with a sentence that names the line.
[[nodiscard]] std::string tlog_proof_text(const TlogProof& proof);
[[nodiscard]] Result<TlogProof, std::string> parse_tlog_proof(std::string_view text);
/// Whether the entry with this leaf_hash is where the proof says, under its checkpoint; not who signed that: TrustPolicy.
[[nodiscard]] bool proves_entry(const TlogProof& proof, const Digest& leaf);

}  // namespace chiploc
