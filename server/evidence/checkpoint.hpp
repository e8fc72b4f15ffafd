#pragma once
// A tree's head, and who says so: C2SP tlog-checkpoint and tlog-cosignature v1.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/keys.hpp"
#include "server/evidence/note.hpp"

namespace chiploc {

struct Checkpoint {
  std::string origin;  ///< the log's name: 1 to kNoteNameMax bytes, one line
  std::uint64_t size = 0;
  Digest root{};
  std::vector<std::string> extensions{};  ///< lines that nobody checks; ours have none
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};
/// A note's text, and back: one text for each. Fails with a sentence that names the line.
[[nodiscard]] std::string checkpoint_text(const Checkpoint& checkpoint);
[[nodiscard]] Result<Checkpoint, std::string> parse_checkpoint(std::string_view text);

/// A note whose text is a checkpoint, read and not yet believed.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};
[[nodiscard]] Result<SignedCheckpoint, std::string> parse_signed_checkpoint(std::string_view bytes);

/// What became of one key's signatures under a checkpoint.
enum class SignatureVerdict : std::uint8_t {
  kAbsent,  ///< there is none
  kGood,
  kBad,          ///< it does not fit: somebody changed the text, or has not the key
  kUnsupported,  ///< this machine's OpenSSL has no such algorithm (ML-DSA from 3.5 on), or it is none of ours
};
[[nodiscard]] std::string_view name_of(SignatureVerdict verdict);
struct CheckedSignature {
  SignatureVerdict verdict = SignatureVerdict::kAbsent;
  std::optional<std::int64_t> unix_s{};  ///< of a good one with a time: when the cosigner saw the tree
};
/// One bad signature of a key's makes it kBad, whatever others there are.
[[nodiscard]] CheckedSignature check_signature(const SignedCheckpoint& checkpoint, const NoteKey& key);

/// What a signature of this type is over. `name` is the signer's, `unix_s` its time; nullopt: no such type, or a name or an
/// origin that does not fit into it.
[[nodiscard]] std::optional<ByteVector> signed_bytes(NoteSignatureType type, const std::string& name,
                                                     std::int64_t unix_s, const Checkpoint& checkpoint);

/// A private key under a name, with which checkpoints are signed.
class NoteSigner {
 public:
  /// An Ed25519 key, for kEd25519 (a log) or kCosignature (a witness). Fails with kWrongAlgorithm. The key outlives this.
  [[nodiscard]] static Result<NoteSigner, KeyFault> with_ed25519(std::string name, NoteSignatureType type,
                                                                 const Signer& key);
  [[nodiscard]] const NoteKey& key() const { return key_; }
  /// `unix_s` goes into a cosignature. Fails as the key does.
  [[nodiscard]] Result<NoteSignature, KeyFault> sign(const Checkpoint& checkpoint, std::int64_t unix_s) const;

 private:
  NoteSigner(NoteKey key, const Signer& signer) : key_{std::move(key)}, signer_{&signer} {}
  NoteKey key_;
  const Signer* signer_;
};

}  // namespace chiploc
