#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/follow_up/follow_up.hpp"
#include "server/service/api_counters.hpp"
#include "server/status/status_keeper.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

/// Has the stories of chips told on: begins those of chips that were imported, and tells what time alone has changed, or
/// other rules that came into force; with a FollowUp also of what follows from them.
/// In portions behind everything that cannot wait (the patient lane of the store's thread), one at a time.
///
/// Threads   the one that runs `io`; the portions run on the store's.
/// Stopping  stop(), then the store's thread, then this goes.
class StatusClock {
 public:
  static constexpr std::chrono::seconds kEvery{5};
  static constexpr std::size_t kAtOnce = 500;  ///< chips in a portion: some 150 ms of a busy machine's store
  /// The version of the registry in force: another one may have new chips.
  using RegistryVersion = std::function<std::uint64_t()>;

  StatusClock(asio::io_context& io, StoreThread& store, StatusKeeper& keeper, RegistryVersion version,
              ApiCounters& counters, std::function<WallTime()> now, const FollowUp* follow = nullptr);
  /// Looks now, and from then on until stop().
  void start();
  void stop();
  /// One look, if none is under way; start() calls it. Where a portion has left others over the next one follows at
  /// once.
  void look();

 private:
  struct Looked {
    Stored<std::string> rules{std::string{}};  ///< that were taken; empty: the store had them
    Stored<StatusKeeper::Portion> begun{StatusKeeper::Portion{}};
    Stored<StatusKeeper::Portion> followed{StatusKeeper::Portion{}};  ///< begun to be
    Stored<StatusKeeper::Portion> told{StatusKeeper::Portion{}};
  };
  void on_looked(const Looked& looked, const Stored<Done>& committed, std::uint64_t version);
  /// Counts it, and logs it once until it has worked again.
  void failed(const std::string& why);

  asio::io_context& io_;
  asio::steady_timer timer_;
  StoreThread& store_;
  StatusKeeper& keeper_;
  RegistryVersion version_;
  ApiCounters& counters_;
  std::function<WallTime()> now_;
  const FollowUp* follow_;                      ///< null: nothing follows
  std::optional<std::uint64_t> begun_version_;  ///< of whose chips all have a story
  std::optional<std::string> ruled_by_;         ///< the rules that the store has, as far as is known
  bool looking_ = false;
  bool stopped_ = false;
  bool failing_ = false;
};

}  // namespace chiploc
