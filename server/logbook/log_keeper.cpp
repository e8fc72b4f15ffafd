#include "server/logbook/log_keeper.hpp"

#include <utility>
#include <vector>

#include "server/logbook/fact_leaf.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kBatch = 256;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.since_epoch).count();
}

/// The last entry of the log is what the database says of its place: then a log and a database belong together, for each
/// entry is written once and follows from the one database. `chiploc log audit` looks at all of them.
Result<Done, std::string> agree(const LogFolder& log, StoreReader& reader, const Digest& seed,
                                const std::filesystem::path& folder) {
  const auto count = reader.leaves().leaf_count();
  if (!count) return Fail{count.error().text};
  if (log.size() == 0) return Done{};
  const std::string both = folder.string() + " has " + std::to_string(log.size()) + " entries";
  if (log.size() > *count)
    return Fail{both + ", and the database has " + std::to_string(*count) +
                ": it is older than its log; restore the newest backup of the database"};
  const auto fact = reader.leaves().leaves_from(log.size() - 1, 1);
  if (!fact) return Fail{fact.error().text};
  if (fact->size() != 1) return Fail{both + ", whose last the database does not have"};
  const auto said = entry_of(fact->front(), seed);
  const auto there = log.entry(log.size() - 1);
  if (!said) return Fail{said.error()};
  if (!there) return Fail{there.error().text};
  if (Bytes{*there}.size() != said->size() ||
      !std::equal(there->begin(), there->end(), bytes_of(*said).begin()))
    return Fail{both +
                ", and the last is not what the database says: they do not belong together; restore "
                "the database that wrote this log"};
  return Done{};
}

Logged<LogFolder> open_or_make(const LogOptions& options, const NoteSigner& signer) {
  auto log = LogFolder::open(options.folder, signer.key());
  if (log || log.error().code != LogFault::Code::kNotFound) return log;
  return LogFolder::create(options.folder, signer, seconds_of(options.now()));
}

}  // namespace

Result<std::unique_ptr<LogKeeper>, std::string> LogKeeper::open(LogOptions options, const Signer& key,
                                                                StoreReader& reader) {
  auto signer = NoteSigner::with_ed25519(options.origin, NoteSignatureType::kEd25519, key);
  if (!signer) return Fail{"the log's key: " + signer.error().text};
  const auto seed = reader.leaves().leaf_seed();
  if (!seed) return Fail{seed.error().text};
  if (!*seed) return Fail{std::string{"the database has no log"}};
  auto log = open_or_make(options, *signer);
  if (!log) return Fail{log.error().text};
  if (const auto fits = agree(*log, reader, **seed, options.folder); !fits) return Fail{fits.error()};
  return std::unique_ptr<LogKeeper>{
      new LogKeeper{std::move(options), *std::move(signer), reader, **seed, *std::move(log)}};
}

LogKeeper::LogKeeper(LogOptions options, NoteSigner signer, StoreReader& reader, Digest seed, LogFolder log)
    : options_{std::move(options)},
      signer_{std::move(signer)},
      reader_{reader},
      seed_{seed},
      log_{std::move(log)} {
  state_.size = log_->size();
}

LogKeeper::~LogKeeper() { stop(); }

Result<bool, std::string> LogKeeper::integrate_some() {
  if (!log_) {
    auto log = LogFolder::open(options_.folder, signer_.key());
    if (!log) return Fail{log.error().text};
    log_ = *std::move(log);
  }
  const auto facts = reader_.leaves().leaves_from(log_->size(), kBatch);
  if (!facts) return Fail{facts.error().text};
  if (facts->empty()) return false;
  std::vector<ByteVector> entries;
  entries.reserve(facts->size());
  for (const StoredLeaf& fact : *facts) {
    const auto text = entry_of(fact, seed_);
    if (!text) return Fail{"entry " + std::to_string(fact.index) + ": " + text.error()};
    entries.emplace_back(text->begin(), text->end());
  }
  const auto added = log_->append(entries, signer_, seconds_of(options_.now()));
  if (added) return true;
  if (added.error().code == LogFault::Code::kDisk) log_.reset();
  return Fail{added.error().text};
}

Result<Done, std::string> LogKeeper::integrate() {
  for (;;) {
    const auto some = integrate_some();
    if (!some) {
      note(Fail{some.error()});
      return Fail{some.error()};
    }
    if (!*some) break;
    note(Done{});
    const std::scoped_lock lock{mutex_};
    if (stopping_) break;  // what is left goes in after the next start
  }
  return Done{};
}

void LogKeeper::note(const Result<Done, std::string>& batch) {
  std::string problem = batch ? std::string{} : batch.error();
  bool changed = false;
  {
    const std::scoped_lock lock{mutex_};
    ++(batch ? state_.batches : state_.failures);
    if (batch) state_.size = log_->size();
    changed = problem != state_.problem;
    state_.problem = problem;
  }
  if (changed && options_.told) options_.told(problem);
}

void LogKeeper::cosign() {
  if (!ask_ || !log_) return;
  const std::vector<NoteSignature> came =
      ask_(log_->head(), [this](std::uint64_t old_size) { return log_->prove_growth(old_size); });
  if (came.empty()) return;
  SignedCheckpoint head = log_->head();
  head.note.signatures.insert(head.note.signatures.end(), came.begin(), came.end());
  if (const auto put = log_->put_head(head); !put) {
    if (put.error().code == LogFault::Code::kDisk) log_.reset();
    return note(Fail{put.error().text});
  }
  const std::scoped_lock lock{mutex_};
  state_.cosigned = state_.size;
  state_.cosignatures += came.size();
}

void LogKeeper::start() {
  thread_ = std::thread{[this] { run(); }};
}

void LogKeeper::run() {
  std::uint64_t shown = 0;  // to witnesses
  for (;;) {
    if (integrate() && log_ && log_->size() > shown) {
      shown = log_->size();
      cosign();
    }
    std::unique_lock lock{mutex_};
    if (wake_.wait_for(lock, options_.period, [this] { return stopping_; })) break;
  }
  (void)integrate();
}

void LogKeeper::stop() {
  {
    const std::scoped_lock lock{mutex_};
    if (stopping_) return;
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

LogKeeper::State LogKeeper::state() const {
  const std::scoped_lock lock{mutex_};
  return state_;
}

}  // namespace chiploc
