#pragma once
#include <memory>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

/// HMAC-SHA-256 (RFC 2104) cut to its first 16 bytes, with one key prepared beforehand. It authenticates
/// every session datagram and makes the stateless cookies of knocks.
///
/// Allocates when made, never after: it is the only cryptography inside the timed window. The key is wiped
/// when it goes away. Movable, not copyable; one thread at a time per object is not required (calls are const
/// and share nothing).
class MacKey {
 public:
  /// The protocol's keys have 32 bytes; RFC 2104 allows any length.
  explicit MacKey(Bytes key);
  ~MacKey();
  MacKey(MacKey&&) noexcept;
  MacKey& operator=(MacKey&&) noexcept;

  /// The MAC of a whole message.
  [[nodiscard]] Mac mac(Bytes message) const;
  /// Fills the last kMacSize bytes of a datagram with the MAC of all before. The datagram is longer than
  /// that.
  void seal(MutableBytes datagram) const;
  /// Whether the last kMacSize bytes are the MAC of all before; constant time. False for anything shorter.
  [[nodiscard]] bool accepts(Bytes datagram) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chiploc
