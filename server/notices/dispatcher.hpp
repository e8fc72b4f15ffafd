#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/notices/delivery.hpp"
#include "server/notices/http_sender.hpp"
#include "server/notices/notice_sink.hpp"
#include "server/storage/outbox_store.hpp"

namespace chiploc {

/// Takes notices out of the outbox and sends them. Whoever owns the store calls turn() on its thread, in a transaction, at
/// the time that it names and whenever `wake` was called; and committed() when that is on the disk, or undone. Each sink
/// has a sender, and that a thread.
///
/// At least once, under one id, in order within a subject: what was in flight when the process ended is sent
/// again. Nothing is sent that a transaction could still undo.
class NoticeDispatcher {
 public:
  struct Options {
    DeliveryRules delivery;
    SendLimits http;
    CoordinatorId source;
    /// Called on a sender's thread, or in committed(), when an attempt has ended: turn() has something to do. Must not
    /// call it.
    std::function<void()> wake;
    DeliveryDesk::Dice dice;
  };
  /// `sinks` have different names.
  NoticeDispatcher(std::vector<NoticeSink> sinks, Options options);
  ~NoticeDispatcher();
  NoticeDispatcher(const NoticeDispatcher&) = delete;
  NoticeDispatcher& operator=(const NoticeDispatcher&) = delete;

  /// In the order of their names.
  [[nodiscard]] std::vector<const NoticeSink*> sinks() const;
  /// The sinks that are told notices of this kind, for OutboxStore::append.
  [[nodiscard]] std::vector<std::string> sinks_for(NoticeKind kind) const;
  /// What fires at the start: the newest notice of each open case and held order.
  void tell_open(const std::vector<Notice>& open);

  /// Writes down what has ended, takes what is due, and says when it has to be called next if nothing ends
  /// before; nullopt: not until a notice is appended. After a fault of the store nothing is taken until what has
  /// ended could be written: a receiver is not told the same over and over because our disk is full.
  [[nodiscard]] Stored<std::optional<WallTime>> turn(OutboxStore& outbox, WallTime now);
  /// The transaction of turn() or switch_sink() is on the disk: what was taken is sent, and what has ended is told. Or it
  /// was undone: nothing is sent, and what had ended is written with the next turn.
  std::vector<Settled> committed(bool durable, WallTime now);
  /// The last turn: what has ended is written, and nothing is sent from here on.
  [[nodiscard]] Stored<Done> close(OutboxStore& outbox, WallTime now);

  /// A person switches a sink on (nullopt) or off; as turn(), with committed() behind it. kNotFound: there is no such
  /// sink.
  [[nodiscard]] Stored<Done> switch_sink(OutboxStore& outbox, const std::string& sink,
                                         const std::optional<std::string>& why_off, WallTime now);

  [[nodiscard]] std::size_t in_flight() const { return desk_.in_flight(); }
  /// Open cases and held orders that no Alertmanager is told of, because too many fire.
  [[nodiscard]] std::uint64_t alerts_left_out() const;

 private:
  struct Line;  ///< a sink with its sender
  struct Inbox;

  [[nodiscard]] Stored<Done> start(OutboxStore& outbox);
  [[nodiscard]] Stored<Done> write_ended(OutboxStore& outbox, WallTime now);
  [[nodiscard]] Stored<Done> take_due(OutboxStore& outbox, Line& line, WallTime now);
  void send(Line& line, const DueDelivery& due, WallTime now);
  void tell_alerts(Line& line, WallTime now);

  const Options options_;
  DeliveryDesk desk_;
  bool started_ = false;  ///< the desk knows which sinks are off
  bool closed_ = false;
  std::vector<Settled> unwritten_;
  // Of a transaction that may still be undone:
  std::vector<Settled> written_;
  std::vector<std::pair<Line*, DueDelivery>> taken_;
  std::shared_ptr<Inbox> inbox_;  ///< what senders' threads put into; before the senders, which go first
  std::map<std::string, std::unique_ptr<Line>, std::less<>> lines_;
};

}  // namespace chiploc
