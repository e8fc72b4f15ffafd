#include "server/anchor/anchor_session.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::uint64_t bit(std::uint32_t sequence) { return std::uint64_t{1} << sequence; }

/// Which of the agent's three OPENs one is, by its time after the first that came: they are sent after 0, 250
/// and 1,000 ms. The agent answers a sequence once, so each has another.
std::uint32_t open_number(Nanoseconds after_first) {
  if (after_first < std::chrono::milliseconds{125}) return 0;
  return after_first < std::chrono::milliseconds{625} ? 1 : 2;
}

/// interval times a random factor from 0.5 to 1.5: an agent, or whoever sits before it, cannot foresee a
/// ping.
Nanoseconds jittered(Nanoseconds interval, std::uint32_t random) {
  const std::int64_t half = interval.count() / 2;
  const double share = static_cast<double>(random) / 4294967296.0;
  return Nanoseconds{half + static_cast<std::int64_t>(share * static_cast<double>(interval.count()))};
}

}  // namespace

AnchorSession::AnchorSession(SessionKeys keys, const Open& open, const Path& path, std::uint32_t ping_count,
                             Nanoseconds ping_interval, const SessionTiming& timing, SteadyTime now)
    : id_{keys.session},
      to_agent_{keys.to_agent.bytes()},
      to_anchor_{keys.to_anchor.bytes()},
      agent_public_{open.agent_public},
      opening_(open.signature_bytes().begin(), open.signature_bytes().end()),
      path_{path},
      timing_{timing},
      ping_interval_{ping_interval},
      ping_count_{std::min<std::uint32_t>(ping_count, kPingsMax)},
      probed_from_{ping_count_},
      opened_{now},
      transcript_{open.ticket, open.agent_public, keys.session},
      pings_(ping_count_),
      last_ping_{now},
      next_ping_{now} {}

void AnchorSession::send_sealed(MutableBytes datagram, ProbeOutbox& out, const PingToken* ping) {
  if (!affords(datagram.size())) return;
  if (!validated()) credit_ -= datagram.size();
  to_agent_.seal(datagram);
  out.send(path_, datagram, ping);
}

Result<Done, RejectReason> AnchorSession::on_open(Bytes datagram, const Path& from, const PathProbe& probe,
                                                  SteadyTime now, ProbeOutbox& out) {
  if (!to_anchor_.accepts(datagram)) return Fail{RejectReason::kBadMac};
  if (from.peer != path_.peer) return probe_path(from, probe, now, out);
  if (!validated()) {
    credit_ += datagram.size();
    // Not in one breath with OPEN_ACK: a ping that overtakes it finds the agent's session not open yet.
    next_ping_ = std::max(next_ping_, now + ping_interval_ / 2);
  }
  ByteArray<OpenAck::kSize> buffer{};
  encode(OpenAck{.session = id_, .mac = {}}, buffer);
  send_sealed(buffer, out);
  return Done{};
}

Result<Done, RejectReason> AnchorSession::probe_path(const Path& path, const PathProbe& probe, SteadyTime now,
                                                     ProbeOutbox& out) {
  static_assert(OpenAck::kSize + Ping::kSize <= Open::kSize,
                "never more out than in, and nothing remembered");
  const std::uint32_t number = open_number(now - opened_);
  if (validated() || phase_ != Phase::kPinging || sent_ + number + 1 >= ping_count_)
    return Fail{RejectReason::kWrongState};
  const std::uint32_t sequence = ping_count_ - 1 - number;
  probed_from_ = std::min(probed_from_, sequence);
  ByteArray<OpenAck::kSize> ack{};
  encode(OpenAck{.session = id_, .mac = {}}, ack);
  to_agent_.seal(ack);
  out.send(path, ack, nullptr);
  // At once, unlike the timed ones: it is lost if it overtakes OPEN_ACK, and the agent's next OPEN brings
  // another.
  ByteArray<Ping::kSize> ping{};
  encode(
      Ping{.session = id_, .sequence = sequence, .nonce = probe.nonce(id_, sequence, path.peer), .mac = {}},
      ping);
  to_agent_.seal(ping);
  out.send(path, ping, nullptr);
  return Done{};
}

