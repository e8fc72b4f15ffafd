#include "server/rounds/round.hpp"

#include <algorithm>
#include <cassert>

namespace chiploc {
namespace {
/// Reports travel after the anchors' own deadline; allow for the way.
constexpr Nanoseconds kReportTravel = std::chrono::milliseconds{1500};
/// Anchors that measure a chip together report together; who does not for so long probably has no session.
constexpr Nanoseconds kStragglers = std::chrono::milliseconds{1000};

// Of the agent and the anchor; PROTOCOL.md section 6.
constexpr Nanoseconds kOpenRepetitions = std::chrono::milliseconds{1000};
constexpr Nanoseconds kLongestWay = std::chrono::milliseconds{250};
constexpr Nanoseconds kKnockRepetition = std::chrono::milliseconds{1000};
constexpr Nanoseconds kFinishingLead = std::chrono::milliseconds{1500};

/// From its tickets on a chip needs so long until anchors finish.
Nanoseconds opening_time(const RoundOptions& options) {
  const Nanoseconds pings = std::min<int>(options.pings, 3) * options.ping_interval * 3 / 2;
  return kOpenRepetitions + kLongestWay + std::max(options.linger, pings);
}

/// What a chip needs of the time that anchors are given.
Nanoseconds measuring_time(const RoundOptions& options, Nanoseconds knock_wait) {
  const Nanoseconds needed = opening_time(options) + knock_wait;
  return needed + std::min(kFinishingLead, needed / 3);
}
}  // namespace

Nanoseconds usual_knock_wait(const RoundOptions& options) {
  return 2 * options.knock_interval + kKnockRepetition;
}

Nanoseconds knock_wait_within(const RoundOptions& options) {
  const Nanoseconds measuring = options.deadline - options.prepare_deadline - options.closing_share;
  const Nanoseconds needed = std::max(measuring - kFinishingLead, measuring * 3 / 4);
  return std::max(needed - opening_time(options), Nanoseconds{0});
}

RoundOptions fit_to_deadline(RoundOptions options, Nanoseconds deadline) {
  options.deadline = deadline;
  options.prepare_deadline = std::min(options.prepare_deadline, deadline / 4);
  options.closing_share = std::min(options.closing_share, deadline / 3);
  options.validity = std::max(options.validity, 2 * deadline);
  return options;
}

Nanoseconds least_deadline(const RoundOptions& options, ChipReach reach) {
  return least_deadline(options, reach == ChipReach::kKnocks ? usual_knock_wait(options) : Nanoseconds{0});
}

Nanoseconds least_deadline(const RoundOptions& options, Nanoseconds knock_wait) {
  const Nanoseconds measuring = measuring_time(options, knock_wait);
  // What is left for measuring grows with the deadline: each of the shares is constant or a fraction below
  // one.
  constexpr Nanoseconds kStep = std::chrono::milliseconds{100};
  Nanoseconds deadline = measuring / kStep * kStep;
  for (;; deadline += kStep) {
    const RoundOptions fitted = fit_to_deadline(options, deadline);
    if (deadline - fitted.prepare_deadline - fitted.closing_share >= measuring) return deadline;
  }
}

Round::Round(RoundOptions options, RoundId id, ChipId chip, CoordinatorId coordinator,
             const std::vector<AnchorSeat>& anchors, std::vector<Nonce> nonces, SteadyTime now)
    : options_{options}, id_{id}, chip_{chip}, coordinator_{coordinator}, nonces_{std::move(nonces)} {
  assert(!anchors.empty() && anchors.size() <= kAnchorsMax && nonces_.size() > anchors.size());
  for (const AnchorSeat& anchor : anchors) {
    Seat seat;
    seat.anchor = anchor;
    seats_.push_back(seat);
  }
  prepare_until_ = now + options_.prepare_deadline;
  round_until_ = now + options_.deadline;
  report_until_ = round_until_ - options_.closing_share;
}

std::vector<RoundAction> Round::start() {
  std::vector<RoundAction> out;
  out.reserve(seats_.size());
  for (std::size_t i = 0; i < seats_.size(); ++i) out.emplace_back(AskPrepare{i});
  return out;
}

std::optional<std::size_t> Round::seat_of(const AnchorId& anchor) const {
  const auto seat =
      std::find_if(seats_.begin(), seats_.end(), [&](const Seat& s) { return s.anchor.id == anchor; });
  if (seat == seats_.end()) return std::nullopt;
  return static_cast<std::size_t>(seat - seats_.begin());
}

std::vector<RoundAction> Round::on_prepared(std::size_t anchor, const X25519Public& key, SteadyTime now,
                                            WallTime wall) {
  if (state_ != State::kPreparing || anchor >= seats_.size()) return {};
  Seat& seat = seats_[anchor];
  if (!seat.key) seat.key = key;
  const bool all =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& s) { return s.key || s.refused; });
  return all ? issue_tickets(now, wall) : std::vector<RoundAction>{};
}

