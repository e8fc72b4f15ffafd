#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = KeyFault::Code;

/// Ready to sign with the key; null if OpenSSL cannot.
DigestContextPtr signing_context(EVP_PKEY& key, SignatureAlgorithm algorithm, const KeyHome& home) {
  const char* digest = nullptr;  // none for Ed25519
  if (algorithm == SignatureAlgorithm::kEs256) digest = "SHA256";
  if (algorithm == SignatureAlgorithm::kEs384) digest = "SHA384";
  const char* properties = home.properties.empty() ? nullptr : home.properties.c_str();
  DigestContextPtr context{EVP_MD_CTX_new()};
  if (context != nullptr && EVP_DigestSignInit_ex(context.get(), nullptr, digest, home.library.get(),
                                                  properties, &key, nullptr) == 1) {
    return context;
  }
  return nullptr;
}

/// A key that OpenSSL operates, wherever its private half is.
class OpensslSigner final : public Signer {
 public:
  OpensslSigner(PkeyPtr key, PublicKey public_key, KeyHome home)
      : home_{std::move(home)}, key_{std::move(key)}, public_{std::move(public_key)} {}
  const PublicKey& public_key() const override { return public_; }
  Result<ByteVector, KeyFault> sign(Bytes message) const override {
    return sign_with(*key_, public_.algorithm(), home_, message);
  }
  evp_md_ctx_st* start_signing() const override {
    return signing_context(*key_, public_.algorithm(), home_).release();
  }

 private:
  KeyHome home_;  // first: the key goes away before the library context that made it
  PkeyPtr key_;
  PublicKey public_;
};

class MemoryKey final : public SoftwareKey {
 public:
  MemoryKey(PkeyPtr key, PublicKey public_key) : key_{std::move(key)}, public_{std::move(public_key)} {}
  const PublicKey& public_key() const override { return public_; }
  Result<ByteVector, KeyFault> sign(Bytes message) const override {
    return sign_with(*key_, public_.algorithm(), {}, message);
  }
  evp_md_ctx_st* start_signing() const override {
    return signing_context(*key_, public_.algorithm(), {}).release();
  }
  std::string private_pem() const override {
    const BioPtr bio{BIO_new(BIO_s_secmem())};
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
      return {};
    return text_of(*bio);
  }
  std::string encrypted_pem(std::string_view passphrase) const override;
  evp_pkey_st* native() const override { return key_.get(); }

 private:
  PkeyPtr key_;
  PublicKey public_;
};

std::string MemoryKey::encrypted_pem(std::string_view passphrase) const {
  constexpr std::uint64_t kCost = 16'384;
  constexpr std::uint64_t kBlockSize = 8;
  constexpr std::uint64_t kParallel = 5;
  constexpr int kSaltBytes = 16;
  const OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> bare{EVP_PKEY2PKCS8(key_.get())};
  X509_ALGOR* algorithm =
      PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, kSaltBytes, nullptr, kCost, kBlockSize, kParallel);
  const BioPtr bio{BIO_new(BIO_s_mem())};
  if (bare == nullptr || algorithm == nullptr || bio == nullptr) {
    X509_ALGOR_free(algorithm);
    return {};
  }
  // On success the algorithm belongs to the result.
  const OpensslPtr<X509_SIG, X509_SIG_free> sealed{
      PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), bare.get(), algorithm)};
  if (sealed == nullptr) {
    X509_ALGOR_free(algorithm);
    return {};
  }
  return PEM_write_bio_PKCS8(bio.get(), sealed.get()) == 1 ? text_of(*bio) : std::string{};
}

Result<std::unique_ptr<SoftwareKey>, KeyFault> software_key(PkeyPtr key) {
  auto public_key = public_half(*key);
  if (!public_key) return Fail{public_key.error()};
  return std::unique_ptr<SoftwareKey>{std::make_unique<MemoryKey>(std::move(key), *public_key)};
}

