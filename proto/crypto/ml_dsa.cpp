#include "proto/crypto/ml_dsa.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace chiploc {
namespace {

constexpr const char* kMlDsa44 = "ML-DSA-44";

bool has_ml_dsa() {
  ERR_set_mark();
  const std::unique_ptr<EVP_SIGNATURE, void (*)(EVP_SIGNATURE*)> found{
      EVP_SIGNATURE_fetch(nullptr, kMlDsa44, nullptr), EVP_SIGNATURE_free};
  ERR_pop_to_mark();
  return found != nullptr;
}

}  // namespace

MlDsaVerdict verify_ml_dsa_44(Bytes public_key, Bytes message, Bytes signature) {
  static const bool kHas = has_ml_dsa();
  if (!kHas) return MlDsaVerdict::kUnsupported;
  ERR_set_mark();
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{
      EVP_PKEY_new_raw_public_key_ex(nullptr, kMlDsa44, nullptr, public_key.data(), public_key.size()),
      EVP_PKEY_free};
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  const bool good =
      key && context &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
          1;
  ERR_pop_to_mark();
  return good ? MlDsaVerdict::kGood : MlDsaVerdict::kBad;
}

}  // namespace chiploc
