// Every datagram parser on the same bytes: whatever one accepts must encode to exactly what was parsed, so
// that two byte strings never mean one datagram.
#include <cstdlib>

#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"
#include "proto/wire/transcript.hpp"

namespace {

using namespace chiploc;

void must_be(Bytes encoded, Bytes original) {
  if (!same_bytes(encoded, original)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in{data, size};
  ByteArray<kDatagramMax> out{};
  if (const auto d = parse_knock(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_knock_reply(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_knock_proof(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_open(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_open_cookie(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_open_ack(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_ping(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_pong(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_finish(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_finish_ack(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_close(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_statement(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_reject(in)) must_be(encode(*d, out), in);
  if (const auto d = parse_ticket(in)) must_be(bytes_of(*d), in);
  if (const auto d = parse_ticket_datagram(in))
    must_be(encode_ticket_datagram(d->ticket, out, d->cookie), in);
  if (const auto d = parse_close_order(in)) must_be(bytes_of(*d), in);
  (void)parse_transcript(in);
  for (std::uint8_t reason = 1; reason <= kRejectReasonLast; ++reason) {
    const auto reject = reject_for(in, static_cast<RejectReason>(reason));
    if (reject && encode(*reject, out).size() > size) std::abort();  // never more out than in
  }
  return 0;
}
