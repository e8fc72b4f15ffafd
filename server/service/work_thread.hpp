#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace chiploc {

/// Work of one kind, one after the other, on a thread of its own: a million chips to import are a minute of
/// certificate checks, which must hold up neither the coordinator nor anybody's question. Accepted work is
/// always run, the destructor drains.
class WorkThread {
 public:
  explicit WorkThread(std::size_t queue_max = 4);
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

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
