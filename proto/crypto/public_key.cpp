#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "proto/crypto/keys.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = KeyFault::Code;

/// An accepted SubjectPublicKeyInfo is one of these prefixes and a point: no DER parser is involved.
constexpr ByteArray<12> kEd25519Prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr ByteArray<26> kP256Prefix{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr ByteArray<23> kP384Prefix{0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};
constexpr std::size_t kDerMax = 4096;  // a large RSA key is refused with its name, not as noise

struct Shape {
  SignatureAlgorithm algorithm;
  Bytes prefix;
  std::size_t point_size;
  const char* group;
};
constexpr std::array<Shape, 3> kShapes{{
    {SignatureAlgorithm::kEd25519, Bytes{kEd25519Prefix}, 32, nullptr},
    {SignatureAlgorithm::kEs256, Bytes{kP256Prefix}, 65, "P-256"},
    {SignatureAlgorithm::kEs384, Bytes{kP384Prefix}, 97, "P-384"},
}};

/// y coordinates of the points of order 1, 2, 4 and 8, little-endian, sign bit clear: 1, -1, 0 and two of
/// order 8.
constexpr std::array<ByteArray<32>, 5> kSmallOrder{{
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
}};

BigNumberPtr number(const char* hex) {
  BIGNUM* value = nullptr;
  BN_hex2bn(&value, hex);
  return BigNumberPtr{value};
}

/// Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a solution (RFC 8032, 5.1.3): OpenSSL looks only when it
/// verifies.
bool on_edwards25519(const ByteArray<32>& y_bytes) {
  const BigNumberPtr p = number("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  const BigNumberPtr d = number("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
  const BigNumberContextPtr context{BN_CTX_new()};
  const BigNumberPtr y{BN_lebin2bn(y_bytes.data(), 32, nullptr)};
  const BigNumberPtr yy{BN_new()};
  const BigNumberPtr u{BN_new()};
  const BigNumberPtr v{BN_new()};
  if (!p || !d || !context || !y || !yy || !u || !v) return false;
  const bool computed = BN_mod_sqr(yy.get(), y.get(), p.get(), context.get()) == 1 &&
                        BN_mod_sub(u.get(), yy.get(), BN_value_one(), p.get(), context.get()) == 1 &&
                        BN_mod_mul(v.get(), yy.get(), d.get(), p.get(), context.get()) == 1 &&
                        BN_mod_add(v.get(), v.get(), BN_value_one(), p.get(), context.get()) == 1 &&
                        BN_mod_mul(u.get(), u.get(), v.get(), p.get(), context.get()) == 1;
  // u/v is a square exactly when u*v is; v is never 0, since -1/d is no square.
  const int symbol = computed ? BN_kronecker(u.get(), p.get(), context.get()) : -2;
  return symbol == 0 || symbol == 1;
}

std::optional<KeyFault> fault_of_ed25519(Bytes raw) {
  ByteArray<32> y;
  std::copy(raw.begin(), raw.end(), y.begin());
  y[31] &= 0x7f;
  constexpr std::uint8_t kLowestByteOfPrime = 0xed;
  const bool all_ones = std::all_of(y.begin() + 1, y.end() - 1, [](std::uint8_t b) { return b == 0xff; });
  if (y[31] == 0x7f && all_ones && y[0] >= kLowestByteOfPrime) {
    return KeyFault{Code::kNonCanonical, "the Ed25519 key's y coordinate is not below 2^255 - 19"};
  }
  if (std::find(kSmallOrder.begin(), kSmallOrder.end(), y) != kSmallOrder.end()) {
    return KeyFault{Code::kSmallOrder,
                    "the Ed25519 key is a point of small order, which verifies forged signatures"};
  }
  if (!on_edwards25519(y))
    return KeyFault{Code::kPointOffCurve, "the Ed25519 key is not a point of its curve"};
  return std::nullopt;
}

PkeyPtr import_ec(const char* group, Bytes point) {
  const PkeyContextPtr context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(point.data()),
                                        point.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1) {
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters);
  }
  ERR_clear_error();
  return PkeyPtr{key};
}

/// Says what a SubjectPublicKeyInfo is that is none of ours.
KeyFault diagnose(Bytes der) {
  constexpr const char* kWanted =
      "; use Ed25519, or P-256 or P-384 as a named curve with an uncompressed point";
  const std::uint8_t* at = der.data();
  const PkeyPtr key{der.size() <= kDerMax ? d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()))
                                          : nullptr};
  ERR_clear_error();
  if (key == nullptr) return {Code::kMalformed, std::string{"not a public key in DER"} + kWanted};
  const char* type = EVP_PKEY_get0_type_name(key.get());
  return {Code::kUnsupportedAlgorithm, std::string{"a public key of type "} +
                                           (type != nullptr ? type : "unknown") + " in a form not taken" +
                                           kWanted};
}

}  // namespace

