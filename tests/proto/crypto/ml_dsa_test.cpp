#include "proto/crypto/ml_dsa.hpp"

#include <openssl/evp.h>

#include <memory>

#include "tests/support/catch.hpp"

namespace chiploc::test {

TEST_CASE("ML-DSA-44: a signature counts for its key and message alone; without the algorithm it says so",
          "[crypto]") {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> made{EVP_PKEY_Q_keygen(nullptr, nullptr, "ML-DSA-44"),
                                                            EVP_PKEY_free};
  if (!made) {
    WARN("skipped: this OpenSSL has no ML-DSA-44; that it is told is tested");
    CHECK(verify_ml_dsa_44(ByteVector(1'312), bytes_of("m"), ByteVector(2'420)) ==
          MlDsaVerdict::kUnsupported);
    return;
  }
  ByteVector key(1'312), signature(2'420);
  std::size_t key_size = key.size(), size = signature.size();
  REQUIRE(EVP_PKEY_get_raw_public_key(made.get(), key.data(), &key_size) == 1);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  REQUIRE(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, made.get(), nullptr) == 1);
  REQUIRE(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of("m").data(), 1) == 1);
  CHECK(verify_ml_dsa_44(key, bytes_of("m"), signature) == MlDsaVerdict::kGood);
  CHECK(verify_ml_dsa_44(key, bytes_of("n"), signature) == MlDsaVerdict::kBad);
  CHECK(verify_ml_dsa_44(key, {}, signature) == MlDsaVerdict::kBad);
  CHECK(verify_ml_dsa_44(key, bytes_of("m"), Bytes{signature}.first(2'419)) == MlDsaVerdict::kBad);
  CHECK(verify_ml_dsa_44(Bytes{key}.first(1'311), bytes_of("m"), signature) == MlDsaVerdict::kBad);
  signature[7] ^= 1;
  CHECK(verify_ml_dsa_44(key, bytes_of("m"), signature) == MlDsaVerdict::kBad);
}

}  // namespace chiploc::test
