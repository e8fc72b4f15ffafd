#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "proto/base/endpoint.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// A budget of costly checks that strangers can cause, of which no single address gets more than a share: a
/// flood from one host must not use up what everybody else needs.
///
/// Two buckets of tokens, one for all and one for each recent address. Their levels are kept as times, so an
/// event costs two subtractions. Addresses are told apart without their ports, IPv6 by the first 64 bits:
/// those are what one host has many of. Memory is fixed: a table of kSources addresses, in which a new one
/// takes the place of an older with the same hash; somebody with many addresses gets several shares, and
/// never more than the whole.
///
/// Owns no clock. One thread.
class SourceLimit {
 public:
  static constexpr std::size_t kSources = 256;
  /// Events a second, over all and from one address; 1 or more, `share` at most `total`.
  SourceLimit(std::uint32_t total, std::uint32_t share)
      : all_{cost_of(total), {}}, share_cost_{cost_of(share)} {}

  /// has_room() and, if there is some, take().
  [[nodiscard]] bool allow(const Endpoint& from, SteadyTime now) {
    if (!has_room(from, now)) return false;
    take(from, now);
    return true;
  }
  /// Whether one more is within the limits; changes nothing. With take() for what turned out to be worthless
  /// alone, the genuine cost their address nothing however many come from it.
  [[nodiscard]] bool has_room(const Endpoint& from, SteadyTime now) const {
    const Source source = source_of(from);
    const Slot& slot = slots_[hash_of(source) % kSources];
    // The share first: what one address is refused does not burden the others.
    return (!slot.used || slot.source != source || slot.bucket.has_room(now)) && all_.has_room(now);
  }
  void take(const Endpoint& from, SteadyTime now) {
    const Source source = source_of(from);
    Slot& slot = slots_[hash_of(source) % kSources];
    if (!slot.used || slot.source != source) slot = {true, source, {share_cost_, now}};
    slot.bucket.take(now);
    all_.take(now);
  }

 private:
  struct Source {
    std::uint8_t family = 0;
    ByteArray<8> prefix{};
    friend bool operator==(const Source&, const Source&) = default;
  };
  /// Full at `full_at`; each event moves that moment one cost further away, a second at most.
  struct Bucket {
    Nanoseconds cost{0};
    SteadyTime full_at{};
    [[nodiscard]] bool has_room(SteadyTime now) const {
      return full_at <= now || full_at - now <= Nanoseconds{std::chrono::seconds{1}} - cost;
    }
    void take(SteadyTime now) { full_at = (full_at < now ? now : full_at) + cost; }
  };
  struct Slot {
    bool used = false;
    Source source;
    Bucket bucket;
  };
  static Nanoseconds cost_of(std::uint32_t per_second) {
    return Nanoseconds{std::chrono::seconds{1}} / (per_second == 0 ? 1 : per_second);
  }
  static Source source_of(const Endpoint& from) {
    Source source{from.family, {}};
    for (std::size_t i = 0; i < source.prefix.size(); ++i) source.prefix[i] = from.address[i];
    return source;
  }
  static std::uint64_t hash_of(const Source& source) {
    std::uint64_t h = source.family;
    for (const std::uint8_t byte : source.prefix) h = (h ^ byte) * 0x100000001B3ULL;  // FNV-1a
    return h ^ (h >> 32U);
  }

  Bucket all_;
  Nanoseconds share_cost_;
  std::array<Slot, kSources> slots_{};
};

}  // namespace chiploc