struct PublicKey::Parsed {
  SignatureAlgorithm algorithm;
  ByteVector spki;
  std::size_t point_at;
  PkeyPtr key;
};

Result<PublicKey, KeyFault> PublicKey::from_spki_der(Bytes der) {
  const auto shape = std::find_if(kShapes.begin(), kShapes.end(), [der](const Shape& s) {
    return der.size() >= s.prefix.size() && same_bytes(der.first(s.prefix.size()), s.prefix);
  });
  if (shape == kShapes.end()) return Fail{diagnose(der)};
  const std::size_t size = shape->prefix.size() + shape->point_size;
  if (der.size() < size) return Fail{KeyFault{Code::kMalformed, "the public key ends in the middle"}};
  if (der.size() > size) return Fail{KeyFault{Code::kTrailingData, "something follows the public key"}};

  const Bytes point = der.subspan(shape->prefix.size());
  PkeyPtr key;
  if (shape->algorithm == SignatureAlgorithm::kEd25519) {
    if (auto fault = fault_of_ed25519(point)) return Fail{std::move(*fault)};
    key.reset(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, point.data(), point.size()));
  } else {
    constexpr std::uint8_t kUncompressed = 4;
    if (point[0] != kUncompressed) {
      return Fail{KeyFault{Code::kUnsupportedAlgorithm, "the key's point is not in uncompressed form"}};
    }
    key = import_ec(shape->group, point);
  }
  if (key == nullptr) {
    return Fail{KeyFault{Code::kPointOffCurve, std::string{"the "} + std::string{name_of(shape->algorithm)} +
                                                   " key is not a point of its curve"}};
  }
  return PublicKey{std::make_shared<const Parsed>(
      Parsed{shape->algorithm, ByteVector(der.begin(), der.end()), shape->prefix.size(), std::move(key)})};
}

Result<PublicKey, KeyFault> PublicKey::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, "PUBLIC KEY", /*prose=*/false);
  if (blocks.size() != 1) {
    return Fail{
        KeyFault{Code::kMalformed, "not exactly one PEM block \"BEGIN PUBLIC KEY\" and nothing else"}};
  }
  return from_spki_der(blocks.front());
}

Result<PublicKey, KeyFault> PublicKey::from_raw_ed25519(Bytes raw) {
  if (raw.size() != 32) {
    return Fail{KeyFault{Code::kMalformed,
                         "a raw Ed25519 public key has 32 bytes, this has " + std::to_string(raw.size())}};
  }
  ByteVector der(kEd25519Prefix.begin(), kEd25519Prefix.end());
  der.insert(der.end(), raw.begin(), raw.end());
  return from_spki_der(der);
}

SignatureAlgorithm PublicKey::algorithm() const { return parsed_->algorithm; }
Bytes PublicKey::spki_der() const { return parsed_->spki; }
std::string PublicKey::pem() const { return write_pem(parsed_->spki, "PUBLIC KEY"); }
evp_pkey_st* PublicKey::native() const { return parsed_->key.get(); }

std::optional<ByteArray<32>> PublicKey::raw_ed25519() const {
  if (parsed_->algorithm != SignatureAlgorithm::kEd25519) return std::nullopt;
  ByteArray<32> raw;
  std::copy(parsed_->spki.begin() + static_cast<std::ptrdiff_t>(parsed_->point_at), parsed_->spki.end(),
            raw.begin());
  return raw;
}

bool PublicKey::verify(Bytes message, Bytes signature) const {
  if (signature.size() != signature_size_of(algorithm())) return false;
  ByteVector der;
  Bytes native_signature = signature;
  const char* digest = nullptr;
  if (algorithm() != SignatureAlgorithm::kEd25519) {
    der = ecdsa_der_from_raw(algorithm(), signature);
    if (der.empty()) return false;
    native_signature = der;
    digest = algorithm() == SignatureAlgorithm::kEs256 ? "SHA256" : "SHA384";
  }
  // EVP_PKEY is shared, the context is not: verifying from several threads is fine.
  const DigestContextPtr context{EVP_MD_CTX_new()};
  const bool good = context != nullptr &&
                    EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr,
                                            parsed_->key.get(), nullptr) == 1 &&
                    EVP_DigestVerify(context.get(), native_signature.data(), native_signature.size(),
                                     message.data(), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace chiploc
