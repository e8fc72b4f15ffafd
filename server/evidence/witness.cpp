#include "server/evidence/witness.hpp"

#include "proto/base/base64.hpp"
#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kOldWord = "old ";
constexpr int kBadRequest = 400, kForbidden = 403, kNotFound = 404, kConflict = 409, kUnprovable = 422;

WitnessVerdict refuse(int status, std::string text) {
  WitnessVerdict out;
  out.status = status;
  out.body = std::move(text) + "\n";
  return out;
}

/// The one answer that programs read: from where the log has to prove its growth.
WitnessVerdict other_size(std::uint64_t size) {
  WitnessVerdict out = refuse(kConflict, std::to_string(size));
  out.content_type = "text/x.tlog.size";
  return out;
}

}  // namespace

Result<Submission, std::string> parse_submission(std::string_view body) {
  const auto wrong = [](std::size_t line, const std::string& text) {
    return Fail{"line " + std::to_string(line) + ": " + text};
  };
  if (body.size() > kSubmissionBytesMax)
    return Fail{"is longer than " + std::to_string(kSubmissionBytesMax) + " bytes"};
  Submission out;
  const auto first = take_line(body);
  const auto old =
      first && first->starts_with(kOldWord) ? decimal_in(first->substr(kOldWord.size())) : std::nullopt;
  if (!old) return wrong(1, "is not 'old' and a number of leaves");
  out.old_size = *old;
  for (std::size_t line = 2;; ++line) {
    const auto text = take_line(body);
    if (!text) return wrong(line, "does not end");
    if (text->empty()) break;
    const auto hash = digest_in(*text);
    if (!hash) return wrong(line, "is no hash, 32 bytes in base64");
    if (out.proof.size() == kSubmissionProofMax) return wrong(line, "is one hash more than a proof has");
    out.proof.push_back(*hash);
  }
  auto checkpoint = parse_signed_checkpoint(body);
  if (!checkpoint) return Fail{"checkpoint: " + checkpoint.error()};
  out.checkpoint = *std::move(checkpoint);
  return out;
}

std::string submission_text(const Submission& submission) {
  std::string out = std::string{kOldWord} + std::to_string(submission.old_size) + "\n";
  for (const Digest& hash : submission.proof) out += base64_text(hash.bytes) + "\n";
  return out + "\n" + note_text(submission.checkpoint.note);
}

WitnessVerdict judge_submission(const Submission& submission, const std::vector<NoteKey>& logs,
                                const std::optional<WitnessedTree>& latest) {
  const Checkpoint& head = submission.checkpoint.checkpoint;
  bool known = false, is_signed = false;
  for (const NoteKey& key : logs) {
    if (key.name != head.origin) continue;
    known = true;
    is_signed = is_signed || check_signature(submission.checkpoint, key).verdict == SignatureVerdict::kGood;
  }
  if (!known) return refuse(kNotFound, "this witness knows no log of that origin");
  if (!is_signed) return refuse(kForbidden, "no signature of that log under the checkpoint counts");
  if (submission.old_size > head.size)
    return refuse(kBadRequest, "the old size is above that of the checkpoint");
  const std::uint64_t cosigned = latest ? latest->size : 0;
  if (submission.old_size != cosigned) return other_size(cosigned);
  if (cosigned == head.size && latest && latest->root != head.root)
    return refuse(kConflict, "another root of this size was cosigned: this log has forked");
  const bool grows = cosigned == 0
                         ? submission.proof.empty() && (head.size != 0 || head.root == empty_root())
                         : proves_consistency(cosigned, head.size, submission.proof, latest->root, head.root);
  if (!grows) return refuse(kUnprovable, "the proof does not show that the log has only grown");
  WitnessVerdict out;
  out.cosign = true;
  out.tree = {head.size, head.root};
  return out;
}

}  // namespace chiploc
