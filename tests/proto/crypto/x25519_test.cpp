#include "proto/crypto/x25519.hpp"

#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::x25519_test {

TEST_CASE("X25519Pair: the exchange of RFC 7748, section 6.1", "[crypto]") {
  const auto alice = X25519Pair::from_private(
      hex_array<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const auto bob = X25519Pair::from_private(
      hex_array<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  CHECK(alice.public_key().hex() == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(bob.public_key().hex() == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto ab = alice.agree(bob.public_key());
  const auto ba = bob.agree(alice.public_key());
  REQUIRE(ab);
  REQUIRE(ba);
  CHECK(to_hex(ab->bytes()) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(same_bytes(ab->bytes(), ba->bytes()));
}

TEST_CASE("X25519Pair: generated pairs differ and agree", "[crypto]") {
  const auto a = X25519Pair::generate();
  const auto b = X25519Pair::generate();
  CHECK(a.public_key() != b.public_key());
  const auto ab = a.agree(b.public_key());
  const auto ba = b.agree(a.public_key());
  REQUIRE(ab);
  REQUIRE(ba);
  CHECK(same_bytes(ab->bytes(), ba->bytes()));
}

TEST_CASE("X25519Pair: refuses keys that no honest peer makes", "[crypto]") {
  const auto pair = X25519Pair::generate();
  const auto* const key = GENERATE(
      "0000000000000000000000000000000000000000000000000000000000000000",   // 0
      "0100000000000000000000000000000000000000000000000000000000000000",   // 1
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",   // order 8
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",   // order 8
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // p - 1
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // p
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // p + 1
      "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // p + 9: the base point again
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // 2^255 - 1
      "0900000000000000000000000000000000000000000000000000000000000080",   // the base point, top bit set
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");  // all ones
  const auto peer = *X25519Public::from_hex_text(key);
  CHECK_FALSE(is_proper_x25519(peer));
  const auto secret = pair.agree(peer);
  REQUIRE_FALSE(secret);
  CHECK(secret.error() == RejectReason::kBadKey);
}

TEST_CASE("is_proper_x25519: the largest canonical number and the base point are proper", "[crypto]") {
  CHECK(is_proper_x25519(
      *X25519Public::from_hex_text("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")));
  CHECK(is_proper_x25519(
      *X25519Public::from_hex_text("0900000000000000000000000000000000000000000000000000000000000000")));
}

}  // namespace chiploc::x25519_test
