#include "proto/crypto/session_key.hpp"

#include <set>

#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::session_key_test {

namespace {

SharedSecret a_secret() {
  SharedSecret secret;
  secret.writable()[0] = 0x77;
  return secret;
}

SessionContext a_context() {
  SessionContext context;
  context.ticket.bytes.fill(1);
  context.chip.bytes.fill(2);
  context.anchor.bytes.fill(3);
  context.agent_public.bytes.fill(4);
  context.anchor_public.bytes.fill(5);
  return context;
}

void append(ByteVector& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

TEST_CASE("hkdf_sha256: test cases 1 and 3 of RFC 5869", "[crypto]") {
  ByteArray<42> out{};
  REQUIRE(
      hkdf_sha256(ByteVector(22, 0x0b), hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), out));
  CHECK(to_hex(out) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  REQUIRE(hkdf_sha256(ByteVector(22, 0x0b), {}, {}, out));
  CHECK(to_hex(out) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("hkdf_sha256: refuses more than 255 blocks", "[crypto]") {
  ByteVector out(255 * 32 + 1);
  CHECK_FALSE(hkdf_sha256(ByteVector(32, 1), {}, {}, out));
  CHECK(hkdf_sha256(ByteVector(32, 1), {}, {}, MutableBytes{out}.first(255 * 32)));
}

TEST_CASE("derive_session: HKDF over exactly the documented bytes", "[crypto]") {
  const auto keys = derive_session(a_secret(), a_context());
  ByteVector info;
  append(info, bytes_of(std::string_view{"chiploc session v1\0", 19}));
  append(info, ByteVector(16, 2));
  append(info, ByteVector(16, 3));
  append(info, ByteVector(32, 4));
  append(info, ByteVector(32, 5));
  ByteArray<72> expected{};
  REQUIRE(hkdf_sha256(a_secret().bytes(), ByteVector(32, 1), info, expected));
  CHECK(same_bytes(keys.to_anchor.bytes(), Bytes{expected}.first(32)));
  CHECK(same_bytes(keys.to_agent.bytes(), Bytes{expected}.subspan(32, 32)));
  CHECK(same_bytes(keys.session.bytes, Bytes{expected}.last(8)));
}

TEST_CASE("derive_session: every input changes the session and both keys", "[crypto]") {
  std::set<std::string> seen;
  const auto note = [&seen](const SharedSecret& secret, const SessionContext& context) {
    const auto keys = derive_session(secret, context);
    seen.insert(to_hex(keys.to_anchor.bytes()));
    seen.insert(to_hex(keys.to_agent.bytes()));
    seen.insert(keys.session.hex());
  };
  note(a_secret(), a_context());
  SharedSecret other;
  note(other, a_context());
  for (int field = 0; field < 5; ++field) {
    SessionContext context = a_context();
    if (field == 0) context.ticket.bytes[31] ^= 1;
    if (field == 1) context.chip.bytes[15] ^= 1;
    if (field == 2) context.anchor.bytes[15] ^= 1;
    if (field == 3) context.agent_public.bytes[31] ^= 1;
    if (field == 4) context.anchor_public.bytes[31] ^= 1;
    note(a_secret(), context);
  }
  CHECK(seen.size() == 7 * 3);
}

TEST_CASE("derive_mesh: both ends get the same keys, whoever calls itself low", "[crypto]") {
  MeshContext context;
  context.low.bytes.fill(1);
  context.high.bytes.fill(2);
  context.low_public.bytes.fill(3);
  context.high_public.bytes.fill(4);
  MeshContext turned{context.high, context.low, context.high_public, context.low_public};
  const auto a = derive_mesh(a_secret(), context);
  const auto b = derive_mesh(a_secret(), turned);
  CHECK(same_bytes(a.to_high.bytes(), b.to_high.bytes()));
  CHECK(same_bytes(a.to_low.bytes(), b.to_low.bytes()));
  CHECK(a.low_pings == b.low_pings);
  CHECK(a.high_pings == b.high_pings);
  CHECK_FALSE(same_bytes(a.to_high.bytes(), a.to_low.bytes()));
  CHECK(a.low_pings != a.high_pings);

  ByteVector info;
  append(info, bytes_of(std::string_view{"chiploc mesh v1\0", 16}));
  append(info, ByteVector(16, 1));
  append(info, ByteVector(16, 2));
  append(info, ByteVector(32, 3));
  append(info, ByteVector(32, 4));
  ByteArray<80> expected{};
  REQUIRE(hkdf_sha256(a_secret().bytes(), {}, info, expected));
  CHECK(same_bytes(a.to_high.bytes(), Bytes{expected}.first(32)));
  CHECK(same_bytes(a.high_pings.bytes, Bytes{expected}.last(8)));

  // A man in the middle who swaps the public keys gets another key.
  std::swap(context.low_public, context.high_public);
  CHECK_FALSE(same_bytes(derive_mesh(a_secret(), context).to_high.bytes(), a.to_high.bytes()));
}

}  // namespace chiploc::session_key_test
