#pragma once
// Keys and tokens as issuers make them, good and bad. By OpenSSL, for tests only.
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "server/oidc/base64url.hpp"
#include "server/oidc/jws.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

using nlohmann::json;

/// An issuer's key: what it publishes, and what it signs.
class IssuerKey {
 public:
  IssuerKey(JwsAlgorithm algorithm, std::string kid, unsigned rsa_bits = 2'048)
      : algorithm_{algorithm}, kid_{std::move(kid)} {
    switch (algorithm) {
      case JwsAlgorithm::kRs256:
      case JwsAlgorithm::kPs256:
        key_ = {EVP_RSA_gen(rsa_bits), EVP_PKEY_free};
        break;
      case JwsAlgorithm::kEs256:
        key_ = {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
        break;
      case JwsAlgorithm::kEdDsa:
        key_ = {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
        break;
    }
    REQUIRE(key_ != nullptr);
  }

  [[nodiscard]] const std::string& kid() const { return kid_; }
  [[nodiscard]] JwsAlgorithm algorithm() const { return algorithm_; }

  [[nodiscard]] json jwk() const {
    json out{{"use", "sig"}, {"alg", std::string{name_of(algorithm_)}}};
    if (!kid_.empty()) out["kid"] = kid_;
    if (algorithm_ == JwsAlgorithm::kEdDsa) {
      ByteVector raw(32);
      std::size_t size = raw.size();
      REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) == 1);
      out.update({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url_text(raw)}});
    } else if (algorithm_ == JwsAlgorithm::kEs256) {
      out.update({{"kty", "EC"},
                  {"crv", "P-256"},
                  {"x", number(OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                  {"y", number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)}});
    } else {
      out.update(
          {{"kty", "RSA"}, {"n", number(OSSL_PKEY_PARAM_RSA_N)}, {"e", number(OSSL_PKEY_PARAM_RSA_E)}});
    }
    return out;
  }

  [[nodiscard]] json header() const {
    json out{{"alg", std::string{name_of(algorithm_)}}, {"typ", "JWT"}};
    if (!kid_.empty()) out["kid"] = kid_;
    return out;
  }
  [[nodiscard]] std::string token(const json& claims) const { return token(header(), claims.dump()); }
  [[nodiscard]] std::string token(const json& header, const std::string& payload) const {
    const std::string text =
        base64url_text(bytes_of(header.dump())) + "." + base64url_text(bytes_of(payload));
    return text + "." + base64url_text(sign(text));
  }

  /// As the algorithm has it; `salt` for PS256: the size that the standard asks for is -1.
  [[nodiscard]] ByteVector sign(const std::string& text, int salt = -1) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    EVP_PKEY_CTX* parameters = nullptr;
    const EVP_MD* const digest = algorithm_ == JwsAlgorithm::kEdDsa ? nullptr : EVP_sha256();
    REQUIRE(EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key_.get()) == 1);
    if (algorithm_ == JwsAlgorithm::kPs256) {
      REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
      REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) == 1);
    }
    const Bytes message = bytes_of(text);
    std::size_t size = 0;
    REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
    ByteVector out(size);
    REQUIRE(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1);
    out.resize(size);
    return algorithm_ == JwsAlgorithm::kEs256 ? raw_of(out) : out;
  }

 private:
  [[nodiscard]] std::string number(const char* name, int size = 0) const {
    BIGNUM* value = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    ByteVector bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(value) : size));
    REQUIRE(BN_bn2binpad(value, bytes.data(), static_cast<int>(bytes.size())) > 0);
    BN_free(value);
    return base64url_text(bytes);
  }
  /// DER -> r || s.
  static ByteVector raw_of(const ByteVector& der) {
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free};
    REQUIRE(pair != nullptr);
    ByteVector out(64);
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), 32) == 32);
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + 32, 32) == 32);
    return out;
  }

  JwsAlgorithm algorithm_;
  std::string kid_;
  std::shared_ptr<EVP_PKEY> key_;
};

/// What an issuer publishes of these.
inline std::string key_set(std::initializer_list<json> keys) { return json{{"keys", json(keys)}}.dump(); }

inline constexpr JwsAlgorithm kAllAlgorithms[]{JwsAlgorithm::kRs256, JwsAlgorithm::kPs256,
                                               JwsAlgorithm::kEs256, JwsAlgorithm::kEdDsa};

/// One of each, made once: RSA keys take their time.
inline const IssuerKey& key_for(JwsAlgorithm algorithm) {
  static const IssuerKey kKeys[]{{JwsAlgorithm::kRs256, "rsa"},
                                 {JwsAlgorithm::kPs256, "pss"},
                                 {JwsAlgorithm::kEs256, "ec"},
                                 {JwsAlgorithm::kEdDsa, "ed"}};
  return kKeys[static_cast<std::size_t>(algorithm)];
}

}  // namespace chiploc::test
