#include "proto/crypto/siv.hpp"

#include <numeric>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

SivKey counting_key(std::uint8_t first = 0) {
  SecretBytes<SivKey::kSize> key;
  std::iota(key.writable().begin(), key.writable().end(), first);
  return SivKey{std::move(key)};
}

TEST_CASE("siv: what another implementation makes of the same key, purpose and bytes", "[crypto][siv]") {
  // python3-cryptography 38.0.4, AESSIV(bytes(range(64))).encrypt(b"0123456789abcdef", [b"chip"]).
  const auto sealed = counting_key().seal("chip", bytes_of("0123456789abcdef"));
  CHECK(to_hex(sealed) == "89059c20216b9672ca612c093efdc8033b8f4aab843171bba05d527d7442fc6d");
  const auto opened = counting_key().open("chip", sealed);
  REQUIRE(opened);
  CHECK(std::string{opened->begin(), opened->end()} == "0123456789abcdef");
}

TEST_CASE("siv: opens for no other purpose and key, and with no bit turned", "[crypto][siv]") {
  const SivKey key = counting_key();
  for (const std::size_t size : {std::size_t{1}, std::size_t{16}, std::size_t{100}, std::size_t{5'000}}) {
    const ByteVector plain(size, 0x5a);
    const ByteVector sealed = key.seal("chip", plain);
    CHECK(sealed.size() == size + SivKey::kTagSize);
    CHECK(key.open("chip", sealed) == plain);
    CHECK_FALSE(key.open("verdict", sealed));
    CHECK_FALSE(key.open("", sealed));
    CHECK_FALSE(counting_key(1).open("chip", sealed));
    for (std::size_t at = 0; at < sealed.size(); at += 1 + sealed.size() / 64) {
      ByteVector turned = sealed;
      turned[at] ^= 0x10;
      INFO(at);
      CHECK_FALSE(key.open("chip", turned));
    }
    CHECK_FALSE(key.open("chip", Bytes{sealed}.first(sealed.size() - 1)));
  }
  CHECK_FALSE(key.open("chip", {}));
  CHECK_FALSE(key.open("chip", ByteVector(SivKey::kTagSize)));
  CHECK(key.seal("chip", {}).empty());
  CHECK(SivKey::available());
}

}  // namespace
}  // namespace chiploc
