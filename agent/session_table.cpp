#include "agent/session_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>

namespace chiploc {

AgentSessionTable::AgentSessionTable(std::size_t capacity)
    : sessions_(capacity), rounds_(capacity), index_(std::bit_ceil(capacity * 4), kNone) {
  assert(capacity > 0 && capacity < kNone);
}

std::size_t AgentSessionTable::slot_of(const SessionId& id) const {
  return std::hash<SessionId>{}(id) & (index_.size() - 1);
}

AgentSession* AgentSessionTable::find(const SessionId& id) {
  // Three places of four are empty, so this always meets one.
  for (std::size_t slot = slot_of(id); index_[slot] != kNone; slot = (slot + 1) & (index_.size() - 1)) {
    AgentSession& session = sessions_[index_[slot]];
    if (session.id == id) return &session;
  }
  return nullptr;
}

AgentSession* AgentSessionTable::find_ticket(const Digest& ticket) {
  for (AgentSession& session : sessions_) {
    if (session.state != AgentSession::State::kFree && session.ticket == ticket) return &session;
  }
  return nullptr;
}

AgentSession* AgentSessionTable::find_open(const Mac& open) {
  for (AgentSession& session : sessions_) {
    if (session.state != AgentSession::State::kFree && session.open_mac == open) return &session;
  }
  return nullptr;
}

AgentSession* AgentSessionTable::find_anchor(const AgentRound& round, std::uint8_t anchor_index) {
  for (AgentSession& session : sessions_) {
    if (session.state != AgentSession::State::kFree && session.anchor_index == anchor_index &&
        &rounds_[session.round] == &round) {
      return &session;
    }
  }
  return nullptr;
}

AgentRound* AgentSessionTable::find_round(const CoordinatorId& coordinator, const RoundId& round) {
  for (AgentRound& record : rounds_) {
    if (record.sessions > 0 && record.round == round && record.coordinator == coordinator) return &record;
  }
  return nullptr;
}

AgentSession* AgentSessionTable::insert(const Ticket& ticket, const SessionId& id) {
  if (full() || find(id) != nullptr) return nullptr;
  const auto place = std::find_if(sessions_.begin(), sessions_.end(), [](const AgentSession& s) {
    return s.state == AgentSession::State::kFree;
  });
  AgentRound* record = find_round(ticket.coordinator, ticket.round);
  if (record == nullptr) {
    // There is a free one: no more rounds than sessions, and one session is free.
    record =
        &*std::find_if(rounds_.begin(), rounds_.end(), [](const AgentRound& r) { return r.sessions == 0; });
    record->coordinator = ticket.coordinator;
    record->round = ticket.round;
    record->anchor_count = ticket.anchor_count;
    record->tickets = 0;
    record->closed = false;
    record->statement_size = 0;
  }
  ++record->sessions;
  record->tickets |= std::uint64_t{1} << ticket.anchor_index;
  ++used_;

  AgentSession& session = *place;
  session.state = AgentSession::State::kOffered;
  session.id = id;
  session.ping_count = ticket.ping_count;
  session.anchor_index = ticket.anchor_index;
  session.opens_sent = 0;
  session.cookies = 0;
  session.open_mac = {};
  session.cookie = {};
  session.closes = 0;
  session.round = static_cast<std::size_t>(record - rounds_.data());
  session.anchor_endpoint = ticket.anchor_endpoint;
  index(static_cast<std::size_t>(place - sessions_.begin()));
  return &session;
}

std::size_t AgentSessionTable::expire(SteadyTime now) {
  std::size_t forgotten = 0;
  for (AgentSession& session : sessions_) {
    if (session.state == AgentSession::State::kFree || session.expires_at > now) continue;
    forget(session);
    ++forgotten;
  }
  if (forgotten > 0) rebuild_index();
  return forgotten;
}

void AgentSessionTable::forget(AgentSession& session) {
  session.state = AgentSession::State::kFree;
  session.to_agent.reset();  // wipes the keys
  session.to_anchor.reset();
  AgentRound& round = rounds_[session.round];
  if (--round.sessions == 0) round.opening = {};
  --used_;
}

bool AgentSessionTable::make_room(SteadyTime now) {
  AgentSession* oldest = nullptr;
  const auto better = [&oldest](const AgentSession& session) {
    if (oldest == nullptr) return true;
    const bool closed = session.state == AgentSession::State::kClosed;
    if (closed != (oldest->state == AgentSession::State::kClosed)) return closed;
    return session.expires_at < oldest->expires_at;
  };
  for (AgentSession& session : sessions_) {
    const bool over = session.state == AgentSession::State::kClosed || session.span_ends <= now;
    if (session.state != AgentSession::State::kFree && over && better(session)) oldest = &session;
  }
  if (oldest == nullptr) return false;
  forget(*oldest);
  rebuild_index();
  return true;
}

bool AgentSessionTable::tickets_missing() const {
  return std::any_of(rounds_.begin(), rounds_.end(), [](const AgentRound& round) {
    return round.sessions > 0 && !round.closed && std::popcount(round.tickets) < round.anchor_count;
  });
}

void AgentSessionTable::index(std::size_t place) {
  std::size_t slot = slot_of(sessions_[place].id);
  while (index_[slot] != kNone) slot = (slot + 1) & (index_.size() - 1);
  index_[slot] = static_cast<std::uint16_t>(place);
}

void AgentSessionTable::rebuild_index() {
  std::fill(index_.begin(), index_.end(), kNone);
  for (std::size_t place = 0; place < sessions_.size(); ++place) {
    if (sessions_[place].state != AgentSession::State::kFree) index(place);
  }
}

}  // namespace chiploc
