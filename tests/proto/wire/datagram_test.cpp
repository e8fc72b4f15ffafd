#include "proto/wire/datagram.hpp"

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::datagram_test {
namespace {

template <class AnyId>
AnyId filled(std::uint8_t first) {
  AnyId id;
  for (auto& b : id.bytes) b = first++;
  return id;
}

ByteVector vector_of(Bytes b) { return {b.begin(), b.end()}; }

CloseOrder sample_order() {
  CloseOrder order;
  order.coordinator = filled<CoordinatorId>(1);
  order.round = filled<RoundId>(2);
  order.chip = filled<ChipId>(3);
  order.nonce = filled<Nonce>(4);
  order.mask = 0x8000'0000'0000'0005;
  order.signature = filled<Ed25519Signature>(5);
  return order;
}

struct Example {
  DatagramType type{};
  ByteVector bytes;
  std::function<bool(Bytes)> accepts;
  std::vector<std::size_t> reserved;  // offsets that must be zero
};

std::vector<Example> examples() {
  ByteArray<kDatagramMax> buffer{};
  std::vector<Example> out;
  const auto add = [&](DatagramType type, auto datagram, auto parse, std::vector<std::size_t> reserved) {
    const Bytes bytes = encode(datagram, buffer);
    out.push_back({type, vector_of(bytes), [parse](Bytes b) { return parse(b).has_value(); }, reserved});
  };
  KnockProof proof;
  proof.chip = filled<ChipId>(1);
  proof.signature_size = 64;
  proof.signature.fill(0);
  for (std::size_t i = 0; i < 64; ++i) proof.signature[i] = 7;
  static const ByteVector payload(300, 9);
  StatementFragment fragment;
  fragment.count = 1;
  fragment.payload = payload;
  Reject reject;
  reject.reason = RejectReason::kExpired;
  add(DatagramType::kKnock, Knock{filled<ChipId>(1), filled<AnchorId>(2), filled<Nonce>(3)}, parse_knock,
      {52, 95});
  add(DatagramType::kKnockReply,
      KnockReply{filled<ChipId>(1), KnockStatus::kProve, filled<Mac>(3), filled<Nonce>(4)}, parse_knock_reply,
      {21, 22, 23});
  add(DatagramType::kKnockProof, proof, parse_knock_proof, {70, 71, 72 + 64, 167});
  Open open;
  open.ticket = filled<Digest>(1);
  open.agent_public = filled<X25519Public>(2);
  open.cookie = filled<Mac>(3);
  open.signature_size = 64;
  std::fill_n(open.signature.begin(), 64, std::uint8_t{7});
  open.mac = filled<Mac>(4);
  add(DatagramType::kOpen, open, parse_open, {86, 87, 88 + 64, 183});
  add(DatagramType::kOpenCookie, OpenCookie{filled<Mac>(1), filled<Mac>(2)}, parse_open_cookie, {});
  add(DatagramType::kOpenAck, OpenAck{filled<SessionId>(1), filled<Mac>(2)}, parse_open_ack, {});
  add(DatagramType::kPing, Ping{filled<SessionId>(1), 5, filled<Nonce>(2), filled<Mac>(3)}, parse_ping,
      {32, 47});
  add(DatagramType::kPong, Pong{filled<SessionId>(1), 5, filled<Nonce>(2), 9, filled<Mac>(3)}, parse_pong,
      {36, 47});
  add(DatagramType::kFinish, Finish{filled<SessionId>(1), 0xff, filled<Mac>(2)}, parse_finish, {20, 47});
  add(DatagramType::kFinishAck, FinishAck{filled<SessionId>(1), filled<Digest>(2), filled<Mac>(3)},
      parse_finish_ack, {});
  add(DatagramType::kClose, Close{filled<SessionId>(1), sample_order(), filled<Mac>(2)}, parse_close,
      {14, 15});
  add(DatagramType::kStatement, fragment, parse_statement, {});
  add(DatagramType::kReject, reject, parse_reject, {7});
  return out;
}

TEST_CASE("datagrams: each encoder writes what its parser accepts, at the size PROTOCOL.md states") {
  const std::map<DatagramType, std::size_t> sizes{
      {DatagramType::kKnock, 96},     {DatagramType::kKnockReply, 56},      {DatagramType::kKnockProof, 168},
      {DatagramType::kOpen, 200},     {DatagramType::kOpenAck, 28},         {DatagramType::kPing, 64},
      {DatagramType::kPong, 64},      {DatagramType::kFinish, 64},          {DatagramType::kFinishAck, 60},
      {DatagramType::kClose, 168},    {DatagramType::kStatement, 32 + 300}, {DatagramType::kReject, 16},
      {DatagramType::kOpenCookie, 36}};
  for (const Example& e : examples()) {
    INFO(name_of(e.type));
    CHECK(e.bytes.size() == sizes.at(e.type));
    CHECK(e.accepts(e.bytes));
    CHECK(read_header(e.bytes).value() == e.type);
  }
}

TEST_CASE("datagrams: one byte less or more is malformed") {
  for (const Example& e : examples()) {
    INFO(name_of(e.type));
    for (std::size_t n = 0; n < e.bytes.size(); ++n) CHECK_FALSE(e.accepts(Bytes{e.bytes}.first(n)));
    ByteVector longer = e.bytes;
    longer.push_back(0);
    CHECK_FALSE(e.accepts(longer));
  }
}

TEST_CASE("datagrams: a reserved byte that is not zero is malformed") {
  for (const Example& e : examples()) {
    for (const std::size_t at : e.reserved) {
      INFO(name_of(e.type) << " offset " << at);
      ByteVector changed = e.bytes;
      changed[at] = 1;
      CHECK_FALSE(e.accepts(changed));
    }
  }
}

TEST_CASE("datagrams: no parser accepts another type's datagram") {
  const auto all = examples();
  for (const Example& e : all) {
    for (const Example& other : all) {
      if (e.type != other.type) CHECK_FALSE(e.accepts(other.bytes));
    }
  }
}

TEST_CASE("read_header: says why it refuses") {
  const auto reason = [](ByteVector b) { return read_header(b).error(); };
  constexpr std::uint8_t kOurs = kProtocolVersion;
  CHECK(reason({}) == RejectReason::kMalformed);
  CHECK(reason({0xC7, 0x1D, kOurs}) == RejectReason::kMalformed);
  CHECK(reason({0xC7, 0x1E, kOurs, 7}) == RejectReason::kMalformed);
  CHECK(reason({0xC7, 0x1D, kOurs + 1, 7}) == RejectReason::kUnsupportedVersion);
  CHECK(reason({0xC7, 0x1D, kOurs - 1, 7}) == RejectReason::kUnsupportedVersion);
  CHECK(reason({0xC7, 0x1D, 0, 7}) == RejectReason::kUnsupportedVersion);
  CHECK(reason({0xC7, 0x1D, kOurs, 0}) == RejectReason::kMalformed);
  CHECK(reason({0xC7, 0x1D, kOurs, kDatagramTypeLast + 1}) == RejectReason::kMalformed);
}

TEST_CASE("reject: is read whatever its version, so that two versions can say that they differ") {
  ByteArray<kDatagramMax> buffer{};
  ByteVector of_another = vector_of(encode(Reject{RejectReason::kUnsupportedVersion, 4, 1, {}}, buffer));
  of_another[2] = 1;
  const auto reject = parse_reject(of_another);
  REQUIRE(reject);
  CHECK(reject->version == 1);
  CHECK(reject->version_supported == 1);
  CHECK(same_bytes(encode(*reject, buffer), of_another));
}

TEST_CASE("open: only the two signature sizes in use are accepted") {
  ByteArray<kDatagramMax> buffer{};
  Open open;
  open.signature.fill(1);
  for (const std::uint16_t size : std::vector<std::uint16_t>{0, 1, 63, 64, 65, 95, 96}) {
    open.signature_size = size;
    CHECK(parse_open(encode(open, buffer)).has_value() == (size == 64 || size == 96));
  }
}

TEST_CASE("knock proof: only the two signature sizes in use are accepted") {
  ByteArray<kDatagramMax> buffer{};
  KnockProof proof;
  proof.signature.fill(1);
  for (const std::uint16_t size : std::vector<std::uint16_t>{0, 1, 63, 64, 65, 95, 96}) {
    proof.signature_size = size;
    CHECK(parse_knock_proof(encode(proof, buffer)).has_value() == (size == 64 || size == 96));
  }
}

TEST_CASE("knock reply: an unknown status is malformed") {
  ByteArray<kDatagramMax> buffer{};
  ByteVector bytes = vector_of(encode(KnockReply{}, buffer));
  bytes[20] = 2;
  CHECK_FALSE(parse_knock_reply(bytes));
}

TEST_CASE("statement fragments: index, count and length must fit") {
  ByteArray<kDatagramMax> buffer{};
  const ByteVector full(StatementFragment::kPayloadMax, 1);
  const ByteVector part(10, 1);
  const auto accepted = [&](std::uint8_t index, std::uint8_t count, const ByteVector& payload) {
    StatementFragment f;
    f.index = index;
    f.count = count;
    f.payload = payload;
    return parse_statement(encode(f, buffer)).has_value();
  };
  CHECK(accepted(0, 1, part));
  CHECK(accepted(0, 2, full));
  CHECK(accepted(1, 2, part));
  CHECK(accepted(3, 4, full));
  CHECK_FALSE(accepted(0, 2, part));  // only the last may be short
  CHECK_FALSE(accepted(0, 0, part));
  CHECK_FALSE(accepted(1, 1, part));
  CHECK_FALSE(accepted(0, 5, full));
  CHECK_FALSE(accepted(0, 1, {}));
}

TEST_CASE("close order: an empty mask or another version or algorithm is malformed") {
  const auto good = bytes_of(sample_order());
  REQUIRE(parse_close_order(good));
  CHECK(parse_close_order(good)->mask == sample_order().mask);
  for (const std::size_t at : {0U, 1U, 2U, 3U}) {
    auto changed = good;
    changed[at] = static_cast<std::uint8_t>(changed[at] + 1);
    CHECK_FALSE(parse_close_order(changed));
  }
  auto no_mask = good;
  for (std::size_t i = 68; i < 76; ++i) no_mask[i] = 0;
  CHECK_FALSE(parse_close_order(no_mask));
}

TEST_CASE("reject: sent only for answered reasons, never for a reject, never larger than what it answers") {
  ByteArray<kDatagramMax> buffer{};
  ByteVector ticket(600, 0x55);
  ticket[0] = 0xC7;
  ticket[1] = 0x1D;
  ticket[2] = 9;
  ticket[3] = 4;
  const auto reject = reject_for(ticket, RejectReason::kUnsupportedVersion);
  REQUIRE(reject);
  CHECK(reject->rejected_type == 4);
  CHECK(reject->version_supported == kProtocolVersion);
  CHECK(reject->echo == ByteArray<8>{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55});
  CHECK_FALSE(reject_for(Bytes{ticket}.first(15), RejectReason::kUnsupportedVersion));
  CHECK(reject_for(Bytes{ticket}.first(16), RejectReason::kUnsupportedVersion));
  CHECK_FALSE(reject_for(encode(*reject, buffer), RejectReason::kUnsupportedVersion));
  std::set<RejectReason> answered;
  for (std::uint8_t i = 1; i <= kRejectReasonLast; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    CHECK(name_of(reason) != "unknown");
    CHECK(reject_for(ticket, reason).has_value() == is_answered(reason));
    if (is_answered(reason)) answered.insert(reason);
  }
  CHECK(answered == std::set{RejectReason::kUnsupportedVersion, RejectReason::kUnknownCoordinator,
                             RejectReason::kNotForMe, RejectReason::kNotYetValid, RejectReason::kExpired,
                             RejectReason::kTableFull});
}

TEST_CASE("parsers: random bytes never crash and what is accepted encodes to the same bytes", "[property]") {
  std::mt19937_64 random{20261121};  // NOLINT: repeatable on purpose
  ByteArray<kDatagramMax> buffer{};
  const auto all = examples();
  for (int i = 0; i < 20'000; ++i) {
    ByteVector bytes = all[random() % all.size()].bytes;
    for (int flips = static_cast<int>(random() % 4); flips >= 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    if (const auto d = parse_ping(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_pong(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_close(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_knock_proof(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_statement(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_open(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_open_cookie(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
    if (const auto d = parse_reject(bytes)) CHECK(same_bytes(encode(*d, buffer), bytes));
  }
}

}  // namespace
}  // namespace chiploc::datagram_test
