#include "server/evidence/note.hpp"

#include <algorithm>
#include <array>

#include "proto/base/base64.hpp"
#include "proto/base/safe_text.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kSignatureMark = "\xE2\x80\x94 ";  // em dash, blank
constexpr std::size_t kIdBytes = 4;
constexpr std::array kAlgorithms{
    NoteAlgorithm{NoteSignatureType::kEd25519, "Ed25519", 32, 64, false},
    NoteAlgorithm{NoteSignatureType::kCosignature, "Ed25519 cosignature", 32, 72, true},
    NoteAlgorithm{NoteSignatureType::kMlDsa44, "ML-DSA-44 cosignature", 1'312, 2'428, true}};

Fail<std::string> bad_note(std::string text) { return Fail{std::move(text)}; }

std::uint32_t id_of(const std::string& name, std::uint8_t type, Bytes material) {
  const Digest hash = sha256_of({bytes_of(name), bytes_of("\n"), Bytes{&type, 1}, material});
  return ByteReader{hash.bytes}.u32();
}

/// White space of Unicode beyond ASCII's.
bool is_space(char32_t point) {
  return point == U' ' || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
         point == 0x205F || point == 0x3000;
}

/// Valid UTF-8 without control characters but line ends.
bool is_note_text(std::string_view text) {
  constexpr char32_t kFirstShown = 0x20;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || (*point < kFirstShown && *point != U'\n')) return false;
  }
  return true;
}

/// "name base64" of one line, its mark and end taken away.
std::optional<NoteSignature> signature_in(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !is_note_name(line.substr(0, blank))) return std::nullopt;
  const auto bytes = base64_bytes(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kIdBytes) return std::nullopt;
  NoteSignature out;
  out.name = std::string{line.substr(0, blank)};
  out.id = ByteReader{*bytes}.u32();
  out.bytes.assign(bytes->begin() + kIdBytes, bytes->end());
  return out;
}

}  // namespace

const NoteAlgorithm* note_algorithm(std::uint8_t type) {
  for (const NoteAlgorithm& one : kAlgorithms)
    if (static_cast<std::uint8_t>(one.type) == type) return &one;
  return nullptr;
}

bool is_note_name(std::string_view name) {
  if (name.empty() || name.size() > kNoteNameMax) return false;
  while (!name.empty()) {
    const auto point = take_code_point(name);
    if (!point || *point == U'+' || is_space(*point) || acts_on_display(*point)) return false;
  }
  return true;
}

NoteKey make_note_key(std::string name, NoteSignatureType type, Bytes material) {
  NoteKey out{std::move(name), 0, static_cast<std::uint8_t>(type), {material.begin(), material.end()}};
  out.id = id_of(out.name, out.type, out.material);
  return out;
}

std::string vkey_text(const NoteKey& key) {
  ByteArray<kIdBytes> id{};
  ByteWriter{id}.u32(key.id);
  ByteVector typed{key.type};
  typed.insert(typed.end(), key.material.begin(), key.material.end());
  return key.name + "+" + to_hex(id) + "+" + base64_text(typed);
}

Result<NoteKey, std::string> parse_vkey(std::string_view text) {
  constexpr std::size_t kVkeyMax = 4'096, kIdDigits = 8;
  const std::size_t first = text.find('+');
  if (text.size() > kVkeyMax || first == std::string_view::npos || text.size() < first + kIdDigits + 2 ||
      text[first + 1 + kIdDigits] != '+')
    return bad_note("is no verifier key: NAME+ID+BASE64, with an id of 8 hex digits");
  NoteKey out;
  out.name = std::string{text.substr(0, first)};
  if (!is_note_name(out.name))
    return bad_note("the name in front of its first + is none that a note can have");
  const std::string_view digits = text.substr(first + 1, kIdDigits);
  const auto id = from_hex(digits);
  const auto typed = base64_bytes(text.substr(first + kIdDigits + 2));
  if (!id || to_hex(*id) != digits)
    return bad_note("the id behind its first + is not 8 hex digits in lower case");
  if (!typed || typed->size() < 2) return bad_note("what stands behind its last + is no base64 of a key");
  out.id = ByteReader{*id}.u32();
  out.type = typed->front();
  out.material.assign(typed->begin() + 1, typed->end());
  const NoteAlgorithm* algorithm = note_algorithm(out.type);
  if (algorithm != nullptr && out.material.size() != algorithm->key_bytes)
    return bad_note("a key of type " + std::string{algorithm->name} + " has " +
                    std::to_string(algorithm->key_bytes) + " bytes, not " +
                    std::to_string(out.material.size()));
  if (out.id != id_of(out.name, out.type, out.material))
    return bad_note("its id does not follow from its name and key; get the line once more");
  return out;
}

Result<std::vector<NoteSignature>, std::string> parse_signature_lines(std::string_view lines) {
  std::vector<NoteSignature> out;
  while (!lines.empty()) {
    const std::string which = "signature " + std::to_string(out.size() + 1) + ": ";
    if (out.size() == kNoteSignaturesMax)
      return bad_note("has more than " + std::to_string(kNoteSignaturesMax) + " signatures");
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return bad_note(which + "its line does not end");
    if (!lines.starts_with(kSignatureMark)) return bad_note(which + "does not begin with a dash and a blank");
    auto signature = signature_in(lines.substr(kSignatureMark.size(), end - kSignatureMark.size()));
    if (!signature) return bad_note(which + "is no name and base64 of more than four bytes");
    out.push_back(*std::move(signature));
    lines = lines.substr(end + 1);
  }
  if (out.empty()) return bad_note("has no signature");
  return out;
}

Result<Note, std::string> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax)
    return bad_note("is longer than " + std::to_string(kNoteBytesMax) + " bytes");
  if (!is_note_text(bytes)) return bad_note("is no UTF-8 text, or has control characters");
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos)
    return bad_note("has no empty line between its text and its signatures");
  auto signatures = parse_signature_lines(bytes.substr(split + 2));
  if (!signatures) return Fail{signatures.error()};
  return Note{std::string{bytes.substr(0, split + 1)}, *std::move(signatures)};
}

std::string signature_line(const NoteSignature& signature) {
  ByteVector bytes(kIdBytes);
  ByteWriter{bytes}.u32(signature.id);
  bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
  return std::string{kSignatureMark} + signature.name + " " + base64_text(bytes) + "\n";
}

std::string note_text(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) out += signature_line(signature);
  return out;
}

std::vector<const NoteSignature*> signatures_of(const Note& note, const NoteKey& key) {
  std::vector<const NoteSignature*> out;
  for (const NoteSignature& signature : note.signatures)
    if (signature.name == key.name && signature.id == key.id) out.push_back(&signature);
  return out;
}

}  // namespace chiploc
