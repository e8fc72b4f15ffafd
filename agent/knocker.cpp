#include "agent/knocker.hpp"

#include <algorithm>
#include <cmath>

#include "proto/crypto/ticket_seal.hpp"

namespace chiploc {
namespace {
Nanoseconds scaled(Nanoseconds time, double factor) {
  return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(time.count()) * factor)};
}
}  // namespace

Knocker::Knocker(KnockOptions options, Identity identity, std::vector<RendezvousAnchor> anchors,
                 const Signer& signer, AgentRandom& random, ResponderObserver& observer, SteadyTime start)
    : options_{options}, identity_{identity}, signer_{signer}, random_{random}, observer_{observer} {
  doors_.reserve(anchors.size());
  for (const RendezvousAnchor& anchor : anchors) {
    Door door;
    door.anchor = anchor;
    door.due = start + scaled(options_.mean_interval, uniform() / 2);
    doors_.push_back(door);
  }
}

Result<Done, RejectReason> Knocker::on_reply(const KnockReply& reply, const Endpoint& from,
                                             std::uint64_t round_counter, SteadyTime now, AgentOutbox& out) {
  const auto door =
      std::find_if(doors_.begin(), doors_.end(), [&](const Door& d) { return d.anchor.endpoint == from; });
  if (door == doors_.end()) return Fail{RejectReason::kUnknownSession};
  if (reply.chip != identity_.chip) return Fail{RejectReason::kNotForMe};
  if (door->phase == Phase::kIdle) return Fail{RejectReason::kWrongState};
  if (!constant_time_equal(reply.nonce.bytes, door->nonce.bytes)) return Fail{RejectReason::kBadCookie};
  door->unanswered = 0;
  observer_.on_knock_answered(door->anchor.endpoint);
  if (reply.status == KnockStatus::kNothing) {
    // A late copy of an earlier "nothing" must not end what a "prove" began.
    if (door->phase == Phase::kAsked) rest(*door, now);
    return Done{};
  }
  if (door->proofs >= kTries) return Fail{RejectReason::kRateLimited};
  if (door->proofs == 0 || door->proof.cookie != reply.cookie) {
    door->admits = 0;
    door->proof = KnockProof{};
    door->proof.chip = identity_.chip;
    door->proof.anchor = door->anchor.id;
    door->proof.cookie = reply.cookie;
    door->proof.boot_id = identity_.boot_id;
    door->proof.round_counter = round_counter;
    if (!sign(door->proof, signer_)) {
      rest(*door, now);
      return Fail{RejectReason::kBadSignature};
    }
  }
  send_proof(*door, now, out);
  return Done{};
}

bool Knocker::admits(const Mac& cookie) {
  for (Door& door : doors_) {
    if (door.admits == 0 || door.proof.cookie != cookie) continue;
    --door.admits;
    return true;
  }
  return false;
}

void Knocker::on_timer(SteadyTime now, bool tickets_missing, AgentOutbox& out) {
  for (Door& door : doors_) {
    if (door.due > now) continue;
    switch (door.phase) {
      case Phase::kIdle:
        door.knocks = 0;
        door.proofs = 0;
        random_.fill(door.nonce.bytes);
        if (door.unanswered == 0) door.knocked = now;
        knock(door, now, out);
        break;
      case Phase::kAsked:
        if (door.knocks < kTries) {
          knock(door, now, out);
        } else {
          ++counts_.unanswered;
          observer_.on_knock_unanswered({door.anchor.endpoint, ++door.unanswered, door.knocked, now});
          rest(door, now);
        }
        break;
      case Phase::kProved:
        if (tickets_ != door.tickets_before && !tickets_missing) {
          rest(door, now);
        } else if (door.proofs < kTries) {
          send_proof(door, now, out);
        } else {
          ++counts_.incomplete;
          insist(door, now);
        }
        break;
    }
  }
}

std::optional<SteadyTime> Knocker::next_deadline() const {
  std::optional<SteadyTime> first;
  for (const Door& door : doors_) {
    if (!first || door.due < *first) first = door.due;
  }
  return first;
}

void Knocker::knock(Door& door, SteadyTime now, AgentOutbox& out) {
  ByteArray<Knock::kSize> buffer{};
  const Knock message{identity_.chip, door.anchor.id, door.nonce};
  out.send(door.anchor.endpoint, encode(message, buffer));
  door.phase = Phase::kAsked;
  ++door.knocks;
  ++counts_.knocks;
  door.due = now + options_.reply_timeout;
}

void Knocker::send_proof(Door& door, SteadyTime now, AgentOutbox& out) {
  if (door.phase != Phase::kProved) door.tickets_before = tickets_;
  ByteArray<KnockProof::kSize> buffer{};
  out.send(door.anchor.endpoint, encode(door.proof, buffer));
  door.phase = Phase::kProved;
  ++door.proofs;
  ++counts_.proofs;
  door.admits += kAnchorsMax;
  door.due = now + options_.ticket_timeout * door.proofs;
}

void Knocker::rest(Door& door, SteadyTime now) {
  door.phase = Phase::kIdle;
  door.reknocks = 0;
  door.due = now + interval();
}

void Knocker::insist(Door& door, SteadyTime now) {
  if (door.reknocks >= options_.reknocks) {
    rest(door, now);
    return;
  }
  ++door.reknocks;
  door.phase = Phase::kIdle;
  door.due = now + scaled(options_.reknock_delay, 0.5 + uniform());
}

double Knocker::uniform() {
  ByteArray<8> raw{};
  random_.fill(raw);
  // 53 random bits are every double of [0, 1) at even spacing.
  return static_cast<double>(ByteReader{raw}.u64() >> 11U) * 0x1.0p-53;
}

Nanoseconds Knocker::interval() {
  // Half of the mean, and an exponential of the other half on top: memoryless beyond the minimum, so that
  // having waited tells an observer nothing about when the next knock comes.
  const double factor = 0.5 - 0.5 * std::log1p(-uniform());
  return scaled(options_.mean_interval, std::min(factor, 2.0));
}

}  // namespace chiploc
