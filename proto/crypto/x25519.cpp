#include "proto/crypto/x25519.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

/// The u coordinates of small order below 2^255 - 19, little-endian: 0, 1, two of order 8, and -1 (order 4).
/// Source: Bernstein, "Curve25519" (https://cr.yp.to/ecdh.html#validate).
constexpr std::array<ByteArray<32>, 5> kSmallOrder{{
    {},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
     0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
     0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};

/// 2^255 - 19, little-endian.
constexpr ByteArray<32> kPrime{0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

}  // namespace

bool is_proper_x25519(const X25519Public& key) {
  // Public values: no need for constant time. A set top bit makes the number larger than the prime.
  const bool canonical =
      std::lexicographical_compare(key.bytes.rbegin(), key.bytes.rend(), kPrime.rbegin(), kPrime.rend());
  return canonical && std::find(kSmallOrder.begin(), kSmallOrder.end(), key.bytes) == kSmallOrder.end();
}

void X25519Pair::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

X25519Pair::X25519Pair(evp_pkey_st* key) : key_{key} {
  std::size_t size = public_.bytes.size();
  if (key_ == nullptr || EVP_PKEY_get_raw_public_key(key_.get(), public_.bytes.data(), &size) != 1) {
    std::fputs("chiploc: OpenSSL cannot make X25519 keys; check the providers in openssl.cnf\n", stderr);
    std::abort();
  }
}

X25519Pair X25519Pair::generate() {
  SecretBytes<32> seed;
  random_bytes_or_abort(seed.writable());
  return X25519Pair{EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, seed.bytes().data(), 32)};
}

X25519Pair X25519Pair::from_private(const ByteArray<32>& private_key) {
  return X25519Pair{EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, private_key.data(), 32)};
}

Result<SharedSecret, RejectReason> X25519Pair::agree(const X25519Public& peer) const {
  if (!is_proper_x25519(peer)) return Fail{RejectReason::kBadKey};
  const PkeyPtr other{
      EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, peer.bytes.data(), peer.bytes.size())};
  const PkeyContextPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
  SharedSecret secret;
  std::size_t size = secret.bytes().size();
  // OpenSSL refuses an all-zero result itself; the comparison below does not rely on it.
  const bool derived = other != nullptr && context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                       EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                       EVP_PKEY_derive(context.get(), secret.writable().data(), &size) == 1 && size == 32;
  if (!derived || constant_time_equal(secret.bytes(), ByteArray<32>{})) {
    ERR_clear_error();
    return Fail{RejectReason::kBadKey};
  }
  return secret;
}

}  // namespace chiploc
