#include "server/evidence/tlog_proof.hpp"

#include "proto/base/base64.hpp"
#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kProofHead = "c2sp.org/tlog-proof@v1", kExtraWord = "extra ",
                           kIndexWord = "index ";
constexpr std::size_t kPathMax = 64;  // of a tree of 2^64 leaves

Fail<std::string> wrong_line(std::size_t line, const std::string& text) {
  return Fail{"line " + std::to_string(line) + ": " + text};
}

}  // namespace

std::string tlog_proof_text(const TlogProof& proof) {
  std::string out{kProofHead};
  out += "\n";
  if (proof.extra) out.append(kExtraWord).append(base64_text(*proof.extra)).append("\n");
  out.append(kIndexWord).append(std::to_string(proof.index)).append("\n");
  for (const Digest& hash : proof.path) out += base64_text(hash.bytes) + "\n";
  return out + "\n" + note_text(proof.checkpoint.note);
}

Result<TlogProof, std::string> parse_tlog_proof(std::string_view text) {
  if (text.size() > kTlogProofBytesMax)
    return Fail{"is longer than " + std::to_string(kTlogProofBytesMax) + " bytes"};
  TlogProof out;
  std::size_t at = 1;
  if (take_line(text) != kProofHead) return wrong_line(at, "is not " + std::string{kProofHead});
  auto line = take_line(text);
  ++at;
  if (line && line->starts_with(kExtraWord)) {
    out.extra = base64_bytes(line->substr(kExtraWord.size()));
    if (!out.extra) return wrong_line(at, "is no base64 behind 'extra'");
    line = take_line(text);
    ++at;
  }
  const auto index =
      line && line->starts_with(kIndexWord) ? decimal_in(line->substr(kIndexWord.size())) : std::nullopt;
  if (!index) return wrong_line(at, "is not 'index' and a number");
  out.index = *index;
  for (;;) {
    line = take_line(text);
    ++at;
    if (!line) return wrong_line(at, "does not end");
    if (line->empty()) break;
    const auto hash = digest_in(*line);
    if (!hash) return wrong_line(at, "is no hash, 32 bytes in base64");
    if (out.path.size() == kPathMax) return wrong_line(at, "is one hash more than any tree has");
    out.path.push_back(*hash);
  }
  auto checkpoint = parse_signed_checkpoint(text);
  if (!checkpoint) return Fail{"checkpoint, behind line " + std::to_string(at) + ": " + checkpoint.error()};
  out.checkpoint = *std::move(checkpoint);
  return out;
}

bool proves_entry(const TlogProof& proof, const Digest& leaf) {
  const Checkpoint& head = proof.checkpoint.checkpoint;
  return proves_inclusion(proof.index, head.size, leaf, proof.path, head.root);
}

}  // namespace chiploc
