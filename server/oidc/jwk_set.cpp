#include "server/oidc/jwk_set.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "server/oidc/base64url.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {
namespace {

template <class T, void (*FreeFunction)(T*)>
struct FreeIt {
  void operator()(T* object) const { FreeFunction(object); }
};
template <class T, void (*FreeFunction)(T*)>
using Held = std::unique_ptr<T, FreeIt<T, FreeFunction>>;

constexpr std::size_t kRsaBytesMin = 256, kRsaBytesMax = 1'024;

std::shared_ptr<EVP_PKEY> make_rsa(Bytes modulus, Bytes exponent) {
  const Held<BIGNUM, BN_free> n{BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr)};
  const Held<BIGNUM, BN_free> e{BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr)};
  const Held<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build{OSSL_PARAM_BLD_new()};
  if (!n || !e || !build || OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  const Held<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(build.get())};
  const Held<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return {made, EVP_PKEY_free};
}

bool rsa_verify(EVP_PKEY* key, bool pss, Bytes message, Bytes signature) {
  const Held<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* parameters = nullptr;
  if (!context || EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key) != 1)
    return false;
  if (EVP_PKEY_CTX_set_rsa_padding(parameters, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
    return false;
  if (pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1) return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace

bool Jwk::fits(JwsAlgorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  switch (algorithm) {
    case JwsAlgorithm::kRs256:
    case JwsAlgorithm::kPs256:
      return rsa_ != nullptr;
    case JwsAlgorithm::kEs256:
      return elliptic_ && elliptic_->algorithm() == SignatureAlgorithm::kEs256;
    case JwsAlgorithm::kEdDsa:
      return elliptic_ && elliptic_->algorithm() == SignatureAlgorithm::kEd25519;
  }
  return false;
}

bool Jwk::verify(JwsAlgorithm algorithm, Bytes message, Bytes signature) const {
  if (!fits(algorithm)) return false;
  if (elliptic_) return elliptic_->verify(message, signature);
  auto* const key =
      const_cast<EVP_PKEY*>(rsa_.get());  // OpenSSL's calls are not const; this one changes nothing
  if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key))) return false;
  return rsa_verify(key, algorithm == JwsAlgorithm::kPs256, message, signature);
}

/// One member of `keys` -> a key, or why there is none.
class JwkReader {
 public:
  explicit JwkReader(const nlohmann::json& json) : json_{json} {}

  Result<Jwk, JwkSkip> read() {
    if (!json_.is_object()) return Fail{JwkSkip::kMalformed};
    const std::string* const kind = text_member(json_, "kty");
    if (kind == nullptr) return Fail{JwkSkip::kMalformed};
    if (*kind != "RSA" && *kind != "EC" && *kind != "OKP") return Fail{JwkSkip::kKind};
    if (json_.contains("d")) return Fail{JwkSkip::kPrivate};
    Jwk key;
    if (!read_purpose(key)) return Fail{JwkSkip::kUse};
    if (json_.contains("kid")) {
      const std::string* const kid = text_member(json_, "kid");
      if (kid == nullptr || !is_key_id(*kid)) return Fail{JwkSkip::kMalformed};
      key.kid_ = *kid;
    }
    if (*kind == "RSA") return read_rsa(std::move(key));
    const std::string* const curve = text_member(json_, "crv");
    if (curve == nullptr) return Fail{JwkSkip::kMalformed};
    if (*kind == "EC" && *curve == "P-256") return read_p256(std::move(key));
    if (*kind == "OKP" && *curve == "Ed25519") return read_ed25519(std::move(key));
    return Fail{JwkSkip::kKind};
  }

 private:
  /// It is for verifying signatures of ours. What it does not say it does not forbid.
  bool read_purpose(Jwk& key) const {
    const std::string* const use = text_member(json_, "use");
    if (json_.contains("use") && (use == nullptr || *use != "sig")) return false;
    if (const auto operations = json_.find("key_ops"); operations != json_.end()) {
      if (!operations->is_array()) return false;
      if (std::find(operations->begin(), operations->end(), nlohmann::json("verify")) == operations->end())
        return false;
    }
    if (!json_.contains("alg")) return true;
    const std::string* const alg = text_member(json_, "alg");
    if (alg != nullptr) key.only_ = jws_algorithm_of(*alg);
    return key.only_.has_value();
  }

  [[nodiscard]] std::optional<ByteVector> bytes(const char* name) const {
    const std::string* const text = text_member(json_, name);
    return text == nullptr ? std::nullopt : base64url_bytes(*text);
  }

