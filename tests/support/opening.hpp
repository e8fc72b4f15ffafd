#pragma once
#include "proto/crypto/session_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/crypto/x25519.hpp"

/// An OPEN as an agent makes it: signed by the device key, and with the session's MAC.
namespace chiploc::test {

inline SessionKeys keys_for(const Ticket& ticket, const X25519Pair& agent) {
  return derive_session(
      *agent.agree(ticket.anchor_public),
      {ticket_digest(ticket), ticket.chip, ticket.anchor, agent.public_key(), ticket.anchor_public});
}

/// `opening` is whose signature it carries; of another ticket of the round it is the same.
inline ByteVector open_with(const Ticket& ticket, const X25519Pair& agent, const OpeningSignature& opening,
                            const Mac& cookie = {}) {
  ByteVector out(Open::kSize);
  encode(Open{ticket_digest(ticket), agent.public_key(), cookie, opening.size, opening.bytes, {}}, out);
  MacKey{keys_for(ticket, agent).to_anchor.bytes()}.seal(out);
  return out;
}

inline ByteVector open_by(const Ticket& ticket, const X25519Pair& agent, const Signer& key,
                          const Mac& cookie = {}) {
  return open_with(ticket, agent, *sign(OpeningClaim::of(ticket, agent.public_key()), key), cookie);
}

}  // namespace chiploc::test
