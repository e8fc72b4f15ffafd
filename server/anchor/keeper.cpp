#include "server/anchor/keeper.hpp"

#include <utility>

namespace chiploc {
namespace {
constexpr std::chrono::seconds kSyncAgain{1};
constexpr std::chrono::seconds kLostLogInterval{1};
}  // namespace

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
      const auto due = [this] { return stopping_ || !jobs_.empty(); };
      if (dirty_) {
        wake_.wait_for(lock, kSyncAgain, due);  // the last sync failed
      } else {
        wake_.wait(lock, due);
      }
      if (jobs_.empty() && stopping_) break;
      batch.swap(jobs_);
    }
    for (const Job& job : batch) job();
    batch.clear();
    if (!dirty_) continue;
    sync();
    dropped_ = spool_->dropped() + lost_ + queue_dropped_.load();
    if (options_.on_kept) options_.on_kept();
  }
}

void Keeper::lost(const std::string& reason) {
  dropped_ =
      spool_->dropped() + lost_ + queue_dropped_.load();  // a fetch may end this batch's work: not only there
  ++lost_unlogged_;
  const auto now = std::chrono::steady_clock::now();
  if (lost_logged_ && now - *lost_logged_ < kLostLogInterval) return;  // a full disk needs no log to fill it
  lost_logged_ = now;
  if (options_.on_lost) {
    options_.on_lost("spool.lost messages=" + std::to_string(lost_unlogged_) + " reason=\"" + reason + "\"");
  }
  lost_unlogged_ = 0;
}

void Keeper::sync() {
  const auto done = spool_->sync();
  dirty_ = !done;  // and again, at the latest after kSyncAgain
  if (sync_fails_ == !done) return;
  sync_fails_ = !done;
  if (!options_.on_lost) return;
  options_.on_lost(done ? "spool.durable_again"
                        : "spool.not_durable reason=\"" + done.error() +
                              "\"; messages are delivered all the same, and written again until it works");
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
        // What this batch appended is not durable yet, and should be before it leaves. If the disk does not
        // take it, the coordinator's is the better place.
        if (dirty_) sync();
        then(spool_->read(after, count));
      },
      false);
}

}  // namespace chiploc
