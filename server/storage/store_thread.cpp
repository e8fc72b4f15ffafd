#include "server/storage/store_thread.hpp"

#include <utility>

namespace chiploc {

StoreThread::StoreThread(std::unique_ptr<Store> store, Options options)
    : store_{std::move(store)}, options_{options}, thread_{[this] { run(); }} {}

StoreThread::~StoreThread() { stop(); }

bool StoreThread::post(Work work, Committed committed) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopping_ || queue_.size() >= options_.queue_max) {
      ++counters_.refused;
      return false;
    }
    ++counters_.posted;
    queue_.push_back({std::move(work), std::move(committed)});
  }
  wake_.notify_one();
  return true;
}

void StoreThread::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

StoreThread::Counters StoreThread::counters() const {
  const std::scoped_lock lock{mutex_};
  Counters counters = counters_;
  counters.waiting = queue_.size();
  return counters;
}

bool StoreThread::crowded() const {
  const std::scoped_lock lock{mutex_};
  return queue_.size() > options_.queue_max / 2;
}

void StoreThread::run() {
  for (;;) {
    std::deque<Item> batch;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) break;  // stopping, and drained
      while (!queue_.empty() && batch.size() < options_.batch_max) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    run_batch(batch);
  }
  store_.reset();  // closes the database: the next owner may open it as soon as stop() has returned
}

void StoreThread::run_batch(std::deque<Item>& batch) {
  Stored<Done> outcome = store_->begin_batch();
  if (outcome) {
    for (const Item& item : batch) item.work(*store_);
    outcome = store_->commit_batch();
  }
  {
    const std::scoped_lock lock{mutex_};
    ++counters_.batches;
    if (!outcome) ++counters_.batches_failed;
  }
  for (const Item& item : batch) {
    if (item.committed) item.committed(outcome);
  }
}

}  // namespace chiploc
