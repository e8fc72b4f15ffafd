#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc {

/// How a round is run. Durations are by the steady clock.
struct RoundOptions {
  std::uint8_t pings = 12;  ///< a session; the second least of 12 is within some 0.1 ms of the path's floor
  Nanoseconds ping_interval = std::chrono::milliseconds{40};  ///< mean; anchors jitter it
  Nanoseconds prepare_deadline =
      std::chrono::seconds{3};                          ///< anchors that are silent for longer are left out
  Nanoseconds deadline = std::chrono::seconds{15};      ///< of the whole round
  Nanoseconds closing_share = std::chrono::seconds{4};  ///< kept back from it for close and statement
  Nanoseconds close_patience = std::chrono::milliseconds{1200};  ///< then another anchor is asked as well
  Nanoseconds linger = std::chrono::seconds{2};  ///< anchors wait this long for a second holder of the key
  Nanoseconds validity = std::chrono::seconds{120};  ///< of tickets, around now: allows for the chip's clock
  /// Mean time between two knocks of a chip that is not reached inbound, as agents usually are configured.
  /// One may let twice this pass.
  Nanoseconds knock_interval = std::chrono::seconds{30};
  /// A round waits at most so long for a knock: of a chip of which is not known how often it does, or that
  /// does so rarely (knock_book.hpp).
  Nanoseconds knock_wait = std::chrono::seconds{180};
};

/// How a chip hears of a round.
enum class ChipReach { kInbound, kKnocks };

/// 2 knock_interval + 1 s: a chip that knocks as agents usually do comes within it, and one KNOCK may be
/// lost.
[[nodiscard]] Nanoseconds usual_knock_wait(const RoundOptions& options);

/// The shortest deadline with which no timer of the protocol alone can make an honest chip SILENT.
///
///     w = how long its knock is waited for; 0 for a chip that is reached inbound
///     t = 4/3 (w + 1.25 s + max(linger, 3 pings)), but not more than 1.5 s over what is in brackets: three
///         OPENs (at once, after 0.25 and 1 s), their way, the wait for a second holder; then anchors finish
///         1.5 s, or a quarter of their time, ahead
///     d = prepare_deadline + t + closing_share, each of the two shortened in short rounds (fit_to_deadline)
[[nodiscard]] Nanoseconds least_deadline(const RoundOptions& options, Nanoseconds knock_wait);
/// The same with the usual wait of a chip that is reached like this.
[[nodiscard]] Nanoseconds least_deadline(const RoundOptions& options, ChipReach reach);
/// The w of a round with exactly these options: whoever knocks by then can still be measured. Not below 0.
[[nodiscard]] Nanoseconds knock_wait_within(const RoundOptions& options);

/// The options of a round that has to end within `deadline`: prepare_deadline is a quarter of it at most,
/// closing_share a third, and tickets are valid twice as long.
[[nodiscard]] RoundOptions fit_to_deadline(RoundOptions options, Nanoseconds deadline);

/// What a round asks its surroundings to do. Indexes are into the list of anchors it was made with.
struct AskPrepare {
  std::size_t anchor = 0;
};
/// Sign the tickets (their signatures are empty), record them, then send each to its anchor and all of them
/// to the rendezvous anchors. `anchors[i]` is who gets `tickets[i]`.
struct IssueTickets {
  std::vector<Ticket> tickets;
  std::vector<std::size_t> anchors;
  Nanoseconds report_within{0};
};
/// Sign the order, record it, then hand it to this anchor.
struct IssueClose {
  CloseOrder order;
};
/// Have this anchor report by then: others have measured the chip, and what is not under way there by now
/// will not come.
struct AskReport {
  std::size_t anchor = 0;
  Nanoseconds within{0};
};
struct AskClose {
  std::size_t anchor = 0;
  Nanoseconds within{0};
};
/// Everything is in, or time is up: judge, record, tell the anchors to forget the round.
struct Decide {};
/// Nothing could be measured: no anchor prepared itself.
struct Abandon {
  std::string why;
};
using RoundAction = std::variant<AskPrepare, IssueTickets, IssueClose, AskReport, AskClose, Decide, Abandon>;

