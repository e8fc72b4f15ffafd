#include "server/service/work_thread.hpp"

#include <utility>

namespace chiploc {

WorkThread::WorkThread(std::size_t queue_max) : queue_max_{queue_max}, thread_{[this] { run(); }} {}

WorkThread::~WorkThread() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool WorkThread::post(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void WorkThread::run() {
  std::unique_lock lock{mutex_};
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace chiploc
