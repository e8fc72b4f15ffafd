#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "server/storage/store.hpp"

namespace chiploc {

/// Owns a Store on a thread of its own. Others post work; what is waiting together is committed together, so
/// a thousand rounds cost as many disk flushes as one. Never drops accepted work: the destructor and stop()
/// drain.
///
/// Two lanes: rounds and imports go first, what can wait (mesh, knocks, pruning) takes at least a quarter of
/// each batch when there is any. A batch ends at so many rows, not only at so many works: whoever posts large
/// works makes more batches, none that holds the others for long.
///
///     store.post([&intent](Store& s) { saved = s.log_intent(intent); },
///                [](const Stored<Done>& committed) { /* on the store's thread, after the flush */ });
class StoreThread {
 public:
  struct Options {
    std::size_t queue_max = 8'192;  ///< about a second of reports at full speed; beyond it post() refuses
    std::size_t batch_max =
        512;  ///< works to a transaction: beyond some hundreds the flush no longer dominates
    std::size_t batch_rows_max = 1'024;  ///< rows to a transaction, about; some 3 ms
    std::size_t patient_max = 4'096;     ///< works of the patient lane that wait; beyond it post() refuses
  };
  /// What a work asks for.
  struct Load {
    std::size_t rows = 1;  ///< that it writes, about
    bool patient = false;  ///< others may overtake it
  };
  /// Runs on the store's thread, unless the batch could not begin (then only Committed hears of it). It
  /// reports its own results (capture them); what it did is not durable yet.
  using Work = std::function<void(Store&)>;
  /// Runs on the store's thread, once per accepted work, in the order of posting, after the commit of its
  /// batch. With a fault, nothing that the work did is in the store, whatever its own results said.
  using Committed = std::function<void(const Stored<Done>&)>;

  struct Counters {
    std::uint64_t posted = 0;
    std::uint64_t refused = 0;  ///< the queue was full, or the thread stopped
    std::uint64_t batches = 0;
    std::uint64_t batches_failed = 0;
    std::size_t waiting = 0;
    std::size_t rows_most = 0;  ///< in one batch, by their loads: how long the store was held at a time
  };

  explicit StoreThread(std::unique_ptr<Store> store) : StoreThread(std::move(store), Options{}) {}
  StoreThread(std::unique_ptr<Store> store, Options options);
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  /// From any thread, the store's own included. False: refused and counted; neither function will run. Works
  /// of one lane keep their order.
  [[nodiscard]] bool post(Work work, Committed committed = {});
  [[nodiscard]] bool post(Work work, Committed committed, Load load);
  /// More than half of the queue is taken: time to begin nothing new, so that what was begun finds room.
  [[nodiscard]] bool crowded() const;
  /// Finishes everything accepted, closes the store, then ends the thread. Not from the store's thread.
  /// Idempotent.
  void stop();
  [[nodiscard]] Counters counters() const;
  /// Called after each batch that was committed and told to its owners, on the store's thread: only to wake somebody. Null: nobody is told any
  /// more, but one call may still be running.
  void on_commit(std::function<void()> told);
  /// How long the works of each batch took, and its commit. Called on the store's thread; for measurements.
  using Watch = std::function<void(std::chrono::nanoseconds works, std::chrono::nanoseconds commit)>;
  void watch_batches(Watch watch);

 private:
  struct Item {
    Work work;
    Committed committed;
    std::size_t rows = 1;
  };
  /// Under the lock. Takes from `lane` while the batch has room for `works` and `rows`, and its first however
  /// large it is: it has to go at some time.
  void take(std::deque<Item>& lane, std::deque<Item>& batch, std::size_t works, std::size_t rows);
  void run();
  void run_batch(std::deque<Item>& batch);

  std::unique_ptr<Store> store_;
  const Options options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::deque<Item> patient_;
  std::size_t batch_rows_ = 0;  ///< of the batch that is being put together
  Watch watch_;
  std::function<void()> told_;
  Counters counters_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chiploc
