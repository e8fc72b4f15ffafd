#include "proto/crypto/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>

namespace chiploc {
namespace {

[[noreturn]] void stop(const char* sentence) {
  std::fprintf(stderr, "chiploc: %s\n", sentence);
  std::abort();
}

/// Fetched once per process: fetching costs several times the hash of a short message.
const EVP_MD* sha256_method() {
  static const EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (kMethod == nullptr) stop("OpenSSL has no SHA-256; check the providers in openssl.cnf");
  return kMethod;
}

template <class SomeId>
SomeId first_of_sha256(const ByteArray<32>& raw) {
  const Digest digest = sha256(raw);
  return *SomeId::from_bytes(Bytes{digest.bytes}.first(SomeId::kSize));
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_{EVP_MD_CTX_new()} {
  if (context_ == nullptr || EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr) != 1) {
    stop("SHA-256 cannot be set up: out of memory");
  }
}

Sha256& Sha256::update(Bytes part) {
  if (EVP_DigestUpdate(context_.get(), part.data(), part.size()) != 1) stop("SHA-256 failed");
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr) != 1 ||
      EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr) != 1) {
    stop("SHA-256 failed");
  }
  return digest;
}

Digest sha256(Bytes message) { return sha256_of({message}); }

Digest sha256_of(std::initializer_list<Bytes> parts) {
  thread_local Sha256 hash;
  for (const Bytes part : parts) hash.update(part);
  return hash.finish();
}

bool constant_time_equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(MutableBytes secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

bool random_bytes(MutableBytes out) {
  constexpr std::size_t kPieceMax = 1U << 20U;  // RAND_bytes takes an int
  while (!out.empty()) {
    const MutableBytes piece = out.first(out.size() < kPieceMax ? out.size() : kPieceMax);
    if (RAND_bytes(piece.data(), static_cast<int>(piece.size())) != 1) return false;
    out = out.subspan(piece.size());
  }
  return true;
}

void random_bytes_or_abort(MutableBytes out) {
  if (!random_bytes(out)) stop("the random generator is not seeded; nothing secret can be made");
}

AnchorId anchor_id_of(const ByteArray<32>& ed25519_public) {
  return first_of_sha256<AnchorId>(ed25519_public);
}
CoordinatorId coordinator_id_of(const ByteArray<32>& ed25519_public) {
  return first_of_sha256<CoordinatorId>(ed25519_public);
}

}  // namespace chiploc
