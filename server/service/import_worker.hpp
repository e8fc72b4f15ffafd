#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace chiploc {

/// Imports, one after the other, on a thread of their own: a million chips are a minute of certificate
/// checks, which must hold up neither the coordinator nor anybody's question. Accepted work is always run,
/// the destructor drains.
class ImportWorker {
 public:
  explicit ImportWorker(std::size_t queue_max = 4);
  ~ImportWorker();
  ImportWorker(const ImportWorker&) = delete;
  ImportWorker& operator=(const ImportWorker&) = delete;

  /// From any thread. False: as many are waiting as may, or the worker is ending.
  [[nodiscard]] bool post(std::function<void()> work);

 private:
  void run();
  const std::size_t queue_max_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chiploc
