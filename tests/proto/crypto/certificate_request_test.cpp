#include "proto/crypto/certificate_request.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "proto/crypto/digest.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::certificate_request_test {
using Code = CertificateFault::Code;

namespace {

ByteVector der_of(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509_REQ* request = PEM_read_bio_X509_REQ(bio, nullptr, nullptr, nullptr);
  REQUIRE(request != nullptr);
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_REQ(request, &data);
  ByteVector der(data, data + size);
  OPENSSL_free(data);
  X509_REQ_free(request);
  BIO_free(bio);
  return der;
}

/// Signed by a key that it does not name.
std::string stolen_key_request(const SoftwareKey& named, const SoftwareKey& signer) {
  X509_REQ* request = X509_REQ_new();
  const unsigned char name[] = "fra1";
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  X509_REQ_set_pubkey(request, named.native());
  REQUIRE(X509_REQ_sign(request, signer.native(), EVP_sha256()) > 0);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request);
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  X509_REQ_free(request);
  return pem;
}

}  // namespace

TEST_CASE("CertificateRequest: what was asked for is read back, for each kind of key", "[crypto]") {
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto key = generate_key(algorithm);
  const auto pem = make_request({.common_name = "chiplocd",
                                 .organizational_unit = "coordinator",
                                 .dns_names = {"chiplocd", "a.example"},
                                 .ip_addresses = {"192.0.2.1", "::1"}},
                                *key);
  REQUIRE(pem);
  const auto request = CertificateRequest::from_pem("mailed by bob\n" + *pem);
  REQUIRE(request);
  CHECK(request->common_name() == "chiplocd");
  CHECK(request->organizational_unit() == "coordinator");
  CHECK(request->hosts() == std::vector<std::string>{"chiplocd", "a.example", "192.0.2.1", "::1"});
  CHECK(request->public_key() == key->public_key());
}

TEST_CASE("CertificateRequest: without possession of the key there is none", "[crypto]") {
  const auto mine = generate_key(SignatureAlgorithm::kEs256);
  const auto theirs = generate_key(SignatureAlgorithm::kEs256);
  CHECK(CertificateRequest::from_pem(stolen_key_request(*mine, *mine)));
  const auto stolen = CertificateRequest::from_pem(stolen_key_request(*theirs, *mine));
  REQUIRE_FALSE(stolen);
  CHECK(stolen.error().code == Code::kBadSignature);
  CHECK(stolen.error().text.find("does not have the private key") != std::string::npos);
}

TEST_CASE("CertificateRequest: no flipped bit passes, no cut, no addition", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEd25519);
  const ByteVector der = der_of(
      *make_request({.common_name = "fra1", .organizational_unit = "anchor", .dns_names = {"fra1"}}, *key));
  REQUIRE(CertificateRequest::from_der(der));
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    INFO("bit " << bit);
    REQUIRE_FALSE(CertificateRequest::from_der(with_flipped_bit(der, bit)));
  }
  for (std::size_t size = 0; size < der.size(); ++size)
    REQUIRE_FALSE(CertificateRequest::from_der(Bytes{der}.first(size)));
  ByteVector longer = der;
  longer.push_back(0);
  CHECK(CertificateRequest::from_der(longer).error().code == Code::kMalformed);
  CHECK_FALSE(CertificateRequest::from_der(ByteVector(CertificateRequest::kSizeMax + 1)));
  CHECK(CertificateRequest::from_pem("no request").error().code == Code::kMalformed);
}

TEST_CASE("CertificateRequest: a key that the protocol does not take is refused by its type", "[crypto]") {
  X509_REQ* request = X509_REQ_new();
  const test::SharedKey rsa = test::rsa_key(2048);
  X509_REQ_set_pubkey(request, rsa.get());
  REQUIRE(X509_REQ_sign(request, rsa.get(), EVP_sha256()) > 0);
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_REQ(request, &data);
  const auto read = CertificateRequest::from_der(Bytes{data, static_cast<std::size_t>(size)});
  OPENSSL_free(data);
  X509_REQ_free(request);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Code::kUnsupportedKey);
  CHECK(read.error().text.find("RSA") != std::string::npos);
}

TEST_CASE("make_request: names that do not fit are refused", "[crypto]") {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  CHECK_FALSE(make_request({.common_name = "", .organizational_unit = "anchor"}, *key));
  CHECK_FALSE(make_request({.common_name = std::string(65, 'x'), .organizational_unit = "anchor"}, *key));
  CHECK_FALSE(
      make_request({.common_name = "x", .organizational_unit = "", .dns_names = {"not a name"}}, *key));
  CHECK_FALSE(
      make_request({.common_name = "x", .organizational_unit = "", .ip_addresses = {"300.0.0.1"}}, *key));
}

}  // namespace chiploc::certificate_request_test