bool AnchorSession::may_ping() const {
  if (sent_ >= ping_count_) return false;
  return validated() || (sent_ < std::min(timing_.pings_unvalidated, probed_from_) && affords(Ping::kSize));
}

SteadyTime AnchorSession::ping_due() const {
  const std::uint32_t kept = std::min(timing_.pings_kept_back, ping_count_ / 2);
  if (parted() || sent_ + kept < ping_count_ || sent_ == first_here_) return next_ping_;
  if (received_ == 0) return std::max(next_ping_, last_ping_ + timing_.answer_timeout);
  if (earliest_received_ && last_ping_ <= *earliest_received_)  // not at that very reading: it would touch
    return std::max(next_ping_, *earliest_received_ + Nanoseconds{1});
  // The last one, once answered, parts from the first answer: the next is for the case that it is lost.
  return std::max(next_ping_, last_ping_ + std::min(2 * bracket_min_, timing_.answer_timeout));
}

SteadyTime AnchorSession::waits_until() const {
  const SteadyTime answers = last_ping_ + timing_.answer_timeout;
  const bool only_opens_lack = !validated() && sent_ < std::min(probed_from_, timing_.pings_unvalidated);
  return only_opens_lack ? std::max(answers, opened_ + timing_.open_timeout) : answers;
}

std::optional<SteadyTime> AnchorSession::next_deadline() const {
  std::optional<SteadyTime> next;
  const auto earlier = [&next](SteadyTime at) {
    if (!next || at < *next) next = at;
  };
  if (phase_ == Phase::kPinging) {
    earlier(may_ping() ? ping_due() : waits_until());
  }
  if (phase_ == Phase::kFinishing && next_finish_) earlier(*next_finish_);
  if (next_close_) earlier(*next_close_);
  return next;
}

void AnchorSession::on_timer(SteadyTime now, const RandomFill& random, ProbeOutbox& out) {
  if (phase_ == Phase::kPinging) {
    if (may_ping()) {
      if (now >= ping_due()) send_ping(now, random, out);
    } else if (now >= waits_until()) {
      start_finishing(now);
    }
  }
  if (phase_ == Phase::kFinishing && next_finish_ && now >= *next_finish_) send_finish(now, out);
  if (next_close_ && now >= *next_close_) send_close(now, out);
}

void AnchorSession::send_ping(SteadyTime now, const RandomFill& random, ProbeOutbox& out) {
  ByteArray<20> drawn{};
  random(drawn);
  SentPing& ping = pings_[sent_];
  std::copy_n(drawn.begin(), 16, ping.nonce.bytes.begin());
  ByteReader jitter{Bytes{drawn}.subspan(16)};

  ByteArray<Ping::kSize> buffer{};
  encode(Ping{.session = id_, .sequence = sent_, .nonce = ping.nonce, .mac = {}}, buffer);
  const PingToken token{.session = id_, .sequence = sent_};
  Nanoseconds interval = ping_interval_;
  if (!validated()) {
    interval = std::min(ping_interval_ * (std::int64_t{1} << std::min<std::uint32_t>(sent_, 8)),
                        std::max(ping_interval_, timing_.unvalidated_interval_max));
  }
  ++sent_;
  last_ping_ = now;
  next_ping_ = now + jittered(interval, jitter.u32());
  send_sealed(buffer, out, &token);
}

void AnchorSession::on_sending(std::uint32_t sequence, const ClockReading& before) {
  if (sequence >= sent_) return;
  pings_[sequence].transmit.before = before;
  pings_[sequence].handed_over = true;
}

