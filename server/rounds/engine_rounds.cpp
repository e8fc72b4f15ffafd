// RoundEngine: a round under way. What Round asks for is signed, kept and sent.
#include "proto/base/safe_text.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/rounds/engine.hpp"

namespace chiploc {
namespace {

ByteVector copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::uint32_t milliseconds(Nanoseconds d) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

void RoundEngine::run(ActiveRound& active, std::vector<RoundAction> actions) {
  const RoundId id = active.round.id();
  for (RoundAction& action : actions) {
    if (const auto* ask = std::get_if<AskPrepare>(&action)) {
      v1::CoordinatorMessage message;
      message.mutable_prepare()->set_round_id(string_of(id.bytes));
      message.mutable_prepare()->set_chip_id(string_of(active.round.chip().bytes));
      message.mutable_prepare()->set_expires_unix_ns(
          (wall() + active.round.options().validity).since_epoch.count());
      send(active.anchors[ask->anchor].id, std::move(message));
      progress(active, ask->anchor, "preparing");
    } else if (auto* tickets = std::get_if<IssueTickets>(&action)) {
      if (!issue(active, std::move(*tickets)))
        return abandon(id, "signing failed", RoundFault::kIntentNotRecorded);
    } else if (const auto* close = std::get_if<IssueClose>(&action)) {
      if (!issue(active, *close)) return abandon(id, "signing failed", RoundFault::kIntentNotRecorded);
    } else if (const auto* report = std::get_if<AskReport>(&action)) {
      assign(active, report->anchor, report->within);
    } else if (const auto* closing = std::get_if<AskClose>(&action)) {
      v1::CoordinatorMessage message;
      message.mutable_close()->set_round_id(string_of(id.bytes));
      message.mutable_close()->set_order(active.close_order);
      message.mutable_close()->set_deadline_ms(milliseconds(closing->within));
      send(active.anchors[closing->anchor].id, std::move(message));
    } else if (const auto* given_up = std::get_if<Abandon>(&action)) {
      return abandon(id, given_up->why, RoundFault::kAnchorsNotReady);
    } else {
      decide(active);
      break;
    }
  }
  arm(active);
}

void RoundEngine::arm(ActiveRound& active) {
  const auto deadline = active.round.next_deadline();
  if (deadline == active.due) return;
  if (active.due) due_.erase({*active.due, active.round.id()});
  active.due = deadline;
  if (deadline) due_.emplace(*deadline, active.round.id());
}

bool RoundEngine::issue(ActiveRound& active, IssueTickets issue) {
  const RoundId id = active.round.id();
  std::vector<ByteVector> recorded;
  for (std::size_t i = 0; i < issue.tickets.size(); ++i) {
    Ticket& ticket = issue.tickets[i];
    if (const auto signed_ticket = sign(ticket, parts_.key); !signed_ticket) {
      log(LogLevel::kError, "ticket.not_signed",
          {{"round", id.hex()}, {"problem", log_text(signed_ticket.error().text), true}});
      return false;
    }
    const auto raw = bytes_of(ticket);
    recorded.push_back(copy_of(raw));
    active.tickets.push_back(string_of(raw));
    active.evidence.tickets.push_back({ticket, active.anchors[issue.anchors[i]]});
  }
  record_or_abandon(active, "its tickets",
                    [id, recorded](Store& s) { return s.rounds().append_tickets(id, recorded); });

  for (const std::size_t seat : issue.anchors) {
    assign(active, seat, issue.report_within);
    progress(active, seat, "waiting");
  }
  v1::CoordinatorMessage message;
  v1::Pending& pending = *message.mutable_pending();
  pending.set_round_id(string_of(id.bytes));
  pending.set_chip_id(string_of(active.round.chip().bytes));
  pending.set_chip_public(active.chip_public);
  for (const std::string& ticket : active.tickets) pending.add_tickets(ticket);
  pending.set_lifetime_ms(milliseconds(issue.report_within));
  for (const AnchorId& anchor : active.rendezvous) send(anchor, message);
  return true;
}

/// Its ticket; the same one again is the word of an earlier deadline.
void RoundEngine::assign(ActiveRound& active, std::size_t seat, Nanoseconds within) {
  const AnchorId& anchor = active.anchors[seat].id;
  for (const IssuedTicket& issued : active.evidence.tickets) {
    if (issued.anchor.id != anchor) continue;
    v1::CoordinatorMessage message;
    v1::Assign& assign = *message.mutable_assign();
    assign.set_ticket(active.tickets[issued.ticket.anchor_index]);
    assign.set_inbound_address(active.inbound_address);
    assign.set_ping_interval_ms(milliseconds(options_.round.ping_interval));
    assign.set_deadline_ms(milliseconds(within));
    assign.set_linger_ms(milliseconds(options_.round.linger));
    assign.set_chip_public(active.chip_public);
    return send(anchor, std::move(message));
  }
}

bool RoundEngine::issue(ActiveRound& active, const IssueClose& issue) {
  CloseOrder order = issue.order;
  const RoundId id = active.round.id();
  if (const auto signed_order = sign(order, parts_.key); !signed_order) {
    log(LogLevel::kError, "close.not_signed",
        {{"round", id.hex()}, {"problem", log_text(signed_order.error().text), true}});
    return false;
  }
  const auto raw = bytes_of(order);
  active.evidence.close_order = order;
  active.close_order = string_of(raw);
  record_or_abandon(active, "its close order", [id, recorded = copy_of(raw)](Store& s) {
    return s.rounds().append_close_order(id, recorded);
  });
  return true;
}

void RoundEngine::release(const ActiveRound& active) {
  v1::CoordinatorMessage message;
  message.mutable_release()->set_round_id(string_of(active.round.id().bytes));
  for (const AnchorFacts& anchor : active.anchors) send(anchor.id, message);
  v1::CoordinatorMessage unpend;
  unpend.mutable_unpend()->set_round_id(string_of(active.round.id().bytes));
  for (const AnchorId& anchor : active.rendezvous) send(anchor, unpend);
}

void RoundEngine::abandon(const RoundId& id, const std::string& why, RoundFault fault) {
  const auto found = rounds_.find(id);
  if (found == rounds_.end()) return;
  ActiveRound& active = *found->second;
  log(LogLevel::kWarning, "round.abandoned",
      {{"round", id.hex()}, {"chip", active.round.chip().hex()}, {"reason", log_text(why), true}});
  release(active);
  count("rounds_abandoned");
  const WatcherId watcher = active.watcher;
  const RoundId round = id;  // `id` may be the round's own
  const std::string reason = why;
  forget(active);
  record_abandoned(round, reason);
  if (watcher != 0) act(act::TellAbandoned{watcher, fault});
}

void RoundEngine::forget(ActiveRound& active) {
  if (active.due) due_.erase({*active.due, active.round.id()});
  round_of_chip_.erase(active.round.chip());
  for (const AnchorFacts& anchor : active.anchors) {
    const auto held = seats_of_anchor_.find(anchor.id);
    if (held != seats_of_anchor_.end() && --held->second == 0) seats_of_anchor_.erase(held);
  }
  rounds_.erase(RoundId{active.round.id()});
  show().rounds_in_flight = static_cast<std::uint32_t>(rounds_.size());
}

}  // namespace chiploc
