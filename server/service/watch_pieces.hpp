#pragma once
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "server/service/watch_events.hpp"
#include "server/service/watch_feed.hpp"

namespace chiploc {

/// The number behind which an `after` goes on; empty: the newest. kBadField, kConflict as WatchFeed::join.
[[nodiscard]] Answer<std::uint64_t> position_of(const std::string& after, StoreReader& reader);

/// Events read once and made into bytes once for each class of watchers. One thread.
class WatchPieces {
 public:
  using RegistryNow = std::function<std::shared_ptr<const Registry>()>;
  WatchPieces(StoreReader& reader, RegistryNow registry, const WatchLimits& limits)
      : reader_{reader}, registry_{std::move(registry)}, limits_{limits} {}

  [[nodiscard]] Answer<std::uint64_t> newest();
  /// What comes behind this number for this class; there is something. Without events where nothing of it is theirs.
  [[nodiscard]] Answer<WatchedPiece> after(std::uint64_t number, const WatchClass& viewer);
  /// A piece that only says where one is.
  [[nodiscard]] WatchedPiece position(std::uint64_t number) const;

 private:
  using Key = std::pair<WatchClass, std::uint64_t>;
  /// Of the events in memory those behind this number, from the store if need be; at most a page.
  [[nodiscard]] Answer<std::vector<const StoredEvent*>> rows_after(std::uint64_t number);
  [[nodiscard]] Answer<WatchedPiece> make(std::uint64_t number, const WatchClass& viewer,
                                          const Registry& registry);
  void keep(Key key, const WatchedPiece& piece);

  StoreReader& reader_;
  const RegistryNow registry_;
  const WatchLimits limits_;
  std::deque<StoredEvent> recent_;  ///< the newest that were read, without a gap
  std::vector<StoredEvent> old_;    ///< the last page of those before
  std::shared_ptr<const Registry>
      by_{};  ///< what kept_ was made by: whose a chip is may be another by the next
  std::map<Key, WatchedPiece> kept_;
  std::deque<std::pair<Key, std::size_t>> order_;  ///< of kept_, with their bytes, the oldest first
  std::size_t kept_bytes_ = 0;
};

}  // namespace chiploc