void AnchorSession::on_transmitted(std::uint32_t sequence, const KernelTransmit& stamps) {
  if (sequence >= sent_) return;
  TransmitStamps& transmit = pings_[sequence].transmit;
  // The first stamp of a kind counts: a later one could only be of a copy.
  if (!transmit.kernel) transmit.kernel = stamps.kernel;
  if (!transmit.card) transmit.card = stamps.card;
}

Result<Done, RejectReason> AnchorSession::on_pong(Bytes datagram, const Pong& pong, const Path& from,
                                                  const PathProbe& probe, const ReceiveStamps& stamps) {
  if (!to_anchor_.accepts(datagram)) return Fail{RejectReason::kBadMac};
  if (!validated() && phase_ == Phase::kPinging && pong.sequence >= probed_from_ &&
      pong.nonce == probe.nonce(id_, pong.sequence, from.peer)) {
    // The agent is there, and the session's first address was a copy's, or is past. No sample and not in the
    // transcript: that ping had no stamps. Its sequence is used up.
    path_ = from;
    validated_ = true;
    ping_count_ = probed_from_;
    first_here_ = sent_;
    next_ping_ = std::min(next_ping_, stamps.after.steady + ping_interval_);
    return Done{};
  }
  if (pong.sequence >= sent_ || !pings_[pong.sequence].handed_over)
    return Fail{RejectReason::kSequenceOutOfRange};
  SentPing& ping = pings_[pong.sequence];
  if (pong.nonce != ping.nonce) return Fail{RejectReason::kTranscriptMismatch};
  if (ping.answered) return Fail{RejectReason::kAlreadyAnswered};
  // FINISH has told the agent which pongs count; one that comes now must not change the transcript.
  if (phase_ != Phase::kPinging) return Fail{RejectReason::kLate};
  ping.answered = true;
  ping.receive = stamps;
  ping.residence_ns = pong.residence_ns;
  transcript_.add(pong.sequence, {.nonce = pong.nonce, .residence_ns = pong.residence_ns, .mac = pong.mac});
  const SteadyTime now = stamps.after.steady;
  const Nanoseconds bracket = bracket_of(ping.transmit.before, stamps.after);
  if (received_ == 0 || bracket < bracket_min_) bracket_min_ = bracket;
  if (measure(ping.transmit, ping.receive)) {  // else it will be discarded
    latest_sent_ = std::max(latest_sent_, ping.transmit.before.steady);
    earliest_received_ = std::min(earliest_received_.value_or(now), now);
  }
  ++received_;
  if (!validated()) {  // it is now: back to the assigned interval
    validated_ = true;
    next_ping_ = std::min(next_ping_, now + ping_interval_);
  }
  if (received_ == ping_count_) start_finishing(now);
  return Done{};
}

void AnchorSession::start_finishing(SteadyTime now) {
  finishing_since_ = now;
  if (received_ == 0) {  // nobody there: nothing to fix, and no right to send more to that address
    phase_ = Phase::kDone;
    return;
  }
  phase_ = Phase::kFinishing;
  received_map_ = transcript_.present();
  ByteArray<Transcript::kSizeMax> buffer{};
  transcript_digest_ = sha256(transcript_.write(received_map_, buffer));
  next_finish_ = now;
  finish_delay_ = timing_.retry;
}

void AnchorSession::send_finish(SteadyTime now, ProbeOutbox& out) {
  ByteArray<Finish::kSize> buffer{};
  encode(Finish{.session = id_, .received = received_map_, .mac = {}}, buffer);
  next_finish_ = now + finish_delay_;
  finish_delay_ = std::min(finish_delay_ * 2, timing_.retry_max);
  send_sealed(buffer, out);
}

void AnchorSession::stop() {
  if (phase_ == Phase::kPinging) finishing_since_ = last_ping_;
  phase_ = Phase::kDone;
  next_finish_.reset();
}