  Result<Jwk, JwkSkip> fitting(Jwk key) const {
    if (key.only_ && !key.fits(*key.only_)) return Fail{JwkSkip::kUse};
    return key;
  }

  Result<Jwk, JwkSkip> read_rsa(Jwk key) const {
    const auto modulus = bytes("n"), exponent = bytes("e");
    if (!modulus || !exponent || modulus->empty() || exponent->empty() || modulus->front() == 0 ||
        exponent->front() == 0)
      return Fail{JwkSkip::kMalformed};
    const bool long_enough =
        modulus->size() > kRsaBytesMin || (modulus->size() == kRsaBytesMin && modulus->front() >= 0x80);
    const std::uint32_t e =
        std::accumulate(exponent->begin(), exponent->end(), std::uint32_t{0},
                        [](std::uint32_t sum, std::uint8_t byte) { return (sum << 8U) | byte; });
    if (!long_enough || modulus->size() > kRsaBytesMax || (modulus->back() & 1U) == 0 ||
        exponent->size() > 4 || e < 65'537 || (e & 1U) == 0)
      return Fail{JwkSkip::kWeak};
    key.rsa_ = make_rsa(*modulus, *exponent);
    if (key.rsa_ == nullptr) return Fail{JwkSkip::kMalformed};
    return fitting(std::move(key));
  }

  Result<Jwk, JwkSkip> read_p256(Jwk key) const {
    const auto x = bytes("x"), y = bytes("y");
    if (!x || !y || x->size() != 32 || y->size() != 32) return Fail{JwkSkip::kMalformed};
    // SubjectPublicKeyInfo of id-ecPublicKey with prime256v1, up to the uncompressed point (RFC 5480).
    ByteVector spki{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    spki.insert(spki.end(), x->begin(), x->end());
    spki.insert(spki.end(), y->begin(), y->end());
    auto point = PublicKey::from_spki_der(spki);
    if (!point) return Fail{JwkSkip::kBadPoint};
    key.elliptic_ = *std::move(point);
    return fitting(std::move(key));
  }

  Result<Jwk, JwkSkip> read_ed25519(Jwk key) const {
    const auto x = bytes("x");
    if (!x || x->size() != 32) return Fail{JwkSkip::kMalformed};
    auto point = PublicKey::from_raw_ed25519(*x);
    if (!point) return Fail{JwkSkip::kBadPoint};
    key.elliptic_ = *std::move(point);
    return fitting(std::move(key));
  }

  const nlohmann::json& json_;
};

std::string_view name_of(JwkSkip why) {
  switch (why) {
    case JwkSkip::kKind:
      return "kind";
    case JwkSkip::kUse:
      return "use";
    case JwkSkip::kMalformed:
      return "malformed";
    case JwkSkip::kWeak:
      return "weak";
    case JwkSkip::kBadPoint:
      return "bad-point";
    case JwkSkip::kPrivate:
      return "private";
    case JwkSkip::kTwice:
      return "twice";
  }
  return "";
}

Result<JwkSet, JwkSetFault> JwkSet::parse(std::string_view text) {
  const auto json = strict_json_object(text, kSizeMax);
  if (!json) return Fail{JwkSetFault::kNoJson};
  const auto listed = json->find("keys");
  if (listed == json->end() || !listed->is_array()) return Fail{JwkSetFault::kNoKeys};
  if (listed->size() > kKeysMax) return Fail{JwkSetFault::kTooMany};
  JwkSet out;
  std::map<std::string, std::size_t> named;
  for (const nlohmann::json& one : *listed) {
    auto key = JwkReader{one}.read();
    if (!key) {
      ++out.skipped_[static_cast<std::size_t>(key.error())];
      continue;
    }
    if (key->kid()) ++named[*key->kid()];
    out.keys_.push_back(*std::move(key));
  }
  out.skipped_[static_cast<std::size_t>(JwkSkip::kTwice)] +=
      std::erase_if(out.keys_, [&](const Jwk& key) { return key.kid() && named[*key.kid()] > 1; });
  return out;
}

const Jwk* JwkSet::find(const std::optional<std::string>& kid, JwsAlgorithm algorithm) const {
  const Jwk* found = nullptr;
  for (const Jwk& key : keys_) {
    if (!key.fits(algorithm) || (kid && key.kid() != kid)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

bool JwkSet::has(std::string_view kid) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Jwk& key) { return key.kid() == kid; });
}

std::size_t JwkSet::skipped() const {
  return std::accumulate(skipped_.begin(), skipped_.end(), std::size_t{0});
}

}  // namespace chiploc
