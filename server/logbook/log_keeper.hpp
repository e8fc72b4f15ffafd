#pragma once
// Puts what the database has for the evidence log into the log, in batches, each under a new signed checkpoint.

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "proto/crypto/keys.hpp"
#include "server/evidence/log_folder.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

struct LogOptions {
  std::filesystem::path folder;
  std::string origin;  ///< the log's name
  /// Between batches; while there is much to do, none.
  std::chrono::milliseconds period{500};
  std::function<WallTime()> now{};
  /// Called with a sentence when a batch failed, and with "" when one went well again; on the keeper's thread.
  std::function<void(const std::string& problem)> told{};
};

/// Witnesses who are to sign the newest tree too: their signatures, as many as came. Called on the keeper's thread after each
/// batch, may take its time, and asks for proofs of growth by the function that it is given.
using AskWitnesses = std::function<std::vector<NoteSignature>(
    const SignedCheckpoint& head,
    const std::function<Logged<MerkleProof>(std::uint64_t old_size)>& prove_growth)>;

/// The database says what is in the log and in which order, and the folder is made from that alone: killed at any moment, or with
/// its folder lost, the same entries come at the same places again. An entry is the database's when its transaction is; it is
/// in the tree when a checkpoint covers it, at most a period and a batch later.
///
/// Threads   one of its own from start() to stop(), which alone writes the folder and uses the reader; the rest any.
class LogKeeper {
 public:
  /// Opens the log, or makes it where no folder is. Fails with a sentence where the folder and the database disagree: a log with
  /// more entries than the database, or whose last one is another; one signed by another key; a database without a begun log. The
  /// reader is the keeper's alone; the key outlives it.
  [[nodiscard]] static Result<std::unique_ptr<LogKeeper>, std::string> open(LogOptions options,
                                                                            const Signer& key,
                                                                            StoreReader& reader);
  ~LogKeeper();
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;

  /// What is there goes into the log, now. Before start().
  [[nodiscard]] Result<Done, std::string> integrate();
  /// Before start().
  void ask_witnesses(AskWitnesses ask) { ask_ = std::move(ask); }
  void start();
  /// One batch more goes in; what is left does after the next start. Idempotent.
  void stop();

  struct State {
    std::uint64_t size = 0;          ///< entries under the newest checkpoint
    std::uint64_t batches = 0;       ///< that went in
    std::uint64_t failures = 0;      ///< batches that did not
    std::uint64_t cosignatures = 0;  ///< that came
    std::uint64_t cosigned = 0;      ///< size of the newest tree that a witness signed
    std::string problem{};           ///< why the last batch failed; empty: it did not
  };
  [[nodiscard]] State state() const;
  [[nodiscard]] const NoteKey& key() const { return signer_.key(); }

 private:
  LogKeeper(LogOptions options, NoteSigner signer, StoreReader& reader, Digest seed, LogFolder log);
  void run();
  void note(const Result<Done, std::string>& batch);
  /// One batch; false: there was nothing.
  Result<bool, std::string> integrate_some();
  void cosign();

  const LogOptions options_;
  const NoteSigner signer_;
  StoreReader& reader_;
  const Digest seed_;
  std::optional<LogFolder> log_;  ///< nullopt after a fault of the disk, until it can be opened anew
  AskWitnesses ask_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  State state_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chiploc
