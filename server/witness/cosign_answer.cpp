#include "server/witness/cosign_answer.hpp"

#include "proto/base/safe_text.hpp"
#include "server/evidence/text_lines.hpp"

namespace chiploc {
namespace {

using Code = CosignFault::Code;

constexpr int kGood = 200, kForbidden = 403, kNotFound = 404, kConflict = 409, kUnprovable = 422,
              kTooMany = 429, kServerFaults = 500, kUnavailable = 503;

CosignFault fault_of(Code code, const NoteKey& witness, const std::string& text) {
  return {code, "witness '" + log_text(witness.name) + "' " + text};
}

CosignAnswer read_signatures(std::string_view body, const SignedCheckpoint& head, const NoteKey& witness) {
  const auto lines = parse_signature_lines(body);
  if (!lines)
    return fault_of(Code::kBadAnswer, witness,
                    "answered 200, and no signature lines: " + lines.error() + "; ask who runs it");
  const SignedCheckpoint answered{head.checkpoint, {head.note.text, *lines}};
  const CheckedSignature checked = check_signature(answered, witness);
  if (checked.verdict == SignatureVerdict::kGood) return *signatures_of(answered.note, witness).front();
  return fault_of(Code::kBadAnswer, witness,
                  "answered 200, and its signature is " + std::string{name_of(checked.verdict)} +
                      "; compare its verifier key with the one that is configured");
}

CosignAnswer read_conflict(const CosignReply& reply, const SignedCheckpoint& head, const NoteKey& witness) {
  if (reply.content_type != "text/x.tlog.size")
    return fault_of(
        Code::kForked, witness,
        "has cosigned another tree of " + std::to_string(head.checkpoint.size) +
            " entries of this log: two histories have this log's key; stop it, and find out which is true");
  std::string_view body = reply.body;
  const auto line = take_line(body);
  const auto size = line && body.empty() ? decimal_in(*line) : std::nullopt;
  if (!size)
    return fault_of(Code::kBadAnswer, witness, "answered 409, and no size of a tree; ask who runs it");
  if (*size > head.checkpoint.size)
    return fault_of(
        Code::kAhead, witness,
        "has cosigned a tree of " + std::to_string(*size) + " entries of this log, which has " +
            std::to_string(head.checkpoint.size) +
            ": the log was taken back, or another process has its key; stop it, and find out which");
  return ProveFrom{*size};
}

}  // namespace

std::string_view name_of(CosignFault::Code code) {
  switch (code) {
    case Code::kUnreachable:
      return "unreachable";
    case Code::kBusy:
      return "busy";
    case Code::kOwnTrouble:
      return "own-trouble";
    case Code::kUnknownLog:
      return "unknown-log";
    case Code::kSignature:
      return "signature";
    case Code::kAhead:
      return "ahead";
    case Code::kForked:
      return "forked";
    case Code::kMoved:
      return "moved";
    case Code::kProof:
      return "proof";
    case Code::kRefused:
      return "refused";
    case Code::kBadAnswer:
      return "bad-answer";
    case Code::kNoProof:
      return "no-proof";
    case Code::kStopped:
      return "stopped";
  }
  return "?";
}

CosignAnswer read_cosign_reply(const CosignReply& reply, const SignedCheckpoint& head,
                               const NoteKey& witness) {
  const std::string said = "answered " + std::to_string(reply.status) + " \"" + log_text(reply.body) + "\"";
  switch (reply.status) {
    case kGood:
      return read_signatures(reply.body, head, witness);
    case kConflict:
      return read_conflict(reply, head, witness);
    case kNotFound:
      return fault_of(
          Code::kUnknownLog, witness,
          "does not know this log; give its verifier key to who runs the witness, and check its URL");
    case kForbidden:
      return fault_of(Code::kSignature, witness,
                      "has another key for this log; give the present one to who runs it");
    case kUnprovable:
      return fault_of(Code::kProof, witness,
                      "does not see that this log has only grown; check the log's files (" + said + ")");
    case kTooMany:
    case kUnavailable:
      return fault_of(Code::kBusy, witness, said + "; ask it again with the next checkpoint");
    default:
      break;
  }
  if (reply.status >= kServerFaults)
    return fault_of(Code::kOwnTrouble, witness, said + "; tell who runs it if it goes on");
  return fault_of(Code::kRefused, witness, said + "; check that its URL is that of a witness");
}

}  // namespace chiploc