std::vector<RoundAction> Round::on_cannot_prepare(std::size_t anchor, SteadyTime now, WallTime wall) {
  if (state_ != State::kPreparing || anchor >= seats_.size()) return {};
  if (!seats_[anchor].key) seats_[anchor].refused = true;
  const bool all =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& s) { return s.key || s.refused; });
  return all ? issue_tickets(now, wall) : std::vector<RoundAction>{};
}

std::vector<RoundAction> Round::issue_tickets(SteadyTime now, WallTime wall) {
  const auto count =
      std::count_if(seats_.begin(), seats_.end(), [](const Seat& s) { return s.key.has_value(); });
  if (count == 0) {
    state_ = State::kDecided;
    return {Abandon{"no anchor was ready in time"}};
  }
  state_ = State::kMeasuring;
  IssueTickets issue;
  issue.report_within = std::max(report_until_ - now, Nanoseconds{0});
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    if (!seat.key) continue;
    const auto index = static_cast<std::uint8_t>(issue.tickets.size());
    seat.ticket_index = index;
    Ticket ticket;
    ticket.coordinator = coordinator_;
    ticket.round = id_;
    ticket.chip = chip_;
    ticket.anchor = seat.anchor.id;
    ticket.anchor_index = index;
    ticket.anchor_count = static_cast<std::uint8_t>(count);
    ticket.ping_count = options_.pings;
    ticket.anchor_endpoint = seat.anchor.endpoint;
    ticket.anchor_public = *seat.key;
    ticket.nonce = nonces_[index];
    ticket.not_before = unix_seconds(wall);
    ticket.not_after = unix_seconds(wall + options_.validity);
    issue.tickets.push_back(ticket);
    issue.anchors.push_back(i);
  }
  report_until_ = report_until_ + kReportTravel;
  return {std::move(issue)};
}

std::vector<RoundAction> Round::on_report(std::size_t anchor, const ReportSummary& report, SteadyTime now) {
  if (state_ != State::kMeasuring || anchor >= seats_.size() || !seats_[anchor].ticket_index) return {};
  if (seats_[anchor].reported) return {};
  seats_[anchor].reported = true;
  seats_[anchor].report = report;
  const bool all =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& s) { return s.reported || !s.ticket_index; });
  return all ? begin_closing(now) : std::vector<RoundAction>{};
}

void Round::end_knock_wait(SteadyTime now) {
  const SteadyTime until = now + measuring_time(options_, Nanoseconds{0});
  if (state_ != State::kMeasuring || until + kReportTravel >= report_until_) return;
  report_until_ = until + kReportTravel;
  round_until_ = std::min(round_until_, until + options_.closing_share);
  ask_stragglers_at_ = now + kStragglers;
}

