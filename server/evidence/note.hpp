#pragma once
// Signed notes: a text and who signed it, C2SP signed-note v1. Keys are data: a name, a type and bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace chiploc {

/// The signature types that we judge, by their byte in a key. Others are kept as they are and count for nothing.
enum class NoteSignatureType : std::uint8_t {
  kEd25519 = 0x01,      ///< over the text
  kCosignature = 0x04,  ///< Ed25519 over a time and the text: tlog-cosignature
  kMlDsa44 = 0x06,      ///< ML-DSA-44 over a time and the checkpoint: tlog-cosignature
};
/// What each is: one line a type, and no other place knows one.
struct NoteAlgorithm {
  NoteSignatureType type{};
  std::string_view name;            ///< for people
  std::size_t key_bytes = 0;        ///< of the public key
  std::size_t signature_bytes = 0;  ///< behind the key's id, a time of 8 bytes included where there is one
  bool timed = false;
};
/// nullptr: none of ours.
[[nodiscard]] const NoteAlgorithm* note_algorithm(std::uint8_t type);

/// Whose signature it is: name and id together.
struct NoteKey {
  std::string name;
  std::uint32_t id = 0;
  std::uint8_t type = 0;
  ByteVector material;  ///< the public key as its type has it
  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};
inline constexpr std::size_t kNoteNameMax = 255;
/// Whether a name may stand in a note: 1 to kNoteNameMax bytes of UTF-8 without spaces, plus, or what acts on a display.
[[nodiscard]] bool is_note_name(std::string_view name);
/// With the id that follows from the rest.
[[nodiscard]] NoteKey make_note_key(std::string name, NoteSignatureType type, Bytes material);
/// "example.com/log+1f0c2a3b+BASE64": a verifier key (vkey), and back. Fails with a sentence: form, name, id, or a key that has
/// not the size of its type.
[[nodiscard]] std::string vkey_text(const NoteKey& key);
[[nodiscard]] Result<NoteKey, std::string> parse_vkey(std::string_view text);

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  ByteVector bytes;  ///< behind the id
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};
struct Note {
  std::string text;  ///< its last line ended; what is signed
  std::vector<NoteSignature> signatures;
  friend bool operator==(const Note&, const Note&) = default;
};
inline constexpr std::size_t kNoteBytesMax = 262'144, kNoteSignaturesMax = 64;
/// Exactly the form: there is one Note for each run of bytes, and note_text(*parse_note(b)) == b. Fails with a sentence that
/// names the line.
[[nodiscard]] Result<Note, std::string> parse_note(std::string_view bytes);
[[nodiscard]] std::string note_text(const Note& note);
/// "— name BASE64\n", as it stands in a note, and what a witness answers: one such line or more.
[[nodiscard]] std::string signature_line(const NoteSignature& signature);
[[nodiscard]] Result<std::vector<NoteSignature>, std::string> parse_signature_lines(std::string_view lines);
/// The signatures by this key; usually one or none.
[[nodiscard]] std::vector<const NoteSignature*> signatures_of(const Note& note, const NoteKey& key);

}  // namespace chiploc
