#pragma once
#include <memory>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/wire/datagram.hpp"

struct evp_pkey_st;

namespace chiploc {

using SharedSecret = SecretBytes<32>;

/// Whether this is a public key that an honest peer can have made: below 2^255 - 19 with the top bit clear,
/// and not one of the points of small order. RFC 7748 lets implementations accept more; a peer that sends
/// more is up to something, and two encodings of one key would be two transcripts of one exchange.
[[nodiscard]] bool is_proper_x25519(const X25519Public& key);

/// An ephemeral X25519 key pair (RFC 7748). Made for one exchange, then destroyed. Movable, not copyable.
class X25519Pair {
 public:
  /// Stops the process if the random generator fails.
  [[nodiscard]] static X25519Pair generate();
  /// From 32 private bytes: known answers and simulated worlds.
  [[nodiscard]] static X25519Pair from_private(const ByteArray<32>& private_key);

  [[nodiscard]] const X25519Public& public_key() const { return public_; }
  /// Fails with kBadKey: the peer's key is not proper, or the result is all zeros.
  [[nodiscard]] Result<SharedSecret, RejectReason> agree(const X25519Public& peer) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit X25519Pair(evp_pkey_st* key);
  std::unique_ptr<evp_pkey_st, Free> key_;
  X25519Public public_;
};

}  // namespace chiploc
