#pragma once
#include <algorithm>

#include "proto/crypto/mac_key.hpp"
#include "proto/crypto/session_key.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {

/// Makes the nonces of pings that only ask whether a session's agent is at an address: an HMAC over session,
/// sequence and address, so that nothing has to be remembered of addresses that anybody can make up. Such a
/// ping is never timed.
class PathProbe {
 public:
  explicit PathProbe(const RandomFill& random) : key_{fresh_key(random)} {}

  [[nodiscard]] Nonce nonce(const SessionId& session, std::uint32_t sequence, const Endpoint& at) const {
    ByteArray<8 + 4 + 1 + 16 + 2> input{};
    ByteWriter writer{input};
    writer.bytes(session.bytes);
    writer.u32(sequence);
    writer.u8(at.family);
    writer.bytes(at.address);
    writer.u16(at.port);
    const Mac mac = key_.mac(input);
    Nonce out;
    std::copy(mac.bytes.begin(), mac.bytes.end(), out.bytes.begin());
    return out;
  }

 private:
  static MacKey fresh_key(const RandomFill& random) {
    SecretBytes<32> key;
    random(key.writable());
    return MacKey{key.bytes()};
  }
  MacKey key_;
};

}  // namespace chiploc
