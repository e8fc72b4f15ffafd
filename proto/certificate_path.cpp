#include "proto/certificate.hpp"
#include "proto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

/// A stack that borrows its certificates.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

constexpr int kIntermediatesMax = 2;
constexpr int kSecurityLevel = 2;  // 112 bits: refuses SHA-1 and MD5 signatures

Code code_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Code::kNotYetValid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Code::kExpired;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Code::kBadSignature;
    case X509_V_ERR_CERT_REVOKED:
      return Code::kRevoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      return Code::kCrlUnusable;
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return Code::kCrlStale;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return Code::kNotACa;
    default:
      return Code::kUntrusted;
  }
}

std::string name_of_subject(const X509* certificate) {
  if (certificate == nullptr) return "certificate";
  const BioPtr bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return "certificate \"" + text_of(*bio) + "\"";
}

Fail<CertificateFault> fail(Code code, const X509* certificate, const std::string& what) {
  return Fail{CertificateFault{code, name_of_subject(certificate) + ": " + what}};
}

Result<Done, CertificateFault> check_key(X509* certificate) {
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &data);
  ByteVector spki;
  if (size > 0) spki.assign(data, data + size);
  OPENSSL_free(data);
  const auto key = PublicKey::from_spki_der(spki);
  if (!key) return fail(Code::kUnsupportedKey, certificate, key.error().text);
  return Done{};
}

/// What a device certificate has to be besides trusted.
Result<Done, CertificateFault> check_device(const Certificate& device) {
  X509* x509 = device.native();
  if (X509_check_ca(x509) != 0) return fail(Code::kWrongPurpose, x509, "a CA is no device");
  // Both functions return all ones where the extension is absent.
  if ((X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) == 0) {
    return fail(Code::kWrongPurpose, x509, "its key usage lacks digitalSignature");
  }
  // Attestation has several purposes of its own (TCG's, DICE's), which OpenSSL does not know and shows as 0.
  const std::uint32_t extended = X509_get_extended_key_usage(x509);
  if (extended != 0 && (extended & (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0) {
    return fail(Code::kWrongPurpose, x509,
                "its extended key usage is for servers, code, mail or time stamps only");
  }
  if (!device.chip_id()) {
    return fail(Code::kNoChipId, x509, "the subject's serialNumber is not a chip id of 32 hex digits");
  }
  return Done{};
}

/// OpenSSL asks for a list about every certificate of the chain, the trusted CA at its end included. Where
/// that one was issued by another CA, nobody here could sign such a list.
int forgive_trusted_end(int good, X509_STORE_CTX* context) {
  if (good == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return good;
  const int depth = X509_STORE_CTX_get_error_depth(context);
  const int end = sk_X509_num(X509_STORE_CTX_get0_chain(context)) - 1;
  X509* certificate = X509_STORE_CTX_get_current_cert(context);
  const bool self_issued =
      X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
  if (depth == 0 || depth != end || self_issued) return good;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

}  // namespace

Result<Done, CertificateFault> verify_device(const Certificate& device,
                                             std::span<const Certificate> intermediates,
                                             std::span<const Certificate> trusted, WallTime now,
                                             std::span<const RevocationList> revoked) {
  if (auto good = check_key(device.native()); !good) return good;
  const StorePtr store{X509_STORE_new()};
  const StackPtr untrusted{sk_X509_new_null()};
  const StoreContextPtr context{X509_STORE_CTX_new()};
  if (!store || !untrusted || !context) return fail(Code::kUntrusted, device.native(), "out of memory");
  for (const Certificate& ca : trusted) X509_STORE_add_cert(store.get(), ca.native());
  for (const RevocationList& list : revoked) X509_STORE_add_crl(store.get(), list.native());
  for (const Certificate& ca : intermediates) sk_X509_push(untrusted.get(), ca.native());
  if (X509_STORE_CTX_init(context.get(), store.get(), device.native(), untrusted.get()) != 1) {
    return fail(Code::kUntrusted, device.native(), take_openssl_reason());
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;  // a trusted CA need not be self-signed
  if (!revoked.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_STORE_CTX_set_verify_cb(context.get(), forgive_trusted_end);
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(unix_seconds(now)));
  X509_VERIFY_PARAM_set_depth(parameters, kIntermediatesMax);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);

  const bool verified = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!verified || error != X509_V_OK) {
    return fail(code_of(error), X509_STORE_CTX_get_current_cert(context.get()),
                X509_verify_cert_error_string(error));
  }
  // X509_verify_cert lets some ancient kinds of CA pass; every issuer here says that it is one.
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    X509* issuer = sk_X509_value(chain, i);
    if (X509_check_ca(issuer) != 1)
      return fail(Code::kNotACa, issuer, "its basic constraints do not make it a CA");
    if (auto good = check_key(issuer); !good) return good;
  }
  return check_device(device);
}

}  // namespace chiploc
