#include "server/anchor/keeper.hpp"

#include <utility>

namespace chiploc {

Keeper::Keeper(Options options, std::unique_ptr<Spool> spool, std::unique_ptr<Signer> key)
    : options_{std::move(options)}, spool_{std::move(spool)}, key_{std::move(key)} {
  thread_ = std::thread{[this] { run(); }};
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Keeper::post(Job job, bool may_drop) {
  {
    const std::lock_guard lock{mutex_};
    if (may_drop && jobs_.size() >= options_.queue) {
      ++queue_dropped_;
      ++dropped_;
      return;
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Keeper::run() {
  std::deque<Job> batch;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) break;
      batch.swap(jobs_);
    }
    for (const Job& job : batch) job();
    batch.clear();
    if (!std::exchange(dirty_, false)) continue;
    if (const auto done = spool_->sync(); !done) lost(done.error());
    dropped_ = spool_->dropped() + lost_ + queue_dropped_.load();
    if (options_.on_kept) options_.on_kept();
  }
}

void Keeper::lost(const std::string& reason) {
  if (options_.on_lost) options_.on_lost("spool.lost reason=\"" + reason + "\"");
}

void Keeper::store(const Result<ByteVector, KeyFault>& message, SpoolPriority priority) {
  dirty_ = true;
  if (!message) {
    ++lost_;
    return lost(message.error().text);
  }
  const auto id = spool_->append(*message, priority);
  if (!id) lost(id.error());
}

void Keeper::keep(RoundReport report) {
  post(
      [this, report = std::move(report)] {
        store(report_message(report, options_.identity, *key_), SpoolPriority::kEvidence);
      },
      true);
}
void Keeper::keep(const RoundId& round, ByteVector statement) {
  post(
      [this, round, statement = std::move(statement)] {
        store(statement_message(round, statement), SpoolPriority::kEvidence);
      },
      true);
}
void Keeper::keep(KnockRecord knock) {
  post([this, knock = std::move(
                  knock)] { store(knock_message(knock, options_.identity), SpoolPriority::kEvidence); },
       true);
}
void Keeper::keep(MeshWindow window) {
  post(
      [this, window = std::move(window)] {
        store(mesh_message(window, options_.identity, *key_), SpoolPriority::kRoutine);
      },
      true);
}
void Keeper::acknowledge(std::uint64_t id) {
  post([this, id] { spool_->acknowledge(id); }, false);
}
void Keeper::fetch(std::uint64_t after, std::size_t count,
                   std::function<void(std::vector<SpoolEntry>)> then) {
  post(
      [this, after, count, then = std::move(then)] {
        // What this batch appended is not durable yet; nothing may leave before it is.
        if (std::exchange(dirty_, false)) {
          if (const auto done = spool_->sync(); !done) lost(done.error());
        }
        then(spool_->read(after, count));
      },
      false);
}

}  // namespace chiploc
