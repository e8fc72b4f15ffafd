#include "proto/crypto/authority_key.hpp"

#include <openssl/core_names.h>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = KeyFault::Code;

constexpr ByteArray<25> kP521Prefix{0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
                                    0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00};
constexpr std::size_t kP521Size = 133;  // an uncompressed point
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 4096;
constexpr unsigned long kExponentMin = 65'537;

PkeyPtr parse(Bytes spki) {
  const std::uint8_t* at = spki.data();
  PkeyPtr key{d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()))};
  if (at != spki.data() + spki.size()) key.reset();
  ERR_clear_error();
  return key;
}

bool is_p521(Bytes spki) {
  constexpr std::uint8_t kUncompressed = 4;
  if (spki.size() != kP521Prefix.size() + kP521Size ||
      !same_bytes(spki.first(kP521Prefix.size()), kP521Prefix) || spki[kP521Prefix.size()] != kUncompressed)
    return false;
  return parse(spki) != nullptr;  // which looks whether the point is on its curve
}

std::optional<KeyFault> fault_of_rsa(const EVP_PKEY& key) {
  const int bits = EVP_PKEY_get_bits(&key);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return KeyFault{Code::kUnsupportedAlgorithm,
                    "an RSA key of " + std::to_string(bits) + " bits; an authority's has 2048 to 4096"};
  }
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  const BigNumberPtr e{exponent};
  ERR_clear_error();
  if (e == nullptr || BN_is_odd(e.get()) == 0 || BN_get_word(e.get()) < kExponentMin) {
    return KeyFault{Code::kUnsupportedAlgorithm, "an RSA key whose exponent is even, or below 65537"};
  }
  return std::nullopt;
}

}  // namespace

Result<Done, KeyFault> check_authority_key(Bytes spki_der) {
  const auto small = PublicKey::from_spki_der(spki_der);
  if (small) return Done{};
  if (is_p521(spki_der)) return Done{};
  const PkeyPtr key = parse(spki_der);
  const int type = key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key.get());
  if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) {
    if (auto fault = fault_of_rsa(*key)) return Fail{std::move(*fault)};
    return Done{};
  }
  KeyFault fault = small.error();
  fault.text += " (an authority may also have P-521, or RSA of 2048 to 4096 bits)";
  return Fail{std::move(fault)};
}

}  // namespace chiploc
