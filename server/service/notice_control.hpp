#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "server/notices/notice.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

// How the people's side of the API reaches what sends notices. server/coordinator/notice_clock.hpp implements it.

/// A sink of chiplocd.toml, as far as people may see it.
struct NoticeSinkView {
  std::string name;
  std::string receiver;  ///< scheme, host and port: what stands behind may be a secret
  std::string format;
  std::vector<std::string> kinds;
};

/// Since the start. Thread-safe.
struct NoticeCounters {
  std::atomic<std::uint64_t> muted{0};  ///< notices that were kept back, about: what is undone is counted too
  std::atomic<std::uint64_t> delivered{0};      ///< deliveries that were answered 2xx
  std::atomic<std::uint64_t> failed{0};         ///< attempts that were not
  std::atomic<std::uint64_t> dead{0};           ///< deliveries that were given up
  std::atomic<std::uint64_t> turns_failed{0};   ///< the outbox could not be read or written
  std::atomic<std::uint64_t> pruned_unsent{0};  ///< deliveries that went by age, unsent
  std::atomic<std::uint64_t> alerts_left_out{
      0};  ///< open cases and held orders beyond what an Alertmanager is told of
};

class NoticeControl {
 public:
  NoticeControl() = default;
  NoticeControl(const NoticeControl&) = delete;
  NoticeControl& operator=(const NoticeControl&) = delete;
  virtual ~NoticeControl() = default;

  /// By name; the same for ever.
  [[nodiscard]] virtual const std::vector<NoticeSinkView>& sinks() const = 0;
  [[nodiscard]] virtual const NoticeCounters& counters() const = 0;
  /// There may be something to send, or to rest. From any thread.
  virtual void wake() = 0;

  // On the store's thread, in a transaction.
  /// Switches a sink of the configuration on (nullopt) or off. What was decided is true when it is on the disk: tell
  /// committed() of it.
  [[nodiscard]] virtual Stored<Done> switch_sink(Store& store, const std::string& sink,
                                                 const std::optional<std::string>& why_off, WallTime now) = 0;
  /// Writes a notice for this sink alone.
  [[nodiscard]] virtual Stored<NoticeId> post_to(Store& store, const std::string& sink,
                                                 const Notice& notice) = 0;
  /// On the store's thread, behind that transaction: it is on the disk, or was undone.
  virtual void committed(bool durable) = 0;
};

}  // namespace chiploc
