#include "server/anchor/knock_desk.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"

namespace chiploc {
namespace {

MacKey fresh_key(const RandomFill& random) {
  SecretBytes<32> key;
  random(key.writable());
  return MacKey{key.bytes()};
}

}  // namespace

KnockDesk::KnockDesk(const KnockDeskOptions& options, const AnchorId& self, const RandomFill& random)
    : options_{options},
      self_{self},
      cookie_key_{fresh_key(random)},
      proofs_{options.proofs_per_second, options.proofs_per_source} {}

bool KnockDesk::pend(const RoundId& round, const ChipId& chip, const PublicKey& chip_key,
                     std::vector<ByteArray<Ticket::kSize>> tickets, SteadyTime expires) {
  // The word again: what was counted for the chip's cookies stays. Another round counts anew, whether or not
  // the one before was ever released: its coordinator may have died.
  const bool again = rounds_.count(round) != 0;
  drop(round, &chip);
  if (rounds_.size() >= options_.rounds) return false;
  const auto [entry, added] = chips_.try_emplace(chip, chip_key);
  if (!added) entry->second.key = chip_key;  // rotated between two rounds: the later word counts
  if (!again) entry->second.cookies = {};
  entry->second.rounds.push_back(round);
  rounds_.emplace(round, Pending{chip, std::move(tickets), expires});
  expiries_.emplace(expires, round);
  return true;
}

void KnockDesk::unpend(const RoundId& round) { drop(round, nullptr); }

void KnockDesk::drop(const RoundId& round, const ChipId* kept) {
  const auto found = rounds_.find(round);
  if (found == rounds_.end()) return;
  expiries_.erase({found->second.expires, round});
  const auto chip = chips_.find(found->second.chip);
  if (chip != chips_.end()) {
    auto& rounds = chip->second.rounds;
    rounds.erase(std::remove(rounds.begin(), rounds.end(), round), rounds.end());
    if (rounds.empty() && (kept == nullptr || chip->first != *kept)) chips_.erase(chip);
  }
  rounds_.erase(found);
}

void KnockDesk::expire(SteadyTime now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const RoundId round = expiries_.begin()->second;
    unpend(round);
  }
}

std::optional<SteadyTime> KnockDesk::next_deadline() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

std::optional<RoundId> KnockDesk::waiting_for(const ChipId& chip) const {
  const auto found = chips_.find(chip);
  if (found == chips_.end()) return std::nullopt;
  return found->second.rounds.back();
}

Mac KnockDesk::cookie(const Endpoint& from, const ChipId& chip, std::int64_t slot) const {
  ByteArray<1 + 16 + 2 + 16 + 8> input{};
  ByteWriter writer{input};
  writer.u8(from.family);
  writer.bytes(from.address);
  writer.u16(from.port);
  writer.bytes(chip.bytes);
  writer.u64(static_cast<std::uint64_t>(slot));
  return cookie_key_.mac(input);
}

std::optional<std::int64_t> KnockDesk::slot_of(const Mac& shown, const Endpoint& from, const ChipId& chip,
                                               SteadyTime now) const {
  const std::int64_t current = slot_of(now);
  for (const std::int64_t slot : {current, current - 1}) {
    if (constant_time_equal(shown.bytes, cookie(from, chip, slot).bytes)) return slot;
  }
  return std::nullopt;
}

Result<KnockReply, RejectReason> KnockDesk::on_knock(Bytes datagram, const Endpoint& from,
                                                     SteadyTime now) const {
  const auto knock = parse_knock(datagram);
  if (!knock) return Fail{knock.error()};
  if (knock->anchor != self_) return Fail{RejectReason::kNotForMe};
  KnockReply reply{.chip = knock->chip, .status = KnockStatus::kNothing, .cookie = {}, .nonce = knock->nonce};
  if (chips_.count(knock->chip) != 0) {
    reply.status = KnockStatus::kProve;
    reply.cookie = cookie(from, knock->chip, slot_of(now));
  }
  return reply;
}

Result<KnockDesk::Proven, RejectReason> KnockDesk::on_proof(Bytes datagram, const Endpoint& from,
                                                            SteadyTime now) {
  const auto proof = parse_knock_proof(datagram);
  if (!proof) return Fail{proof.error()};
  if (proof->anchor != self_) return Fail{RejectReason::kNotForMe};
  const auto slot = slot_of(proof->cookie, from, proof->chip, now);
  if (!slot) return Fail{RejectReason::kBadCookie};
  const auto found = chips_.find(proof->chip);
  if (found == chips_.end()) return Fail{RejectReason::kUnknownSession};
  Chip& chip = found->second;

  // Looked up, and a place looked for, but nothing written before the signature is known to be right.
  auto use = std::find_if(chip.cookies.begin(), chip.cookies.end(),
                          [&](const CookieUse& u) { return u.proofs != 0 && u.cookie == proof->cookie; });
  const bool first = use == chip.cookies.end();
  if (first) {
    use = std::find_if(chip.cookies.begin(), chip.cookies.end(),
                       [&](const CookieUse& u) { return u.proofs == 0 || u.slot + 1 < slot_of(now); });
  }
  if (use == chip.cookies.end() || (!first && use->proofs >= options_.proofs_per_cookie) ||
      !proofs_.has_room(from, now)) {
    return Fail{RejectReason::kRateLimited};
  }
  if (!verify(*proof, chip.key)) {
    proofs_.take(from, now);
    return Fail{RejectReason::kBadSignature};
  }

  Proven out{.chip = proof->chip,
             .cookie = proof->cookie,
             .new_boot = first || use->boot_id != proof->boot_id,
             .tickets = {}};
  *use = {proof->cookie, *slot, first ? 1 : use->proofs + 1, proof->boot_id};
  for (const RoundId& round : chip.rounds) {
    for (const auto& ticket : rounds_.at(round).tickets) out.tickets.push_back(&ticket);
  }
  return out;
}

}  // namespace chiploc