/// What the round needs to know of a report; the evidence itself is stored and judged elsewhere.
struct ReportSummary {
  std::uint32_t finished_sessions = 0;
  Nanoseconds rtt_min{0};  ///< 0: no sample
};

/// One round of the coordinator: preparing -> measuring -> closing -> decided (PROTOCOL.md section 6).
///
/// Owned by the coordinator; one thread. Owns no socket, clock or store: it takes events with their times and
/// returns actions. Events of a state that has passed are ignored. The order of actions matters.
class Round {
 public:
  struct AnchorSeat {
    AnchorId id;
    Endpoint endpoint;
  };
  enum class State { kPreparing, kMeasuring, kClosing, kDecided };

  /// `anchors`: 1 to kAnchorsMax, all connected. `nonces` are used for the tickets in order, the last one for
  /// the close order: anchors + 1 of them.
  Round(RoundOptions options, RoundId id, ChipId chip, CoordinatorId coordinator,
        const std::vector<AnchorSeat>& anchors, std::vector<Nonce> nonces, SteadyTime now);

  [[nodiscard]] std::vector<RoundAction> start();
  [[nodiscard]] std::vector<RoundAction> on_prepared(std::size_t anchor, const X25519Public& key,
                                                     SteadyTime now, WallTime wall);
  /// The anchor refused, or its stream broke. A broken stream after its ticket was issued changes nothing:
  /// the report may still come.
  [[nodiscard]] std::vector<RoundAction> on_cannot_prepare(std::size_t anchor, SteadyTime now, WallTime wall);
  [[nodiscard]] std::vector<RoundAction> on_report(std::size_t anchor, const ReportSummary& report,
                                                   SteadyTime now);
  /// The chip has come, as more perspectives than may be wrong have reported: the wait for its knock is over,
  /// and what is left of the round is as short as if it had been reached inbound. Who has not reported a second
  /// later is asked to (as a rule all have). Later calls do nothing.
  void end_knock_wait(SteadyTime now);
  [[nodiscard]] std::vector<RoundAction> on_statement(SteadyTime now);
  /// A statement that does not count came through an anchor: the next one is asked at once. It may have been
  /// the anchor's doing.
  [[nodiscard]] std::vector<RoundAction> on_doubted_statement(SteadyTime now);
  [[nodiscard]] std::vector<RoundAction> on_timer(SteadyTime now, WallTime wall);

  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const RoundOptions& options() const { return options_; }
  [[nodiscard]] const RoundId& id() const { return id_; }
  [[nodiscard]] const ChipId& chip() const { return chip_; }
  [[nodiscard]] std::size_t anchors() const { return seats_.size(); }
  /// The anchor's place in the round, or nullopt.
  [[nodiscard]] std::optional<std::size_t> seat_of(const AnchorId& anchor) const;

 private:
  struct Seat {
    AnchorSeat anchor;
    std::optional<X25519Public> key;
    bool refused = false;
    bool reported = false;
    bool asked_to_close = false;
    std::optional<std::uint8_t> ticket_index;
    ReportSummary report;
  };
  [[nodiscard]] std::vector<RoundAction> issue_tickets(SteadyTime now, WallTime wall);
  [[nodiscard]] std::vector<RoundAction> begin_closing(SteadyTime now);
  [[nodiscard]] std::vector<RoundAction> ask_next_anchor(SteadyTime now);
  [[nodiscard]] std::vector<RoundAction> ask_stragglers(SteadyTime now);
  [[nodiscard]] std::vector<RoundAction> decide();
  [[nodiscard]] bool expects_second_holder() const;

  RoundOptions options_;
  RoundId id_;
  ChipId chip_;
  CoordinatorId coordinator_;
  std::vector<Seat> seats_;
  std::vector<Nonce> nonces_;
  State state_ = State::kPreparing;
  SteadyTime prepare_until_;
  SteadyTime report_until_;
  SteadyTime round_until_;
  SteadyTime ask_again_at_;
  std::optional<SteadyTime> ask_stragglers_at_;
  std::size_t statements_ = 0;
};

}  // namespace chiploc
