#pragma once
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// A fixed run of bytes that names something. Ids of different things do not mix: the tag is their unit.
template <class Tag, std::size_t N>
struct Id {
  static constexpr std::size_t kSize = N;
  ByteArray<N> bytes{};

  [[nodiscard]] static std::optional<Id> from_bytes(Bytes raw) {
    if (raw.size() != N) return std::nullopt;
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), N);
    return id;
  }
  [[nodiscard]] static std::optional<Id> from_hex_text(std::string_view text) {
    const auto raw = from_hex(text);
    return raw ? from_bytes(*raw) : std::nullopt;
  }
  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  friend auto operator<=>(const Id&, const Id&) = default;
};

/// A chip: 16 random bytes given by its maker; its certificate's subject serialNumber, in hex.
using ChipId = Id<struct ChipTag, 16>;
/// The first 16 bytes of SHA-256 over a raw Ed25519 public key: it names an anchor or a coordinator.
using AnchorId = Id<struct AnchorTag, 16>;
using CoordinatorId = Id<struct CoordinatorTag, 16>;
/// One measurement of one chip by several anchors; random.
using RoundId = Id<struct RoundTag, 16>;
/// One agent and one anchor within a round, or two anchors of the mesh; derived together with their key.
using SessionId = Id<struct SessionTag, 8>;
/// SHA-256 of something named by the context.
using Digest = Id<struct DigestTag, 32>;
/// A fresh challenge.
using Nonce = Id<struct NonceTag, 16>;
/// A raw X25519 public key (RFC 7748).
using X25519Public = Id<struct X25519Tag, 32>;
/// The first 16 bytes of HMAC-SHA-256.
using Mac = Id<struct MacTag, 16>;
/// A raw Ed25519 signature (RFC 8032).
using Ed25519Signature = Id<struct Ed25519SignatureTag, 64>;

}  // namespace chiploc

template <class Tag, std::size_t N>
struct std::hash<chiploc::Id<Tag, N>> {
  // Ids are random or digests; their first bytes are as good as any hash. A stranger who chooses session ids
  // could make them collide, so tables keyed by what strangers choose are bounded all the same.
  std::size_t operator()(const chiploc::Id<Tag, N>& id) const noexcept {
    std::size_t h = 0;
    std::memcpy(&h, id.bytes.data(), N < sizeof h ? N : sizeof h);
    return h;
  }
};
