#pragma once
// Submissions, one after the other: judged, kept, cosigned, answered.

#include <string>
#include <string_view>
#include <vector>

#include "server/witness/witness_store.hpp"

namespace chiploc {

struct WitnessAnswer {
  int status = 200;  ///< of HTTP
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body{};
  std::string origin{};   ///< of the submission, where it could be read: a stranger's text
  bool forked = false;    ///< the log has signed another tree of the size that was cosigned last
  std::string trouble{};  ///< with 500: what this witness's operator has to know
};

/// Owns no thread and no clock. Who calls take() from one thread has each log's submissions judged one after another.
class WitnessDesk {
 public:
  static constexpr std::size_t kKeysMax = 256;
  /// `logs`: of each log its keys, by its name. The signer's key is the store's. Both outlive this.
  WitnessDesk(std::vector<NoteKey> logs, const NoteSigner& signer, WitnessStore& store)
      : logs_{std::move(logs)}, signer_{&signer}, store_{&store} {}

  /// The whole of add-checkpoint: what judge_submission says; with 200 the tree is on disk before this returns, and the body
  /// is the cosignature of `unix_s`. 500: the disk or the key would not, and nothing was cosigned.
  [[nodiscard]] WitnessAnswer take(std::string_view body, std::int64_t unix_s);

 private:
  [[nodiscard]] WitnessAnswer cosign(const Submission& submission, std::int64_t unix_s);
  [[nodiscard]] SignedCheckpoint as_signed_by_log(const SignedCheckpoint& checkpoint) const;
  std::vector<NoteKey> logs_;
  const NoteSigner* signer_;
  WitnessStore* store_;
};

}  // namespace chiploc
