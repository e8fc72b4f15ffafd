#pragma once
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/crypto/x25519.hpp"

namespace chiploc {

/// HKDF-SHA-256 (RFC 5869), extract and expand. False if more than 255 * 32 bytes are asked for.
[[nodiscard]] bool hkdf_sha256(Bytes secret, Bytes salt, Bytes info, MutableBytes out);

/// What the key of one session is bound to, besides the shared secret.
struct SessionContext {
  Digest ticket;  ///< SHA-256 of the whole ticket, signature included
  ChipId chip;
  AnchorId anchor;
  X25519Public agent_public;
  X25519Public anchor_public;
};
struct SessionKeys {
  SecretBytes<32> to_anchor;  ///< MAC key, agent to anchor
  SecretBytes<32> to_agent;   ///< MAC key, anchor to agent
  SessionId session;
};
/// HKDF-SHA-256 with
///
///     salt = ticket digest
///     info = "chiploc session v1" 0x00 | chip 16 | anchor 16 | agent_public 32 | anchor_public 32
///     out  = to_anchor 32 | to_agent 32 | session 8
[[nodiscard]] SessionKeys derive_session(const SharedSecret& secret, const SessionContext& context);

/// Two anchors of the mesh. `low` is the smaller id, bytewise; each id goes with its own public key.
struct MeshContext {
  AnchorId low;
  AnchorId high;
  X25519Public low_public;
  X25519Public high_public;
};
struct MeshKeys {
  SecretBytes<32> to_high;  ///< MAC key of datagrams from low to high
  SecretBytes<32> to_low;   ///< MAC key of datagrams from high to low
  SessionId low_pings;      ///< session of the pings that low sends
  SessionId high_pings;     ///< session of the pings that high sends
};
/// HKDF-SHA-256 with an empty salt and
///
///     info = "chiploc mesh v1" 0x00 | low 16 | high 16 | low_public 32 | high_public 32
///     out  = to_high 32 | to_low 32 | low_pings 8 | high_pings 8
///
/// Takes the two ends in either order and puts the smaller id first itself, with its key: both ends get the
/// same keys. Equal ids are the caller's bug (asserts).
[[nodiscard]] MeshKeys derive_mesh(const SharedSecret& secret, MeshContext context);

}  // namespace chiploc
