#pragma once
// For the crypto target's own sources only: no other header includes it, so that OpenSSL's types stay inside.
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/time.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

template <auto FreeFunction>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    FreeFunction(object);
  }
};
template <class T, auto FreeFunction>
using OpensslPtr = std::unique_ptr<T, OpensslFree<FreeFunction>>;

using PkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using PkeyContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContextPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using BigNumberPtr = OpensslPtr<BIGNUM, BN_free>;
using BigNumberContextPtr = OpensslPtr<BN_CTX, BN_CTX_free>;
using EcdsaSignaturePtr = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;

/// The innermost reason in OpenSSL's error queue of this thread, which is emptied. "" if there is none.
std::string take_openssl_reason();

/// nullopt if it is no time; a time before 1970 is 1970.
std::optional<WallTime> wall_time_of(const ASN1_TIME* time);

/// A serial number in lower-case hex, two digits a byte.
std::string serial_text(const ASN1_INTEGER* serial);

/// A BIO that reads borrowed memory.
BioPtr bio_reading(Bytes bytes);
std::string text_of(BIO& memory);

/// The DER contents of the PEM blocks with this label. Empty if there is none, one is broken, or a block has
/// another label. `prose` allows text outside the blocks, as certificate bundles have it (RFC 7468, 2).
std::vector<ByteVector> read_pem(std::string_view text, const char* label, bool prose);
std::string write_pem(Bytes der, const char* label);

/// Where a private key's operations are fetched. The defaults are the process's default library context.
struct KeyHome {
  std::shared_ptr<OSSL_LIB_CTX> library;  ///< outlives the key
  std::string properties;
};
/// The public half of a private key that OpenSSL holds.
Result<PublicKey, KeyFault> public_half(EVP_PKEY& key);
/// Signs in the protocol's form: ECDSA as r || s.
Result<ByteVector, KeyFault> sign_with(EVP_PKEY& key, SignatureAlgorithm algorithm, const KeyHome& home,
                                       Bytes message);
/// Takes the key over. Fails as PublicKey does.
Result<std::unique_ptr<Signer>, KeyFault> signer_of(PkeyPtr key, KeyHome home);

/// ECDSA between r || s and DER. Empty where r or s is not in [1, n-1], or the DER is not the shortest.
ByteVector ecdsa_der_from_raw(SignatureAlgorithm algorithm, Bytes raw);
ByteVector ecdsa_raw_from_der(SignatureAlgorithm algorithm, Bytes der);

}  // namespace chiploc
