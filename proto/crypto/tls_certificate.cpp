#include "proto/crypto/tls_certificate.hpp"

#include "proto/crypto/openssl_handles.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

constexpr int kSecurityLevel = 2;  // 112 bits, as Debian's OpenSSL asks in a handshake

Code code_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Code::kNotYetValid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Code::kExpired;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Code::kBadSignature;
    case X509_V_ERR_INVALID_PURPOSE:
      return Code::kWrongPurpose;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return Code::kNotACa;
    default:
      return Code::kUntrusted;
  }
}

}  // namespace

Result<Done, CertificateFault> verify_tls(std::span<const Certificate> chain,
                                          std::span<const Certificate> trusted, TlsEnd end, WallTime now) {
  const auto fail = [](Code code, const Certificate& certificate, const std::string& what) {
    return Fail{CertificateFault{code, "certificate \"" + certificate.subject() + "\": " + what}};
  };
  if (chain.empty()) return Fail{CertificateFault{Code::kMalformed, "no certificate"}};
  const StorePtr store{X509_STORE_new()};
  const StackPtr untrusted{sk_X509_new_null()};
  const StoreContextPtr context{X509_STORE_CTX_new()};
  if (!store || !untrusted || !context) return fail(Code::kUntrusted, chain.front(), "out of memory");
  for (const Certificate& ca : trusted) X509_STORE_add_cert(store.get(), ca.native());
  for (const Certificate& one : chain.subspan(1)) sk_X509_push(untrusted.get(), one.native());
  if (X509_STORE_CTX_init(context.get(), store.get(), chain.front().native(), untrusted.get()) != 1) {
    return fail(Code::kUntrusted, chain.front(), take_openssl_reason());
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);  // a trusted CA need not be self-signed
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(unix_seconds(now)));
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  X509_VERIFY_PARAM_set_purpose(parameters,
                                end == TlsEnd::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  const bool verified = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (verified) return Done{};
  X509* current = X509_STORE_CTX_get_current_cert(context.get());
  for (const auto& group : {chain, trusted}) {
    for (const Certificate& one : group) {
      if (current != nullptr && X509_cmp(current, one.native()) == 0)
        return fail(code_of(error), one, X509_verify_cert_error_string(error));
    }
  }
  return fail(code_of(error), chain.front(), X509_verify_cert_error_string(error));
}

bool names_host(const Certificate& certificate, std::string_view host) {
  const std::string text{host};
  if (X509_check_ip_asc(certificate.native(), text.c_str(), 0) == 1) return true;
  return X509_check_host(certificate.native(), text.data(), text.size(), 0, nullptr) == 1;
}

}  // namespace chiploc
