#pragma once
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/notices/dispatcher.hpp"
#include "server/notices/post.hpp"
#include "server/policy/retention.hpp"
#include "server/service/notice_control.hpp"
#include "server/storage/store_thread.hpp"

namespace chiploc {

/// Has notices sent: turns the dispatcher on the store's thread, behind everything that cannot wait (its patient lane), when
/// something was written, an attempt has ended, or it is time. Removes what is old. Counts and logs what became of each.
///
/// Owns      the dispatcher with its senders, and the NoticePost that everybody writes notices through.
/// Threads   start(), stop() and what the timer calls: the one that runs `io`. wake() any. What post() and control
///           functions for the store's thread do: there.
/// Stopping  stop(): what has ended is written, nothing more is sent. Then the store's thread ends, then this goes, and cuts
///           what is on its way: it is sent again after the next start, with its id.
class NoticeClock final : public NoticeControl {
 public:
  static constexpr std::chrono::seconds kAfterFailure{5};
  static constexpr std::chrono::seconds kLongest{60};  ///< between two looks: clocks may be set
  struct Options {
    CoordinatorId source;
    DeliveryRules delivery{};
    SendLimits http{};
    /// In force; asked each time that something is looked at, on the thread that runs `io`.
    std::function<NoticeRetention()> retention = [] { return NoticeRetention{}; };
    DeliveryDesk::Dice dice;
    std::function<Registry::Snapshot()> registry;
    std::function<WallTime()> now;
  };
  NoticeClock(asio::io_context& io, std::vector<NoticeSink> sinks, Options options);
  ~NoticeClock() override;

  /// For everybody who has something to tell; outlived by this.
  [[nodiscard]] const NoticePost& post() const { return post_; }
  /// What fires at the start, from the store, before its thread starts; and a warning of what waits for sinks that there are
  /// no more.
  [[nodiscard]] Stored<Done> begin(StoreReader& reader);
  /// From now on it looks, through this store's thread, until stop().
  void start(StoreThread& store);
  void stop();

  [[nodiscard]] const std::vector<NoticeSinkView>& sinks() const override { return views_; }
  [[nodiscard]] const NoticeCounters& counters() const override { return counters_; }
  void wake() override;
  [[nodiscard]] Stored<Done> switch_sink(Store& store, const std::string& sink,
                                         const std::optional<std::string>& why_off, WallTime now) override;
  [[nodiscard]] Stored<NoticeId> post_to(Store& store, const std::string& sink,
                                         const Notice& notice) override;
  void committed(bool durable) override;

 private:
  struct Looked {
    Stored<std::optional<WallTime>> next{std::nullopt};
  };
  void look();
  void on_looked(const Looked& looked, const Stored<Done>& committed);
  void look_in(Nanoseconds how_long);
  void prune(OutboxPruned so_far);
  void on_pruned(const Stored<OutboxPruned>& step, OutboxPruned so_far);
  void prune_in(Nanoseconds how_long);
  void failed(const std::string& why);
  // On the store's thread.
  void settle(bool durable);
  void tell(const Settled& settled);

  asio::io_context& io_;
  const Options options_;
  asio::steady_timer timer_, prune_timer_;
  StoreThread* store_ = nullptr;
  std::vector<NoticeSinkView> views_;
  NoticeCounters counters_;
  bool looking_ = false, again_ = false, failing_ = false;
  std::atomic<bool> stopped_{false};  ///< also for a look that waits for the store
  WallTime begun_wall_;
  SteadyTime begun_steady_;
  std::atomic<bool> woken_{false};
  // The store's thread's:
  std::set<std::string, std::less<>> failing_sinks_;
  NoticeDispatcher dispatcher_;  ///< its senders end before what they call
  const NoticePost post_;
};

}  // namespace chiploc
