#include "proto/wire/transcript.hpp"

#include <bit>

namespace chiploc {
namespace {
constexpr std::string_view kTranscriptPrefix{"chiploc transcript v1\0", Transcript::kPrefixSize};
}

bool Transcript::add(std::uint32_t sequence, const Entry& entry) {
  if (sequence >= kPingsMax) return false;
  const std::uint64_t bit = std::uint64_t{1} << sequence;
  if ((present_ & bit) != 0) return false;
  present_ |= bit;
  entries_[sequence] = entry;
  return true;
}

Bytes Transcript::write(std::uint64_t received, MutableBytes out) const {
  if ((received & ~present_) != 0) return {};
  ByteWriter w{out};
  w.bytes(bytes_of(kTranscriptPrefix));
  w.bytes(ticket_.bytes);
  w.bytes(agent_public_.bytes);
  w.bytes(session_.bytes);
  w.u64(received);
  for (std::size_t i = 0; i < kPingsMax; ++i) {
    if ((received >> i & 1U) == 0) continue;
    w.bytes(entries_[i].nonce.bytes);
    w.u32(entries_[i].residence_ns);
    w.bytes(entries_[i].mac.bytes);
  }
  return w.ok() ? w.written() : Bytes{};
}

Parsed<TranscriptHead> parse_transcript(Bytes raw) {
  const Fail malformed{RejectReason::kMalformed};
  if (raw.size() < Transcript::kFixedSize || raw.size() > Transcript::kSizeMax) return malformed;
  ByteReader r{raw};
  if (!same_bytes(r.bytes(Transcript::kPrefixSize), bytes_of(kTranscriptPrefix))) return malformed;
  TranscriptHead head;
  head.ticket.bytes = r.array<32>();
  head.agent_public.bytes = r.array<32>();
  head.session.bytes = r.array<8>();
  head.received = r.u64();
  const auto entries = static_cast<std::size_t>(std::popcount(head.received));
  if (r.left() != entries * Transcript::kEntrySize) return malformed;
  return head;
}

}  // namespace chiploc
