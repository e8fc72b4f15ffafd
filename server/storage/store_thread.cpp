#include "server/storage/store_thread.hpp"

#include <algorithm>
#include <utility>

namespace chiploc {

StoreThread::StoreThread(std::unique_ptr<Store> store, Options options)
    : store_{std::move(store)}, options_{options}, thread_{[this] { run(); }} {}

StoreThread::~StoreThread() { stop(); }

bool StoreThread::post(Work work, Committed committed) {
  return post(std::move(work), std::move(committed), Load{});
}

bool StoreThread::post(Work work, Committed committed, Load load) {
  {
    const std::scoped_lock lock{mutex_};
    std::deque<Item>& lane = load.patient ? patient_ : queue_;
    if (stopping_ || lane.size() >= (load.patient ? options_.patient_max : options_.queue_max)) {
      ++counters_.refused;
      return false;
    }
    ++counters_.posted;
    lane.push_back({std::move(work), std::move(committed), std::max<std::size_t>(load.rows, 1)});
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
  counters.waiting = queue_.size() + patient_.size();
  return counters;
}

void StoreThread::watch_batches(Watch watch) {
  const std::scoped_lock lock{mutex_};
  watch_ = std::move(watch);
}

void StoreThread::on_commit(std::function<void()> told) {
  const std::scoped_lock lock{mutex_};
  told_ = std::move(told);
}

bool StoreThread::crowded() const {
  const std::scoped_lock lock{mutex_};
  return queue_.size() > options_.queue_max / 2;
}

void StoreThread::take(std::deque<Item>& lane, std::deque<Item>& batch, std::size_t works, std::size_t rows) {
  for (bool first = true; !lane.empty() && batch.size() < works; first = false) {
    if (!first && batch_rows_ + lane.front().rows > rows) return;
    batch_rows_ += lane.front().rows;
    batch.push_back(std::move(lane.front()));
    lane.pop_front();
  }
}

void StoreThread::run() {
  for (;;) {
    std::deque<Item> batch;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || !patient_.empty(); });
      if (queue_.empty() && patient_.empty()) break;  // stopping, and drained
      batch_rows_ = 0;
      const std::size_t kept = patient_.empty() ? 0 : 4;  // a quarter for those that wait
      const auto but = [kept](std::size_t all) { return kept == 0 ? all : all - all / kept; };
      take(queue_, batch, but(options_.batch_max), but(options_.batch_rows_max));
      take(patient_, batch, options_.batch_max, options_.batch_rows_max);
      counters_.rows_most = std::max(counters_.rows_most, batch_rows_);
    }
    run_batch(batch);
  }
  store_.reset();  // closes the database: the next owner may open it as soon as stop() has returned
}

void StoreThread::run_batch(std::deque<Item>& batch) {
  using Clock = std::chrono::steady_clock;
  Stored<Done> outcome = store_->begin_batch();
  const auto begun = Clock::now();
  auto worked = begun;
  if (outcome) {
    for (const Item& item : batch) item.work(*store_);
    worked = Clock::now();
    outcome = store_->commit_batch();
  }
  Watch watch;
  std::function<void()> told;
  {
    const std::scoped_lock lock{mutex_};
    ++counters_.batches;
    if (!outcome) ++counters_.batches_failed;
    watch = watch_;
    if (outcome) told = told_;
  }
  if (watch) watch(worked - begun, Clock::now() - worked);
  for (const Item& item : batch) {
    if (item.committed) item.committed(outcome);
  }
  if (told) told();
}

}  // namespace chiploc
