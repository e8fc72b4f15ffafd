#include "proto/wire/transcript.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::transcript_test {
namespace {

Transcript sample() {
  Digest ticket;
  ticket.bytes.fill(1);
  X25519Public key;
  key.bytes.fill(2);
  SessionId session;
  session.bytes.fill(3);
  return Transcript{ticket, key, session};
}

Transcript::Entry entry(std::uint8_t fill) {
  Transcript::Entry e;
  e.nonce.bytes.fill(fill);
  e.residence_ns = fill;
  e.mac.bytes.fill(static_cast<std::uint8_t>(fill + 1));
  return e;
}

TEST_CASE("transcript: holds each sequence once, in range") {
  Transcript t = sample();
  CHECK(t.add(0, entry(1)));
  CHECK(t.add(63, entry(2)));
  CHECK_FALSE(t.add(0, entry(3)));
  CHECK_FALSE(t.add(64, entry(4)));
  CHECK(t.present() == 0x8000'0000'0000'0001);
  CHECK(t.entry(0).residence_ns == 1);
}

TEST_CASE("transcript: the bytes depend on the set of answers, not on their order") {
  Transcript a = sample();
  Transcript b = sample();
  for (const std::uint8_t i : ByteVector{3, 1, 2}) a.add(i, entry(i));
  for (const std::uint8_t i : ByteVector{1, 2, 3, 9}) b.add(i, entry(i));
  ByteArray<Transcript::kSizeMax> one{};
  ByteArray<Transcript::kSizeMax> two{};
  const Bytes bytes = a.write(0b1110, one);
  CHECK(bytes.size() == Transcript::kFixedSize + 3 * Transcript::kEntrySize);
  CHECK(same_bytes(bytes, b.write(0b1110, two)));
  CHECK_FALSE(same_bytes(bytes, b.write(0b0110, two)));
}

TEST_CASE("transcript: a map with an answer that is not there yields nothing") {
  Transcript t = sample();
  t.add(1, entry(1));
  ByteArray<Transcript::kSizeMax> out{};
  CHECK(t.write(0b11, out).empty());
}

TEST_CASE("transcript: is read back, and refused at any other size or prefix") {
  Transcript t = sample();
  for (std::uint32_t i = 0; i < kPingsMax; ++i) t.add(i, entry(static_cast<std::uint8_t>(i)));
  ByteArray<Transcript::kSizeMax + 1> out{};
  const Bytes bytes = t.write(~std::uint64_t{0}, out);
  REQUIRE(bytes.size() == Transcript::kSizeMax);
  const auto head = parse_transcript(bytes);
  REQUIRE(head);
  CHECK(head->received == ~std::uint64_t{0});
  CHECK(head->session.bytes[0] == 3);
  CHECK_FALSE(parse_transcript(bytes.first(bytes.size() - 1)));
  CHECK_FALSE(parse_transcript(Bytes{out}));
  CHECK_FALSE(parse_transcript(bytes.first(Transcript::kFixedSize)));
  out[0] = 'C';
  CHECK_FALSE(parse_transcript(bytes));
}

}  // namespace
}  // namespace chiploc::transcript_test
