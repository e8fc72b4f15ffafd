#pragma once
// A log asks its witnesses: C2SP tlog-witness v1, add-checkpoint, from the log's side.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/evidence/merkle.hpp"
#include "server/witness/cosign_answer.hpp"

namespace chiploc {

struct WitnessPlace {
  std::string
      url;  ///< "https://HOST[:PORT][/PATH]", the submission prefix: "/add-checkpoint" is put behind it
  NoteKey key;
};
/// What became of one witness.
struct Cosigning {
  std::string witness;  ///< its key's name
  Result<NoteSignature, CosignFault> outcome;
};
/// From a tree of before to the one that is shown; or the end of a sentence that says why not.
using GrowthProver = std::function<Result<MerkleProof, std::string>(std::uint64_t old_size)>;

struct CosignOptions {
  std::filesystem::path
      ca{};  ///< PEM: the only authorities believed for the connections; empty: the system's
  Nanoseconds connect = std::chrono::seconds{3};
  Nanoseconds whole = std::chrono::seconds{8};  ///< of one request; ask() takes twice that at most
};

/// Remembers of each witness up to where it has cosigned, so that in the long run each is asked once. Who forgets that (a new
/// start) learns it from the first answer, which is a 409 then.
///
/// Threads   ask() blocks its caller and is for one thread at a time; stop() is for any. libcurl has a thread of its own.
class CosignClient {
 public:
  static constexpr std::size_t kWitnessesMax = 32, kAnswerBytesMax = 65'536;

  /// Fails with a sentence: a URL that is none, more than kWitnessesMax, one key twice, a key that cosigns nothing.
  [[nodiscard]] static Result<std::unique_ptr<CosignClient>, std::string> open(
      std::vector<WitnessPlace> witnesses, const CosignOptions& options);
  ~CosignClient();
  CosignClient(const CosignClient&) = delete;
  CosignClient& operator=(const CosignClient&) = delete;

  /// Shows the checkpoint to all of them at once, and waits for the last answer. `prove_growth` is called here, on the
  /// caller's thread, at most twice for each witness. One outcome for each, in their order.
  [[nodiscard]] std::vector<Cosigning> ask(const SignedCheckpoint& head, const GrowthProver& prove_growth);
  /// Whoever waits in ask() gets what has come, and kStopped for the rest; so does every later ask().
  void stop();

 private:
  struct Inside;
  explicit CosignClient(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// The checkpoint with these signatures too, each in place of an older one by the same key: what the log puts out. Others'
/// stay, up to kNoteSignaturesMax in all.
[[nodiscard]] SignedCheckpoint with_cosignatures(const SignedCheckpoint& head,
                                                 const std::vector<Cosigning>& outcomes);

}  // namespace chiploc
