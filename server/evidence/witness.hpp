#pragma once
// What a witness decides: C2SP tlog-witness v1, add-checkpoint, without the connection and without the disk.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "server/evidence/checkpoint.hpp"
#include "server/evidence/merkle.hpp"

namespace chiploc {

/// A body of add-checkpoint, read and not yet believed.
struct Submission {
  std::uint64_t old_size = 0;
  MerkleProof proof;  ///< at most kSubmissionProofMax
  SignedCheckpoint checkpoint;
};
inline constexpr std::size_t kSubmissionProofMax = 63, kSubmissionBytesMax = kNoteBytesMax + 4'096;
/// Exactly the form. Fails with a sentence that names the line.
[[nodiscard]] Result<Submission, std::string> parse_submission(std::string_view body);
[[nodiscard]] std::string submission_text(const Submission& submission);

/// The newest tree of a log that this witness has cosigned.
struct WitnessedTree {
  std::uint64_t size = 0;
  Digest root{};
  friend bool operator==(const WitnessedTree&, const WitnessedTree&) = default;
};

/// What became of a submission. With `cosign` the tree is to be kept, durably, and only then cosigned and answered with 200.
struct WitnessVerdict {
  bool cosign = false;
  WitnessedTree tree{};  ///< with `cosign`
  int status = 200;      ///< of HTTP
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body{};  ///< without `cosign`: what the answer says
};

/// Judges a submission by the keys that this witness knows of logs, whose names are origins, and by the newest tree of the log
/// (`latest`; nullopt: none was cosigned, or the log is not known). Who asks and who keeps has to make sure that no other
/// submission of this log is judged in between.
///
///     404 no such log   403 no good signature of it   400 no submission, or its old size is above its size
///     409 another tree is the newest: its size, or the same size with another root   422 the proof does not hold
[[nodiscard]] WitnessVerdict judge_submission(const Submission& submission, const std::vector<NoteKey>& logs,
                                              const std::optional<WitnessedTree>& latest);

}  // namespace chiploc
