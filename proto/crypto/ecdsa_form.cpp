#include <openssl/ecdsa.h>

#include <algorithm>

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

/// The group orders n of P-256 and P-384, big-endian (SP 800-186, 3.2.1).
constexpr ByteArray<32> kOrderP256{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                   0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr ByteArray<48> kOrderP384{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
                                   0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

Bytes order_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kEs384 ? Bytes{kOrderP384} : Bytes{kOrderP256};
}

bool in_range(Bytes number, Bytes order) {
  const bool zero = std::all_of(number.begin(), number.end(), [](std::uint8_t b) { return b == 0; });
  return !zero && std::lexicographical_compare(number.begin(), number.end(), order.begin(), order.end());
}

ByteVector der_of(const ECDSA_SIG& signature) {
  std::uint8_t* data = nullptr;
  const int size = i2d_ECDSA_SIG(&signature, &data);
  ByteVector der;
  if (size > 0) der.assign(data, data + size);
  OPENSSL_free(data);
  return der;
}

}  // namespace

ByteVector ecdsa_der_from_raw(SignatureAlgorithm algorithm, Bytes raw) {
  const Bytes order = order_of(algorithm);
  if (raw.size() != 2 * order.size()) return {};
  const Bytes r = raw.first(order.size());
  const Bytes s = raw.last(order.size());
  if (!in_range(r, order) || !in_range(s, order)) return {};
  const int width = static_cast<int>(order.size());
  BigNumberPtr r_number{BN_bin2bn(r.data(), width, nullptr)};
  BigNumberPtr s_number{BN_bin2bn(s.data(), width, nullptr)};
  const EcdsaSignaturePtr signature{ECDSA_SIG_new()};
  if (!r_number || !s_number || !signature) return {};
  ECDSA_SIG_set0(signature.get(), r_number.release(), s_number.release());  // takes both over
  return der_of(*signature);
}

ByteVector ecdsa_raw_from_der(SignatureAlgorithm algorithm, Bytes der) {
  const std::uint8_t* at = der.data();
  const EcdsaSignaturePtr signature{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  ERR_clear_error();
  if (signature == nullptr || !same_bytes(der_of(*signature), der)) return {};
  const Bytes order = order_of(algorithm);
  const int width = static_cast<int>(order.size());
  ByteVector raw(2 * order.size());
  if (BN_is_negative(ECDSA_SIG_get0_r(signature.get())) != 0 ||
      BN_is_negative(ECDSA_SIG_get0_s(signature.get())) != 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), width) != width ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + width, width) != width) {
    return {};
  }
  const bool good =
      in_range(Bytes{raw}.first(order.size()), order) && in_range(Bytes{raw}.last(order.size()), order);
  return good ? raw : ByteVector{};
}

}  // namespace chiploc
