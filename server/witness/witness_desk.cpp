#include "server/witness/witness_desk.hpp"

namespace chiploc {
namespace {

constexpr int kBadRequest = 400, kOwnFault = 500;

WitnessAnswer answer_of(int status, std::string body) {
  WitnessAnswer out;
  out.status = status;
  out.body = std::move(body) + "\n";
  return out;
}

WitnessAnswer own_fault(const std::string& origin, std::string trouble) {
  WitnessAnswer out = answer_of(kOwnFault, "this witness cannot cosign now; try again later");
  out.origin = origin;
  out.trouble = std::move(trouble);
  return out;
}

}  // namespace

WitnessAnswer WitnessDesk::take(std::string_view body, std::int64_t unix_s) {
  const auto submission = parse_submission(body);
  if (!submission) return answer_of(kBadRequest, submission.error());
  const Checkpoint& head = submission->checkpoint.checkpoint;
  const auto latest = store_->latest(head.origin);
  WitnessVerdict verdict = judge_submission(*submission, logs_, latest);
  if (verdict.cosign) return cosign(*submission, unix_s);
  WitnessAnswer out;
  out.status = verdict.status;
  out.content_type = std::move(verdict.content_type);
  out.body = std::move(verdict.body);
  out.origin = head.origin;
  constexpr int kConflict = 409;  // behind the signature: what comes here the log has signed
  out.forked = out.status == kConflict && latest && latest->size == head.size && latest->root != head.root;
  if (out.forked) {
    const auto kept = store_->keep_fork(as_signed_by_log(submission->checkpoint));
    if (!kept) out.trouble = kept.error().text;
  }
  return out;
}

SignedCheckpoint WitnessDesk::as_signed_by_log(const SignedCheckpoint& checkpoint) const {
  SignedCheckpoint out{checkpoint.checkpoint, {checkpoint.note.text, {}}};
  for (const NoteKey& key : logs_) {
    if (key.name != out.checkpoint.origin ||
        check_signature(checkpoint, key).verdict != SignatureVerdict::kGood)
      continue;
    out.note.signatures.push_back(*signatures_of(checkpoint.note, key).front());
  }
  return out;
}

WitnessAnswer WitnessDesk::cosign(const Submission& submission, std::int64_t unix_s) {
  SignedCheckpoint tree = as_signed_by_log(submission.checkpoint);
  const std::string& origin = tree.checkpoint.origin;
  auto signature = signer_->sign(tree.checkpoint, unix_s);
  if (!signature) return own_fault(origin, signature.error().text);
  WitnessAnswer out;
  out.origin = origin;
  out.body = signature_line(*signature);
  tree.note.signatures.push_back(*std::move(signature));
  const auto kept = store_->keep(tree);
  if (kept) return out;
  if (kept.error().code != LogFault::Code::kRefused) return own_fault(origin, kept.error().text);
  WitnessAnswer refused =
      answer_of(kBadRequest, "this checkpoint is too long, or this witness has too many logs");
  refused.origin = origin;
  return refused;
}

}  // namespace chiploc
