#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace chiploc {

struct WatchLimits {
  std::size_t watchers = 10'000;     ///< at once; one more is refused
  std::size_t by_caller = 100;       ///< of these by one certificate, or one person's tokens
  std::size_t piece_bytes = 16'384;  ///< of JSON that one watcher is handed at a time, about
  std::size_t piece_events = 64;     ///< likewise
  std::size_t page = 256;            ///< events read from the store, or looked at for one watcher, in one go
  std::size_t recent = 4'096;        ///< events in memory; who is further behind has them read from the store
  std::size_t pieces_bytes = 33'554'432;  ///< of pieces that are kept for others who get the same
  std::uint64_t passed = 1'000;           ///< events that are not theirs, until a watcher hears how far it is
  std::chrono::seconds slow{60};          ///< for one piece; then the watcher is cut
  std::chrono::hours look_every{1};  ///< an entry of the audit log holds for what a watcher sees for so long
};

}  // namespace chiploc
