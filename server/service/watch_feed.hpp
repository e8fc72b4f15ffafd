#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/time.hpp"
#include "proto/v1/operator_service.pb.h"
#include "server/service/api_counters.hpp"
#include "server/service/caller.hpp"
#include "server/service/watch_limits.hpp"
#include "server/storage/audit_store.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

/// Some events in order, made once for all watchers of one class who stand at the same one. Thread-safe.
class WatchPiece {
 public:
  std::vector<v1::WatchEvent> events;  ///< redacted
  std::vector<std::string> json;       ///< of each
  std::uint64_t upto = 0;              ///< the number that they reach, events that are not theirs included
  std::optional<std::size_t> sealed;   ///< the first that shows what is sealed
  std::uint64_t sealed_events = 0;     ///< how many do
  /// An edge's form of it, made by the first that asks.
  [[nodiscard]] const std::string& text(std::string (*make)(const WatchPiece&)) const;

 private:
  mutable std::once_flag made_;
  mutable std::string text_;
};
using WatchedPiece = std::shared_ptr<const WatchPiece>;

/// An edge's side of one watcher. Called on the feed's thread; must not block.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// Asked before each piece: a fault ends the watch. Certificates are asked by their gates, which cut the connection.
  [[nodiscard]] virtual std::optional<ApiFault> no_longer_admitted() { return std::nullopt; }
  /// The next comes when Watching::taken() says that this one has gone out: nothing waits for a slow client but this.
  virtual void send(WatchedPiece piece) = 0;
  /// The last. Whoever watched may begin anew behind the last event that they saw.
  virtual void end(const ApiFault& fault) = 0;
};

struct WatchParts {
  StoreReader& reader;
  StoreThread& store;  ///< says when there may be more
  std::function<std::shared_ptr<const Registry>()> registry;
  std::function<SteadyTime()> steady;
  std::function<std::optional<AuditEntry>(const Caller&, const std::string&, const v1::WatchEvent&)> look_at;
  /// Calls back on the store's thread when the entry is on disk, or could not be written.
  std::function<void(AuditEntry, std::function<void(const Answer<Done>&)>)> note;
  ApiCounters& counters;
  WatchLimits limits{};
};

/// Tells watchers what is committed: reads each event once, makes its bytes once for each class of them, and hands each so much
/// as it takes. Nothing of a watcher's grows with what it has not taken: it is a position.
///
/// Threads   One of its own, which reads the store, redacts and hands over. Everything else may be called on any.
/// Stopping  end_all() before the edges stop, so that no stream is open for ever; then the edges, then this.
class WatchFeed {
 public:
  explicit WatchFeed(WatchParts parts);
  ~WatchFeed();
  WatchFeed(const WatchFeed&) = delete;
  WatchFeed& operator=(const WatchFeed&) = delete;

  class Seat;
  /// Has a place, behind the event that the request names or the newest; begins with start(). kBadField: kinds or `after`;
  /// kConflict: events behind it are not kept; kExhausted: as many watch as may; kUnavailable: this ends.
  [[nodiscard]] Answer<std::shared_ptr<class Watching>> join(const v1::WatchRequest& request,
                                                             const Caller& caller, std::string subject);
  /// Refuses new ones, and returns when all that watch have been told.
  void end_all();

 private:
  friend class Watching;
  struct State;
  class Run;
  const std::shared_ptr<State> state_;
  std::unique_ptr<Run> run_;
};

/// One watcher's place; gone with this. Thread-safe, and outlives the feed.
class Watching {
 public:
  Watching(std::shared_ptr<WatchFeed::State> feed, std::shared_ptr<WatchFeed::Seat> seat);
  ~Watching();
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  /// Once. The first piece says where it begins.
  void start(std::shared_ptr<Watcher> watcher);
  /// What was sent last has gone out.
  void taken();
  /// Nobody listens any more. The watcher is let go, and hears nothing that was not on its way.
  void leave();

 private:
  const std::shared_ptr<WatchFeed::State> feed_;
  const std::shared_ptr<WatchFeed::Seat> seat_;
};

}  // namespace chiploc