std::vector<RoundAction> Round::ask_stragglers(SteadyTime now) {
  ask_stragglers_at_.reset();
  const Nanoseconds within = std::max(report_until_ - kReportTravel - now, Nanoseconds{0});
  std::vector<RoundAction> out;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (seats_[i].ticket_index && !seats_[i].reported) out.emplace_back(AskReport{i, within});
  }
  return out;
}

std::vector<RoundAction> Round::begin_closing(SteadyTime now) {
  CloseOrder order;
  order.coordinator = coordinator_;
  order.round = id_;
  order.chip = chip_;
  order.nonce = nonces_.back();
  for (const Seat& seat : seats_) {
    if (seat.ticket_index && seat.report.finished_sessions > 0)
      order.mask |= std::uint64_t{1} << *seat.ticket_index;
  }
  if (order.mask == 0) return decide();
  state_ = State::kClosing;
  std::vector<RoundAction> out{IssueClose{order}};
  auto first = ask_next_anchor(now);
  std::move(first.begin(), first.end(), std::back_inserter(out));
  return out;
}

/// The anchor with the most sessions first (two holders of the key are then both asked), then the nearest.
std::vector<RoundAction> Round::ask_next_anchor(SteadyTime now) {
  Seat* best = nullptr;
  for (Seat& seat : seats_) {
    if (seat.asked_to_close || seat.report.finished_sessions == 0) continue;
    if (best == nullptr || seat.report.finished_sessions > best->report.finished_sessions ||
        (seat.report.finished_sessions == best->report.finished_sessions &&
         seat.report.rtt_min < best->report.rtt_min)) {
      best = &seat;
    }
  }
  ask_again_at_ = now + options_.close_patience;
  if (best == nullptr) {
    ask_again_at_ = round_until_;
    return {};
  }
  best->asked_to_close = true;
  return {
      AskClose{static_cast<std::size_t>(best - seats_.data()), std::max(round_until_ - now, Nanoseconds{0})}};
}

bool Round::expects_second_holder() const {
  return std::any_of(seats_.begin(), seats_.end(),
                     [](const Seat& s) { return s.report.finished_sessions > 1; });
}

std::vector<RoundAction> Round::on_statement(SteadyTime now) {
  if (state_ != State::kClosing) return {};
  ++statements_;
  // Two holders of the key showed: nothing is said before the second has signed or time is up, and the other
  // anchors are asked meanwhile. A stranger without the key can only make this last longer.
  if (!expects_second_holder() || statements_ > 1) return decide();
  ask_again_at_ = std::min(ask_again_at_, now + options_.close_patience);
  return {};
}

std::vector<RoundAction> Round::on_doubted_statement(SteadyTime now) {
  return state_ == State::kClosing ? ask_next_anchor(now) : std::vector<RoundAction>{};
}

std::vector<RoundAction> Round::on_timer(SteadyTime now, WallTime wall) {
  switch (state_) {
    case State::kPreparing:
      return now >= prepare_until_ ? issue_tickets(now, wall) : std::vector<RoundAction>{};
    case State::kMeasuring:
      if (now >= report_until_) return begin_closing(now);
      return ask_stragglers_at_ && now >= *ask_stragglers_at_ ? ask_stragglers(now)
                                                              : std::vector<RoundAction>{};
    case State::kClosing:
      if (now >= round_until_) return decide();
      return now >= ask_again_at_ ? ask_next_anchor(now) : std::vector<RoundAction>{};
    case State::kDecided:
      return {};
  }
  return {};
}

std::vector<RoundAction> Round::decide() {
  state_ = State::kDecided;
  return {Decide{}};
}

std::optional<SteadyTime> Round::next_deadline() const {
  switch (state_) {
    case State::kPreparing:
      return prepare_until_;
    case State::kMeasuring:
      return ask_stragglers_at_ ? std::min(*ask_stragglers_at_, report_until_) : report_until_;
    case State::kClosing:
      return std::min(ask_again_at_, round_until_);
    case State::kDecided:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace chiploc
