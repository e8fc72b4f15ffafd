#include "server/evidence/checkpoint.hpp"

#include "proto/base/base64.hpp"
#include "proto/crypto/ml_dsa.hpp"
#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kTimeBytes = 8;

Fail<std::string> bad_head(std::string text) { return Fail{std::move(text)}; }

void put_text(ByteVector& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}
void put_u64(ByteVector& out, std::uint64_t value) {
  ByteArray<kTimeBytes> bytes{};
  ByteWriter{bytes}.u64(value);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

SignatureVerdict verdict_of(const NoteKey& key, const NoteAlgorithm& algorithm, Bytes message,
                            Bytes signature) {
  if (algorithm.type == NoteSignatureType::kMlDsa44) {
    switch (verify_ml_dsa_44(key.material, message, signature)) {
      case MlDsaVerdict::kGood:
        return SignatureVerdict::kGood;
      case MlDsaVerdict::kBad:
        return SignatureVerdict::kBad;
      case MlDsaVerdict::kUnsupported:
        return SignatureVerdict::kUnsupported;
    }
  }
  const auto known = PublicKey::from_raw_ed25519(key.material);
  return known && known->verify(message, signature) ? SignatureVerdict::kGood : SignatureVerdict::kBad;
}

CheckedSignature check_one(const SignedCheckpoint& checkpoint, const NoteKey& key, const NoteSignature& one) {
  const NoteAlgorithm* algorithm = note_algorithm(key.type);
  if (algorithm == nullptr) return {SignatureVerdict::kUnsupported, {}};
  if (one.bytes.size() != algorithm->signature_bytes) return {SignatureVerdict::kBad, {}};
  Bytes signature = one.bytes;
  if (!algorithm->timed) return {verdict_of(key, *algorithm, bytes_of(checkpoint.note.text), signature), {}};
  const std::uint64_t time = ByteReader{signature}.u64();
  if (time > INT64_MAX) return {SignatureVerdict::kBad, {}};
  const auto unix_s = static_cast<std::int64_t>(time);
  const auto message = signed_bytes(algorithm->type, key.name, unix_s, checkpoint.checkpoint);
  if (!message) return {SignatureVerdict::kBad, {}};
  const SignatureVerdict verdict = verdict_of(key, *algorithm, *message, signature.subspan(kTimeBytes));
  return {verdict, verdict == SignatureVerdict::kGood ? std::optional{unix_s} : std::nullopt};
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  std::string out = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                    base64_text(checkpoint.root.bytes) + "\n";
  for (const std::string& line : checkpoint.extensions) out += line + "\n";
  return out;
}

Result<Checkpoint, std::string> parse_checkpoint(std::string_view text) {
  Checkpoint out;
  const auto origin = take_line(text);
  if (!origin || origin->empty() || origin->size() > kNoteNameMax)
    return bad_head("line 1: is no name of a log, 1 to " + std::to_string(kNoteNameMax) + " bytes");
  out.origin = std::string{*origin};
  const auto size = take_line(text);
  const auto number = size ? decimal_in(*size) : std::nullopt;
  if (!number) return bad_head("line 2: is no number of leaves, in decimal digits");
  out.size = *number;
  const auto hash = take_line(text);
  const auto root = hash ? digest_in(*hash) : std::nullopt;
  if (!root) return bad_head("line 3: is no root hash, 32 bytes in base64");
  out.root = *root;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line || line->empty())
      return bad_head("line " + std::to_string(out.extensions.size() + 4) + ": is empty");
    out.extensions.emplace_back(*line);
  }
  return out;
}

Result<SignedCheckpoint, std::string> parse_signed_checkpoint(std::string_view bytes) {
  auto note = parse_note(bytes);
  if (!note) return Fail{note.error()};
  auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return Fail{checkpoint.error()};
  return SignedCheckpoint{*std::move(checkpoint), *std::move(note)};
}

std::string_view name_of(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::kAbsent:
      return "absent";
    case SignatureVerdict::kGood:
      return "good";
    case SignatureVerdict::kBad:
      return "bad";
    case SignatureVerdict::kUnsupported:
      return "unsupported";
  }
  return "?";
}

CheckedSignature check_signature(const SignedCheckpoint& checkpoint, const NoteKey& key) {
  CheckedSignature out;
  for (const NoteSignature* one : signatures_of(checkpoint.note, key)) {
    const CheckedSignature checked = check_one(checkpoint, key, *one);
    if (checked.verdict == SignatureVerdict::kBad) return checked;
    if (out.verdict != SignatureVerdict::kGood || checked.unix_s > out.unix_s) out = checked;
  }
  return out;
}

std::optional<ByteVector> signed_bytes(NoteSignatureType type, const std::string& name, std::int64_t unix_s,
                                       const Checkpoint& checkpoint) {
  if (unix_s < 0) return std::nullopt;
  const std::string text = checkpoint_text(checkpoint);
  ByteVector out;
  switch (type) {
    case NoteSignatureType::kEd25519:
      return ByteVector{text.begin(), text.end()};
    case NoteSignatureType::kCosignature: {
      const std::string whole = "cosignature/v1\ntime " + std::to_string(unix_s) + "\n" + text;
      return ByteVector{whole.begin(), whole.end()};
    }
    case NoteSignatureType::kMlDsa44: {
      constexpr std::string_view kLabel{"subtree/v1\n\0", 12};
      if (name.empty() || name.size() > kNoteNameMax || checkpoint.origin.empty() ||
          checkpoint.origin.size() > kNoteNameMax)
        return std::nullopt;
      out.assign(kLabel.begin(), kLabel.end());
      put_text(out, name);
      put_u64(out, static_cast<std::uint64_t>(unix_s));
      put_text(out, checkpoint.origin);
      put_u64(out, 0);
      put_u64(out, checkpoint.size);
      out.insert(out.end(), checkpoint.root.bytes.begin(), checkpoint.root.bytes.end());
      return out;
    }
  }
  return std::nullopt;
}

Result<NoteSigner, KeyFault> NoteSigner::with_ed25519(std::string name, NoteSignatureType type,
                                                      const Signer& key) {
  const auto raw = key.public_key().raw_ed25519();
  if (!raw || type == NoteSignatureType::kMlDsa44)
    return Fail{KeyFault{KeyFault::Code::kWrongAlgorithm, "checkpoints are signed with an Ed25519 key"}};
  return NoteSigner{make_note_key(std::move(name), type, *raw), key};
}

Result<NoteSignature, KeyFault> NoteSigner::sign(const Checkpoint& checkpoint, std::int64_t unix_s) const {
  const auto type = static_cast<NoteSignatureType>(key_.type);
  const auto message = signed_bytes(type, key_.name, unix_s, checkpoint);
  if (!message)
    return Fail{KeyFault{KeyFault::Code::kSigningFailed, "a cosignature needs a time from 1970 on"}};
  auto signature = signer_->sign(*message);
  if (!signature) return Fail{signature.error()};
  NoteSignature out{key_.name, key_.id, {}};
  if (type != NoteSignatureType::kEd25519) put_u64(out.bytes, static_cast<std::uint64_t>(unix_s));
  out.bytes.insert(out.bytes.end(), signature->begin(), signature->end());
  return out;
}

}  // namespace chiploc
