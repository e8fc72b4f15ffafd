#pragma once
// What other systems are to be told, until they have been: written in the transaction of what it tells.

#include <optional>
#include <string>
#include <vector>

#include "server/notices/delivery.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// A notice as it is kept: `event` is what receivers get, to the byte.
struct OutboxNotice {
  NoticeId id;
  NoticeKind kind{};
  std::string stream;
  WallTime at;
  std::string event;
  friend bool operator==(const OutboxNotice&, const OutboxNotice&) = default;
};

struct DueDelivery {
  Delivery delivery;
  OutboxNotice notice;
};

struct DeliveryLogQuery {
  std::optional<NoticeId> notice;
  std::string sink;                    ///< "": of all
  std::optional<std::int64_t> before;  ///< entry numbers below this one: the next page
  std::size_t limit = 100;
};
struct NumberedLogEntry {
  std::int64_t number = 0;
  DeliveryLogEntry entry;
};

/// A sink of which something waits, is dead, or that is off.
struct SinkStanding {
  std::string sink;
  std::uint64_t waiting = 0, dead = 0;
  std::optional<WallTime> oldest;  ///< when the oldest that waits was queued
  std::optional<WallTime> off;     ///< since when it is switched off
  std::string why_off;
};

/// One step of what old rows are removed by.
struct OutboxPruneOrder {
  WallTime before;                    ///< sent notices, and log entries, from before this go
  std::uint64_t log_entries_max = 0;  ///< beyond so many the oldest go whatever their time; 0: no bound
  std::int64_t seen = 0;              ///< notices up to this number have been looked at: of the step before
  std::size_t rows = 512;             ///< of one step, about
};
struct OutboxPruned {
  std::uint64_t notices = 0, log_entries = 0;
  std::int64_t seen = 0;  ///< for the next step's order
  bool more = false;      ///< the step's rows are used up
};

class OutboxReader {
 public:
  OutboxReader() = default;
  OutboxReader(const OutboxReader&) = delete;
  OutboxReader& operator=(const OutboxReader&) = delete;
  virtual ~OutboxReader() = default;

  /// The first that waits of each stream of a sink, where it is due; what has been due for longest first.
  /// Due is also what would not be for more than an hour: the clock has been set back (DeliveryRules).
  virtual Stored<std::vector<DueDelivery>> due(const std::string& sink, WallTime now, std::size_t limit) = 0;
  /// When the next of a sink's is due; nullopt: none waits.
  virtual Stored<std::optional<WallTime>> next_due(const std::string& sink) = 0;
  /// Dead letters, oldest first, with numbers above `after`.
  virtual Stored<std::vector<DueDelivery>> dead_letters(std::uint64_t after, std::size_t limit) = 0;
  /// Attempts, newest first.
  virtual Stored<std::vector<NumberedLogEntry>> delivery_log(const DeliveryLogQuery& query) = 0;
  virtual Stored<std::vector<SinkStanding>> sink_standings() = 0;
  virtual Stored<std::optional<OutboxNotice>> notice(const NoticeId& id) = 0;
};

class OutboxStore : public OutboxReader {
 public:
  /// Once for each of these sinks, due at once, or when what waits before it in its stream is over. A notice
  /// that is there already is left as it is and sent to no further sink (kDuplicate): it told the same.
  virtual Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                  WallTime now) = 0;
  /// What became of an attempt: the delivery and its line of the log. If it is over the next of its stream is due
  /// at `now`. `sink_gone` switches the sink off. Fails with kNotFound where no such delivery waits.
  virtual Stored<Done> settle(const Settled& settled, WallTime now) = 0;
  /// A person has a dead letter sent again: its attempts and its age begin anew. It goes before what waits in
  /// its stream, and behind what is on its way. Fails with kNotFound where none of this number is dead.
  virtual Stored<Done> resend(std::uint64_t number, WallTime now) = 0;
  /// Switches a sink off, or on where `why_off` is nullopt. What waits for it keeps waiting.
  virtual Stored<Done> switch_sink(const std::string& sink, const std::optional<std::string>& why_off,
                                   WallTime now) = 0;
  /// Notices that were sent to every sink, with their deliveries, and log entries; never what waits or is dead.
  virtual Stored<OutboxPruned> prune_outbox(const OutboxPruneOrder& order) = 0;
};

}  // namespace chiploc
