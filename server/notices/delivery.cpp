#include "server/notices/delivery.hpp"

#include <algorithm>
#include <array>

#include "server/notices/notice_names.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 4> kStates{"waiting", "sent", "dead", "muted"};
constexpr std::array<std::string_view, 8> kEnds{
    "answered", "unresolved", "forbidden_address", "unreachable", "tls", "timeout", "broken", "not_made"};

std::string_view remedy_of(int status) {
  if (status >= 300 && status < 400)
    return "a redirect, which is not followed; write the receiver's new address into the configuration";
  switch (status) {
    case 400:
    case 415:
    case 422:
      return "refused as it is";
    case 401:
    case 403:
      return "not let in; the receiver may have another secret";
    case 404:
      return "not the receiver's address";
    case 410:
      return "the receiver wants no more; the sink is switched off until a person switches it on";
    case 413:
      return "too large for the receiver";
    case 429:
    case 503:
      return "the receiver asks for a rest";
    default:
      return "";
  }
}

/// A time too far ahead cannot have been set by these rules: the clock has been set back since.
bool is_past(WallTime until, WallTime now, const DeliveryRules& rules) {
  return until <= now || until > now + rules.wait_most;
}

bool is_over(const Delivery& delivery, AttemptMeaning meaning, WallTime now, const DeliveryRules& rules) {
  if (meaning == AttemptMeaning::kRefused && delivery.attempts >= rules.refusals_most) return true;
  return delivery.attempts >= rules.attempts_most || now - delivery.queued >= rules.age_most;
}

DeliveryLogEntry entry_of(const Delivery& delivery, const Attempt& attempt, WallTime now) {
  DeliveryLogEntry entry{now,         delivery.number, delivery.notice, delivery.sink,  delivery.attempts,
                         attempt.end, attempt.status,  attempt.took,    delivery.state, words_of(attempt)};
  if (!attempt.said.empty() && attempt.end == AttemptEnd::kAnswered) entry.text += " | " + attempt.said;
  if (entry.text.size() > kLogTextMax) {
    std::size_t size = kLogTextMax;
    while (size > 0 && (static_cast<unsigned char>(entry.text[size]) & 0xC0U) == 0x80U)
      --size;  // not within one
    entry.text.resize(size);
  }
  return entry;
}

}  // namespace

std::string_view name_of(DeliveryState state) { return notice_names::name_in(kStates, state); }
std::string_view name_of(AttemptEnd end) { return notice_names::name_in(kEnds, end); }

AttemptMeaning meaning_of(const Attempt& attempt) {
  if (attempt.end != AttemptEnd::kAnswered) return AttemptMeaning::kFailed;
  if (attempt.status >= 200 && attempt.status < 300) return AttemptMeaning::kDelivered;
  switch (attempt.status) {
    case 410:
      return AttemptMeaning::kGone;
    case 429:
    case 503:
      return AttemptMeaning::kBusy;
    case 400:
    case 413:
    case 415:
    case 422:
      return AttemptMeaning::kRefused;
    default:
      return AttemptMeaning::kFailed;
  }
}

std::string words_of(const Attempt& attempt) {
  if (attempt.end != AttemptEnd::kAnswered)
    return std::string{name_of(attempt.end)} + (attempt.said.empty() ? "" : ": " + attempt.said);
  const std::string_view remedy = remedy_of(attempt.status);
  return std::to_string(attempt.status) + (remedy.empty() ? "" : ": " + std::string{remedy});
}

Nanoseconds wait_after(std::uint32_t attempts, double dice, const DeliveryRules& rules) {
  Nanoseconds wait = std::min(rules.first_wait, rules.wait_most);
  for (std::uint32_t i = 1; i < attempts && wait < rules.wait_most; ++i)
    wait = std::min(wait * static_cast<std::int64_t>(rules.growth), rules.wait_most);
  const double kept = 1 - std::clamp(dice, 0.0, 1.0) / 2;
  return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(wait.count()) * kept)};
}

void DeliveryDesk::add_sink(const std::string& name, const DeliveryRules& rules, bool off) {
  Sink sink;
  sink.rules = rules;
  sink.off = off;
  sinks_.insert_or_assign(name, std::move(sink));
}

bool DeliveryDesk::switch_sink(const std::string& name, bool off) {
  const auto found = sinks_.find(name);
  if (found == sinks_.end()) return false;
  found->second.off = off;
  found->second.rests_until.reset();
  return true;
}

std::size_t DeliveryDesk::room(const Sink& sink, WallTime now) const {
  if (sink.off || (sink.rests_until && !is_past(*sink.rests_until, now, sink.rules))) return 0;
  const std::size_t most = sink.failing ? 1 : sink.rules.in_flight_most;
  return most - std::min(most, sink.streams.size());
}

std::size_t DeliveryDesk::wanted(const std::string& name, WallTime now) const {
  const auto found = sinks_.find(name);
  if (found == sinks_.end()) return 0;
  const std::size_t more = room(found->second, now);
  return more == 0 ? 0 : more + found->second.streams.size();
}

std::optional<WallTime> DeliveryDesk::rests_until(const std::string& name, WallTime now) const {
  const auto found = sinks_.find(name);
  if (found == sinks_.end() || !found->second.rests_until) return std::nullopt;
  const WallTime until = *found->second.rests_until;
  if (is_past(until, now, found->second.rules)) return std::nullopt;
  return until;
}

std::vector<Delivery> DeliveryDesk::take(const std::vector<Delivery>& due, WallTime now) {
  std::vector<Delivery> taken;
  for (const Delivery& delivery : due) {
    const auto found = sinks_.find(delivery.sink);
    if (found == sinks_.end() || delivery.state != DeliveryState::kWaiting) continue;
    Sink& sink = found->second;
    if (room(sink, now) == 0 || !is_past(delivery.next, now, sink.rules)) continue;
    if (!sink.streams.insert(delivery.stream).second) continue;
    flying_.emplace(delivery.number, delivery);
    taken.push_back(delivery);
  }
  return taken;
}

std::optional<Settled> DeliveryDesk::settle(std::uint64_t number, const Attempt& attempt, WallTime now) {
  const auto flying = flying_.extract(number);
  if (flying.empty()) return std::nullopt;
  Settled out;
  out.delivery = flying.mapped();
  Delivery& delivery = out.delivery;
  Sink& sink = sinks_.find(delivery.sink)->second;
  sink.streams.erase(delivery.stream);
  const AttemptMeaning meaning = meaning_of(attempt);
  ++delivery.attempts;
  sink.failing = meaning != AttemptMeaning::kDelivered;
  if (meaning == AttemptMeaning::kDelivered) {
    delivery.state = DeliveryState::kSent;
  } else if (meaning == AttemptMeaning::kGone) {
    sink.off = true;
    out.sink_gone = true;
    delivery.next = now;
  } else {
    Nanoseconds wait = wait_after(delivery.attempts, dice_(), sink.rules);
    if (meaning == AttemptMeaning::kBusy) {
      if (attempt.retry_after)
        wait = std::clamp(*attempt.retry_after, sink.rules.wait_least, sink.rules.wait_most);
      sink.rests_until = now + wait;
    }
    delivery.next = now + wait;
    if (is_over(delivery, meaning, now, sink.rules)) delivery.state = DeliveryState::kDead;
  }
  out.entry = entry_of(delivery, attempt, now);
  return out;
}

void DeliveryDesk::put_back(std::uint64_t number) {
  const auto flying = flying_.extract(number);
  if (!flying.empty()) sinks_.find(flying.mapped().sink)->second.streams.erase(flying.mapped().stream);
}

}  // namespace chiploc