/// A passphrase callback that has none, so that nobody is asked at a terminal.
int no_passphrase(char* /*out*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

std::string errno_text() { return std::strerror(errno); }

}  // namespace

Result<PublicKey, KeyFault> public_half(EVP_PKEY& key) {
  std::uint8_t* data = nullptr;
  const int size = i2d_PUBKEY(&key, &data);
  ByteVector der;
  if (size > 0) der.assign(data, data + size);
  OPENSSL_free(data);
  if (der.empty()) {
    return Fail{KeyFault{Code::kUnsupportedAlgorithm,
                         "the key's public half cannot be read: " + take_openssl_reason()}};
  }
  return PublicKey::from_spki_der(der);
}

Result<ByteVector, KeyFault> sign_with(EVP_PKEY& key, SignatureAlgorithm algorithm, const KeyHome& home,
                                       Bytes message) {
  constexpr std::size_t kNativeMax = 160;  // ECDSA on P-384 in DER has at most 104 bytes
  ByteVector native(kNativeMax);
  std::size_t size = native.size();
  const DigestContextPtr context = signing_context(key, algorithm, home);
  if (context == nullptr ||
      EVP_DigestSign(context.get(), native.data(), &size, message.data(), message.size()) != 1) {
    return Fail{KeyFault{Code::kSigningFailed, "the key would not sign: " + take_openssl_reason()}};
  }
  native.resize(size);
  if (algorithm != SignatureAlgorithm::kEd25519) native = ecdsa_raw_from_der(algorithm, native);
  if (native.size() != signature_size_of(algorithm)) {
    return Fail{KeyFault{Code::kSigningFailed, "the key returned something that is no signature"}};
  }
  return native;
}

Result<std::unique_ptr<Signer>, KeyFault> signer_of(PkeyPtr key, KeyHome home) {
  auto public_key = public_half(*key);
  if (!public_key) return Fail{public_key.error()};
  return std::unique_ptr<Signer>{
      std::make_unique<OpensslSigner>(std::move(key), *public_key, std::move(home))};
}

std::unique_ptr<SoftwareKey> generate_key(SignatureAlgorithm algorithm) {
  EVP_PKEY* raw = nullptr;
  switch (algorithm) {
    case SignatureAlgorithm::kEd25519:
      raw = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
    case SignatureAlgorithm::kEs256:
      raw = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case SignatureAlgorithm::kEs384:
      raw = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
      break;
  }
  PkeyPtr key{raw};
  if (key == nullptr) {
    std::fputs("chiploc: OpenSSL cannot generate a key: no random numbers or no default provider\n", stderr);
    std::abort();
  }
  return *software_key(std::move(key));
}

Result<std::unique_ptr<SoftwareKey>, KeyFault> key_from_private_pem(std::string_view pem) {
  const BioPtr bio = bio_reading(bytes_of(pem));
  PkeyPtr key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  if (key == nullptr) {
    return Fail{
        KeyFault{Code::kMalformed, "not an unencrypted private key in PEM: " + take_openssl_reason()}};
  }
  std::uint8_t next = 0;
  while (BIO_read(bio.get(), &next, 1) == 1) {
    if (next != '\n' && next != '\r' && next != ' ' && next != '\t') {
      return Fail{KeyFault{Code::kTrailingData, "something follows the private key"}};
    }
  }
  ERR_clear_error();
  return software_key(std::move(key));
}

Result<std::unique_ptr<SoftwareKey>, KeyFault> key_from_ed25519_seed(Bytes seed) {
  PkeyPtr key{seed.size() == 32
                  ? EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size())
                  : nullptr};
  if (key == nullptr) return Fail{KeyFault{Code::kMalformed, "an Ed25519 seed has 32 bytes"}};
  return software_key(std::move(key));
}

Result<Done, KeyFault> write_private_key(const std::filesystem::path& file, const SoftwareKey& key,
                                         std::string_view passphrase) {
  const auto fail = [&file](const char* what) {
    return Fail{KeyFault{Code::kNotWritable, file.string() + ": cannot " + what + ": " + errno_text()}};
  };
  std::string pem = passphrase.empty() ? key.private_pem() : key.encrypted_pem(passphrase);
  if (pem.empty())
    return Fail{KeyFault{Code::kNotWritable, "the key cannot be put into PEM: " + take_openssl_reason()}};
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (out < 0) return fail(errno == EEXIST ? "create (a key is never overwritten)" : "create");
  std::size_t written = 0;
  while (written < pem.size()) {
    const ssize_t n = ::write(out, pem.data() + written, pem.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  const bool complete = written == pem.size() && ::fsync(out) == 0;
  wipe({reinterpret_cast<std::uint8_t*>(pem.data()), pem.size()});
  if (::close(out) != 0 || !complete) return fail("write");

  // The name is durable only once the folder is.
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return fail("open the folder");
  const bool durable = ::fsync(directory) == 0;
  ::close(directory);
  if (!durable) return fail("make durable");
  return Done{};
}

}  // namespace chiploc
