#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "server/anchor/prober_types.hpp"
#include "server/anchor/report.hpp"
#include "server/anchor/spool.hpp"

namespace chiploc {

/// The thread that signs results and keeps them on disk, so that neither a signature nor an fsync ever delays
/// a ping. It alone uses the spool and the signer. Other threads hand it jobs over a bounded queue; jobs are
/// done in order, and one sync covers all that were waiting.
class Keeper {
 public:
  struct Options {
    ReportIdentity identity;
    /// Results waiting to be written; more are dropped and counted.
    std::size_t queue = 65'536;
    /// Called on the keeper's thread after a batch became durable, and after messages were dropped.
    std::function<void()> on_kept;
    /// Called on the keeper's thread with one log line about messages that were lost (at most one a second)
    /// or a disk that does not sync.
    std::function<void(const std::string& line)> on_lost;
  };
  Keeper(Options options, std::unique_ptr<Spool> spool, std::unique_ptr<Signer> key);
  /// Does what is queued, syncs, and ends the thread.
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void keep(RoundReport report);
  void keep(const RoundId& round, ByteVector statement);
  void keep(KnockRecord knock);
  void keep(MeshWindow window);
  void acknowledge(std::uint64_t id);
  /// Reads up to `count` durable messages above `after` and gives them to `then` on the keeper's thread.
  void fetch(std::uint64_t after, std::size_t count, std::function<void(std::vector<SpoolEntry>)> then);

  /// Messages lost since the start: a full spool, a full queue, the disk, a signature that failed.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }

 private:
  using Job = std::function<void()>;
  void post(Job job, bool may_drop);
  void run();
  void store(const Result<ByteVector, KeyFault>& message, SpoolPriority priority);
  void lost(const std::string& reason);
  void sync();

  Options options_;
  std::unique_ptr<Spool> spool_;  // from here on the keeper's thread only
  std::unique_ptr<Signer> key_;
  bool dirty_ = false;
  bool sync_fails_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t lost_unlogged_ = 0;
  std::optional<std::chrono::steady_clock::time_point> lost_logged_;

  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> queue_dropped_{0};
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chiploc
