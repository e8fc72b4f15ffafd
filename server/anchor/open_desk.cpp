#include "server/anchor/open_desk.hpp"

#include "proto/crypto/digest.hpp"

namespace chiploc {

MacKey OpenDesk::fresh_key(const RandomFill& random) {
  SecretBytes<32> key;
  random(key.writable());
  return MacKey{key.bytes()};
}

OpenDesk::OpenDesk(const OpenDeskOptions& options, const RandomFill& random)
    : options_{options},
      key_{fresh_key(random)},
      unshown_{options.wrong_per_second},
      shown_{options.wrong_with_cookie, options.wrong_per_source} {}

OpenDesk::Leave OpenDesk::leave(const Open& open, const Endpoint& from, TokenBucket& of_ticket,
                                SteadyTime now) {
  if (of_ticket.has_room(now) && unshown_.has_room(now)) return Leave::kCheck;
  const std::int64_t slot = slot_of(now);
  if (!constant_time_equal(open.cookie.bytes, cookie(open.ticket, from, slot).bytes) &&
      !constant_time_equal(open.cookie.bytes, cookie(open.ticket, from, slot - 1).bytes)) {
    return Leave::kShowAddress;
  }
  return shown_.has_room(from, now) ? Leave::kCheckShown : Leave::kNone;
}

void OpenDesk::note_wrong(Leave given, const Endpoint& from, TokenBucket& of_ticket, SteadyTime now) {
  if (given == Leave::kCheckShown) {
    shown_.take(from, now);
  } else {
    (void)of_ticket.take(now);
    (void)unshown_.take(now);
  }
}

OpenCookie OpenDesk::ask(const Open& open, const Endpoint& from, SteadyTime now) const {
  return {open.mac, cookie(open.ticket, from, slot_of(now))};
}

Mac OpenDesk::cookie(const Digest& ticket, const Endpoint& from, std::int64_t slot) const {
  ByteArray<32 + 1 + 16 + 2 + 8> input{};
  ByteWriter writer{input};
  writer.bytes(ticket.bytes);
  writer.u8(from.family);
  writer.bytes(from.address);
  writer.u16(from.port);
  writer.u64(static_cast<std::uint64_t>(slot));
  return key_.mac(input);
}

}  // namespace chiploc