Result<Done, RejectReason> AnchorSession::on_finish_ack(Bytes datagram, const FinishAck& ack) {
  if (!to_anchor_.accepts(datagram)) return Fail{RejectReason::kBadMac};
  if (phase_ == Phase::kPinging) return Fail{RejectReason::kWrongState};
  if (phase_ == Phase::kDone) return Fail{finished_ ? RejectReason::kAlreadyAnswered : RejectReason::kLate};
  phase_ = Phase::kDone;
  next_finish_.reset();
  if (ack.transcript != transcript_digest_) return Fail{RejectReason::kTranscriptMismatch};
  finished_ = true;
  return Done{};
}

void AnchorSession::close(const CloseOrder& order, SteadyTime deadline, SteadyTime now) {
  order_ = order;
  close_deadline_ = deadline;
  if (statement_complete_) return;
  next_close_ = now;
  close_delay_ = timing_.retry;
}

void AnchorSession::send_close(SteadyTime now, ProbeOutbox& out) {
  if (now >= close_deadline_ || !order_) {
    next_close_.reset();
    return;
  }
  ByteArray<Close::kSize> buffer{};
  encode(Close{.session = id_, .order = *order_, .mac = {}}, buffer);
  next_close_ = std::min(now + close_delay_, close_deadline_);
  close_delay_ = std::min(close_delay_ * 2, timing_.retry_max);
  send_sealed(buffer, out);
}

Result<ByteVector, RejectReason> AnchorSession::on_statement(Bytes datagram,
                                                             const StatementFragment& fragment) {
  if (!to_anchor_.accepts(datagram)) return Fail{RejectReason::kBadMac};
  if (!order_) return Fail{RejectReason::kWrongState};
  if (statement_complete_) return Fail{RejectReason::kAlreadyAnswered};
  const bool last = fragment.index + 1 == fragment.count;
  if (fragment.count == 0 || fragment.count > StatementFragment::kFragmentsMax ||
      fragment.index >= fragment.count || (fragment_count_ != 0 && fragment.count != fragment_count_) ||
      (!last && fragment.payload.size() != StatementFragment::kPayloadMax)) {
    return Fail{RejectReason::kMalformed};
  }
  fragment_count_ = fragment.count;
  ByteVector& place = fragments_[fragment.index];
  if (!place.empty()) return Fail{RejectReason::kAlreadyAnswered};
  place.assign(fragment.payload.begin(), fragment.payload.end());

  ByteVector whole;
  for (std::size_t i = 0; i < fragment_count_; ++i) {
    if (fragments_[i].empty()) return ByteVector{};
    whole.insert(whole.end(), fragments_[i].begin(), fragments_[i].end());
  }
  statement_complete_ = true;
  next_close_.reset();
  fragments_ = {};
  return whole;
}

SessionAccount AnchorSession::account(bool simulated) const {
  SessionAccount out;
  out.agent_public = agent_public_;
  out.opening = opening_;
  out.session = id_;
  out.finished = finished_;
  out.pings_sent = sent_;
  out.peer = path_.peer;
  const std::uint64_t map =
      phase_ == Phase::kPinging || received_map_ == 0 ? transcript_.present() : received_map_;
  ByteArray<Transcript::kSizeMax> buffer{};
  const Bytes transcript = transcript_.write(map, buffer);
  const auto begun =
      std::find_if(pings_.begin(), pings_.end(), [](const SentPing& ping) { return ping.handed_over; });
  out.transcript.assign(transcript.begin(), transcript.end());
  for (std::uint32_t sequence = 0; sequence < sent_; ++sequence) {
    if ((map & bit(sequence)) == 0) continue;
    const SentPing& ping = pings_[sequence];
    auto measured = measure(ping.transmit, ping.receive);
    out.tally.add(measured);
    if (!measured) {
      ++out.samples_discarded;
      continue;
    }
    if (simulated) measured->source = StampSource::kSimulated;
    out.samples.push_back({.sequence = sequence,
                           .residence_ns = ping.residence_ns,
                           .sent = ping.transmit.before.steady - begun->transmit.before.steady,
                           .received = ping.receive.after.steady - begun->transmit.before.steady,
                           .sample = *measured});
  }
  return out;
}

}  // namespace chiploc
