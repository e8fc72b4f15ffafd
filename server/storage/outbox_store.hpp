#pragma once
// What other systems are to be told, until they have been: written in the transaction of what it tells. And what
// keeps some of it back.

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
  std::optional<NoticeId> notice{};
  std::string sink{};                    ///< "": of all
  std::optional<WallTime> since{};       ///< then or later
  bool muted = false;                    ///< what was kept back alone
  std::optional<std::int64_t> before{};  ///< entry numbers below this one: the next page
  std::size_t limit = 100;
};
struct NumberedLogEntry {
  std::int64_t number = 0;
  DeliveryLogEntry entry;
  std::optional<NoticeKind> kind{};    ///< of its notice; nullopt: that is not kept any more
  std::string stream{};                ///< likewise
  std::optional<DeliveryState> now{};  ///< how the delivery stands
};
/// Oldest first.
struct DeadLetterQuery {
  std::string sink{};  ///< "": of all
  std::optional<NoticeId> notice{};
  std::optional<WallTime> since{};  ///< queued then or later
  std::uint64_t after = 0;          ///< numbers above this one
  std::size_t limit = 100;
};
struct NumberedNotice {
  std::int64_t number = 0;  ///< grows in the order in which they were written
  OutboxNotice notice;
};

/// A rule that keeps notices back, as it is kept. `rule` is a v1::MuteRecord (server/cases/mute_record.hpp).
struct MuteRow {
  std::uint64_t number = 0;
  ByteVector rule{};
  std::optional<Digest> by_certificate{};  ///< SHA-256 of it; nullopt: unknown
  WallTime from{}, ends{};                 ///< over at `ends`: as it was stated, or when somebody ended it
  std::string ended_by{};                  ///< "": nobody, before its time
  std::uint64_t hidden = 0;                ///< notices that it kept back
};
/// Newest first.
struct MuteQuery {
  std::optional<WallTime> in_force{};     ///< only those that are in force then
  std::optional<std::uint64_t> before{};  ///< numbers below this one: the next page
  std::size_t limit = 100;
};
/// By which mute a notice is kept back.
struct MutedBy {
  std::uint64_t mute = 0;
  std::string text;  ///< for the log; kLogTextMax at most
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
  WallTime before;             ///< notices that were sent or kept back, and log entries, of before this go
  WallTime given_up_before{};  ///< so do those that are dead or wait, of before this
  std::uint64_t log_entries_max = 0;  ///< beyond so many the oldest go whatever their time; 0: no bound
  std::int64_t seen = 0;              ///< notices up to this number have been looked at: of the step before
  std::size_t rows = 512;             ///< of one step, about
};
struct OutboxPruned {
  std::uint64_t notices = 0, log_entries = 0;
  std::uint64_t given_up = 0;  ///< deliveries of those notices that were dead or waited
  std::int64_t seen = 0;       ///< for the next step's order
  bool more = false;           ///< the step's rows are used up
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
  virtual Stored<std::vector<DueDelivery>> dead_letters(const DeadLetterQuery& query) = 0;
  /// Attempts, newest first.
  virtual Stored<std::vector<NumberedLogEntry>> delivery_log(const DeliveryLogQuery& query) = 0;
  virtual Stored<std::vector<SinkStanding>> sink_standings() = 0;
  virtual Stored<std::optional<OutboxNotice>> notice(const NoticeId& id) = 0;
  /// Of what became so at `since` or later, with numbers above `after`, oldest first.
  virtual Stored<std::vector<NumberedNotice>> notices(std::int64_t after, std::optional<WallTime> since,
                                                      std::size_t limit) = 0;
  /// The newest notice of each case that is open and of each order that is held, but for what was kept back.
  virtual Stored<std::vector<OutboxNotice>> open_subjects() = 0;
  virtual Stored<std::vector<MuteRow>> mutes(const MuteQuery& query) = 0;
};

class OutboxStore : public OutboxReader {
 public:
  /// Once for each of these sinks, due at once, or when what waits before it in its stream is over. A notice
  /// that is there already is left as it is and sent to no further sink (kDuplicate): it told the same.
  virtual Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                  WallTime now) = 0;
  /// The same of a notice that is kept back: no delivery waits, each has its line in the log, and the mute has hidden one
  /// more. A duplicate changes nothing.
  virtual Stored<Appended> append_muted(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                        const MutedBy& by, WallTime now) = 0;
  /// What became of an attempt: the delivery and its line of the log. If it is over the next of its stream is due
  /// at `now`. `sink_gone` switches the sink off. Fails with kNotFound where no such delivery waits.
  virtual Stored<Done> settle(const Settled& settled, WallTime now) = 0;
  /// A person has a dead letter, or what was kept back, sent: its attempts and its age begin anew. It goes before what
  /// waits in its stream, and behind what is on its way. To which sink; kNotFound where none of this number is either.
  virtual Stored<std::string> resend(std::uint64_t number, WallTime now) = 0;
  /// Switches a sink off, or on where `why_off` is nullopt. What waits for it keeps waiting.
  virtual Stored<Done> switch_sink(const std::string& sink, const std::optional<std::string>& why_off,
                                   WallTime now) = 0;
  /// Notices that are over for every sink, with their deliveries, and log entries. What is dead or waits goes when it was
  /// given up, the newest of an open case or held order never.
  virtual Stored<OutboxPruned> prune_outbox(const OutboxPruneOrder& order) = 0;
  /// Its number. One that ends before it begins is refused (kInvalid).
  virtual Stored<std::uint64_t> add_mute(const MuteRow& mute) = 0;
  /// It is over now. kNotFound where none of this number is in force, or to come.
  virtual Stored<Done> end_mute(std::uint64_t number, const std::string& by, WallTime now) = 0;
};

}  // namespace chiploc
