#include "server/anchor/prober.hpp"

#include <algorithm>

#include "proto/crypto/ticket_seal.hpp"
#include "server/anchor/prober_round.hpp"

namespace chiploc {

std::string_view name_of(CommandFault fault) {
  switch (fault) {
    case CommandFault::kTooManyRounds:
      return "too_many_rounds";
    case CommandFault::kUnknownRound:
      return "unknown_round";
    case CommandFault::kMalformed:
      return "malformed";
    case CommandFault::kNotForMe:
      return "not_for_me";
    case CommandFault::kOtherTicket:
      return "other_ticket";
    case CommandFault::kNoSession:
      return "no_session";
    case CommandFault::kTooManyPending:
      return "too_many_pending";
  }
  return "unknown";
}

Prober::Prober(const ProberOptions& options, const AnchorId& self, RandomFill random, ProbeOutbox& outbox,
               ProbeResults& results)
    : options_{options},
      self_{self},
      random_{std::move(random)},
      outbox_{outbox},
      results_{results},
      knocks_{options.knock, self, random_},
      open_desk_{options.open, random_},
      path_probe_{random_},
      rejects_{options.rejects_per_second},
      opens_{options.opens_per_second},
      timers_{std::make_unique<Timers>()} {}

Prober::~Prober() = default;

// ------------------------------------------------------------------------------------------------ commands

Result<X25519Public, CommandFault> Prober::prepare(const RoundId& round, const ChipId& chip,
                                                   SteadyTime expires) {
  if (const auto found = rounds_.find(round); found != rounds_.end()) {
    if (found->second->chip != chip) return Fail{CommandFault::kNotForMe};
    return found->second->key.public_key();
  }
  if (rounds_.size() >= options_.rounds) return Fail{CommandFault::kTooManyRounds};
  ByteArray<32> secret{};
  random_(secret);
  auto made = std::make_unique<Round>(round, chip, X25519Pair::from_private(secret), expires,
                                      options_.open.wrong_per_ticket);
  wipe(secret);
  Round& kept = *rounds_.emplace(round, std::move(made)).first->second;
  arm(kept);
  return kept.key.public_key();
}

Result<RoundId, CommandFault> Prober::assign(const Assignment& assignment, SteadyTime now) {
  const auto ticket = parse_ticket(assignment.ticket);
  if (!ticket || !assignment.chip_key) return Fail{CommandFault::kMalformed};
  const auto found = rounds_.find(ticket->round);
  if (found == rounds_.end()) return Fail{CommandFault::kUnknownRound};
  Round& round = *found->second;
  if (ticket->anchor != self_ || ticket->chip != round.chip ||
      ticket->anchor_public != round.key.public_key() || ticket->ping_count > kPingsMax) {
    return Fail{CommandFault::kNotForMe};
  }
  if (round.state != Round::State::kPrepared) {
    if (!same_bytes(round.ticket_bytes, assignment.ticket)) return Fail{CommandFault::kOtherTicket};
    if (round.state == Round::State::kAssigned) bring_forward(round, assignment.deadline, now);
    return round.id;
  }
  round.state = Round::State::kAssigned;
  round.ticket = *ticket;
  round.chip_key = assignment.chip_key;
  std::copy(assignment.ticket.begin(), assignment.ticket.end(), round.ticket_bytes.begin());
  round.digest = ticket_digest(assignment.ticket);
  round.ping_interval = std::max<Nanoseconds>(assignment.ping_interval, std::chrono::milliseconds{1});
  round.linger = assignment.linger;
  round.deadline = std::min(now + assignment.deadline, round.expires);
  round.finish_from =
      round.deadline - std::min<Nanoseconds>(options_.finishing_lead, (round.deadline - now) / 4);
  round.inbound = assignment.inbound;
  if (round.inbound) {
    round.next_ticket = now;
    round.ticket_delay = options_.ticket_retry;
    inbound_[*round.inbound] = round.id;
  }
  tickets_[round.digest] = &round;
  arm(round);
  return round.id;
}

/// Others have measured the chip: what is not under way here by now will not come.
void Prober::bring_forward(Round& round, Nanoseconds deadline, SteadyTime now) {
  if (now + deadline >= round.deadline) return;
  round.deadline = now + deadline;
  round.finish_from = round.deadline - std::min<Nanoseconds>(options_.finishing_lead, deadline / 4);
  arm(round);
}

Result<Done, CommandFault> Prober::pend(const RoundId& round, const ChipId& chip, const PublicKey& chip_key,
                                        const std::vector<Bytes>& tickets, SteadyTime expires) {
  if (tickets.size() > kAnchorsMax) return Fail{CommandFault::kMalformed};
  std::vector<ByteArray<Ticket::kSize>> kept;
  for (const Bytes raw : tickets) {
    const auto ticket = parse_ticket(raw);
    if (!ticket || ticket->round != round || ticket->chip != chip) return Fail{CommandFault::kMalformed};
    std::copy(raw.begin(), raw.end(), kept.emplace_back().begin());
  }
  if (!knocks_.pend(round, chip, chip_key, std::move(kept), expires))
    return Fail{CommandFault::kTooManyPending};
  return Done{};
}

Result<Done, CommandFault> Prober::close(const RoundId& id, Bytes order, SteadyTime deadline,
                                         SteadyTime now) {
  const auto parsed = parse_close_order(order);
  if (!parsed) return Fail{CommandFault::kMalformed};
  const auto found = rounds_.find(id);
  if (found == rounds_.end()) return Fail{CommandFault::kUnknownRound};
  Round& round = *found->second;
  if (parsed->round != id || parsed->chip != round.chip) return Fail{CommandFault::kNotForMe};
  bool any = false;
  for (const auto& session : round.sessions) {
    if (!session->finished()) continue;
    session->close(*parsed, deadline, now);
    any = true;
  }
  if (!any) return Fail{CommandFault::kNoSession};
  arm(round);
  return Done{};
}

void Prober::release(const RoundId& round) {
  if (const auto found = rounds_.find(round); found != rounds_.end()) erase(*found->second);
}

void Prober::erase(Round& round) {
  timers_->heap.remove(round);
  if (round.state != Round::State::kPrepared) tickets_.erase(round.digest);
  if (round.inbound) forget_address(*round.inbound, round.id);
  if (round.handed_to) forget_address(*round.handed_to, round.id);
  for (const auto& session : round.sessions) sessions_.erase(session->id());
  rounds_.erase(RoundId{round.id});  // a copy: the key lives in what is erased
}

void Prober::forget_address(const Endpoint& address, const RoundId& round) {
  const auto found = inbound_.find(address);
  // The chip's next round may have taken the address over.
  if (found != inbound_.end() && found->second == round) inbound_.erase(found);
}

// -------------------------------------------------------------------------------------------------- time

std::optional<SteadyTime> Prober::next_deadline() const {
  const auto round = timers_->heap.next();
  const auto knock = knocks_.next_deadline();
  if (!round) return knock;
  return knock ? std::min(*round, *knock) : *round;
}

void Prober::on_timer(const ClockReading& now) {
  knocks_.expire(now.steady);
  while (Round* round = timers_->heap.pop_due(now.steady)) run_round(*round, now);
}

void Prober::run_round(Round& round, const ClockReading& now) {
  round.last_looked = now.steady;
  if (now.steady >= round.expires) {
    if (round.state == Round::State::kAssigned) report(round, now.wall);
    erase(round);
    return;
  }
  if (round.state == Round::State::kAssigned) {
    if (round.next_ticket && round.inbound && now.steady >= *round.next_ticket) {
      round.next_ticket.reset();
      if (round.sessions.empty() && round.tickets_sent < options_.ticket_tries) {
        send_ticket(round.ticket_bytes, Path{*round.inbound, {}});
        ++round.tickets_sent;
        ++round.trail.tickets_sent;
        round.next_ticket = now.steady + round.ticket_delay;
        round.ticket_delay *= 2;
      }
    }
  }
  for (const auto& session : round.sessions) {
    if (round.state == Round::State::kAssigned && now.steady >= round.finish_from)
      session->finish_up(now.steady);
    const std::uint32_t before = session->pings_sent();
    session->on_timer(now.steady, random_, outbox_);
    counters_.pings_sent += session->pings_sent() - before;
  }
  if (round.state == Round::State::kAssigned && ready_to_report(round, now.steady)) report(round, now.wall);
  arm(round);
}

void Prober::arm(Round& round) {
  SteadyTime next = round.expires;
  if (round.state == Round::State::kAssigned) {
    next = std::min(next, round.deadline);
    if (!round.sessions.empty() && round.finish_from > round.last_looked)
      next = std::min(next, round.finish_from);
    if (round.next_ticket) next = std::min(next, *round.next_ticket);
    // Moments at which ready_to_report() may turn true without any datagram.
    const SteadyTime lingered = round.first_open + round.linger;
    if (!round.sessions.empty() && lingered > round.last_looked) next = std::min(next, lingered);
  }
  for (const auto& session : round.sessions) {
    if (const auto at = session->next_deadline()) next = std::min(next, *at);
    const SteadyTime graced = session->finishing_since() + options_.finishing_grace;
    if (round.state == Round::State::kAssigned && session->phase() == AnchorSession::Phase::kFinishing &&
        graced > round.last_looked) {
      next = std::min(next, graced);
    }
  }
  timers_->heap.set(round, next);
}

bool Prober::ready_to_report(const Round& round, SteadyTime now) const {
  if (now >= round.deadline) return true;
  if (round.sessions.empty() || now < round.first_open + round.linger) return false;
  bool any_finished = false;
  for (const auto& session : round.sessions) {
    switch (session->phase()) {
      case AnchorSession::Phase::kPinging:
        return false;
      case AnchorSession::Phase::kFinishing:
        if (now < session->finishing_since() + options_.finishing_grace) return false;
        break;
      case AnchorSession::Phase::kDone:
        any_finished = any_finished || session->finished();
        break;
    }
  }
  return any_finished;
}

void Prober::report(Round& round, WallTime now) {
  RoundReport out;
  out.round = round.id;
  out.ticket = round.ticket_bytes;
  out.reported = now;
  for (const auto& session : round.sessions) {
    session->stop();
    out.sessions.push_back(session->account(options_.simulated));
    counters_.samples.add(out.sessions.back().tally);
  }
  out.rejects = round.rejects;
  out.trail = round.trail;
  round.state = Round::State::kReported;
  round.next_ticket.reset();
  ++counters_.reports;
  results_.on_report(std::move(out));
}

void Prober::report_all(const ClockReading& now) {
  for (const auto& [id, round] : rounds_) {
    if (round->state == Round::State::kAssigned) report(*round, now.wall);
  }
}

void Prober::send_ticket(Bytes ticket, const Path& path, const Mac& cookie) {
  ByteArray<Ticket::kDatagramSize> buffer{};
  outbox_.send(path, encode_ticket_datagram(ticket, buffer, cookie), nullptr);
}

void Prober::note_progress(Round& round, SteadyTime now, bool force) {
  if (round.state != Round::State::kAssigned) return;
  if (!force && now < round.last_progress + options_.progress_interval) return;
  round.last_progress = now;
  RoundProgress progress;
  progress.round = round.id;
  progress.sessions = static_cast<std::uint32_t>(round.sessions.size());
  for (const auto& session : round.sessions) {
    progress.pings_sent += session->pings_sent();
    progress.pongs_received += session->pongs_received();
    const Nanoseconds least = session->bracket_min();
    if (least.count() > 0 && (progress.rtt_min.count() == 0 || least < progress.rtt_min))
      progress.rtt_min = least;
  }
  progress.refusals = round.refusals;
  progress.refusal = round.refusal;
  results_.on_progress(progress);
}

void Prober::on_sending(const PingToken& ping, const ClockReading& before) {
  if (const Held held = find(ping.session); held.session != nullptr)
    held.session->on_sending(ping.sequence, before);
}

void Prober::on_transmitted(const PingToken& ping, const KernelTransmit& stamps) {
  if (const Held held = find(ping.session); held.session != nullptr) {
    held.session->on_transmitted(ping.sequence, stamps);
  }
}

Prober::Held Prober::find(const SessionId& session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? Held{} : found->second;
}

}  // namespace chiploc
