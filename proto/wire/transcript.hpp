#pragma once
#include <array>
#include <cstdint>

#include "proto/base/ids.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// What was exchanged in one session, as both ends saw it: the input of the digest that the chip signs.
///
///     "chiploc transcript v1" 0x00 | ticket digest 32 | agent public key 32 | session 8 | received 8 |
///     for each set bit of received, ascending:  nonce 16 | residence_ns 4 | mac 16
///
/// Fixed memory; no allocation. Only sequence numbers below kPingsMax are kept.
class Transcript {
 public:
  struct Entry {
    Nonce nonce;
    std::uint32_t residence_ns = 0;
    Mac mac;
  };
  static constexpr std::size_t kPrefixSize = 22;
  static constexpr std::size_t kFixedSize = kPrefixSize + 32 + 32 + 8 + 8;
  static constexpr std::size_t kEntrySize = 36;
  static constexpr std::size_t kSizeMax = kFixedSize + kEntrySize * kPingsMax;

  Transcript() = default;
  Transcript(const Digest& ticket, const X25519Public& agent_public, SessionId session)
      : ticket_{ticket}, agent_public_{agent_public}, session_{session} {}

  /// Notes a pong (sent or received). False if the sequence number is out of range or already there.
  bool add(std::uint32_t sequence, const Entry& entry);
  /// Bit i: sequence i is there.
  [[nodiscard]] std::uint64_t present() const { return present_; }
  [[nodiscard]] const Entry& entry(std::uint32_t sequence) const { return entries_[sequence]; }

  /// Writes the bytes for the sequence numbers in `received` and returns them; `out` holds kSizeMax.
  /// Empty if `received` names one that is not present: the two ends disagree.
  [[nodiscard]] Bytes write(std::uint64_t received, MutableBytes out) const;

 private:
  Digest ticket_;
  X25519Public agent_public_;
  SessionId session_;
  std::uint64_t present_ = 0;
  std::array<Entry, kPingsMax> entries_{};
};

/// The fixed part of transcript bytes, read back by a verifier.
struct TranscriptHead {
  Digest ticket;
  X25519Public agent_public;
  SessionId session;
  std::uint64_t received = 0;
};
/// Fails with kMalformed unless prefix and size fit exactly.
[[nodiscard]] Parsed<TranscriptHead> parse_transcript(Bytes raw);

}  // namespace chiploc
