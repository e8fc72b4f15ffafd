#include "proto/crypto/certificate_request.hpp"

#include "proto/crypto/openssl_handles.hpp"
#include "proto/crypto/subject_names.hpp"

namespace chiploc {
namespace {

using Code = CertificateFault::Code;
using RequestPtr = OpensslPtr<X509_REQ, X509_REQ_free>;

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * stack) const {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

constexpr const char* kPemLabel = "CERTIFICATE REQUEST";

Fail<CertificateFault> fail(Code code, std::string what) {
  return Fail{CertificateFault{code, std::move(what)}};
}

bool add_value(X509_NAME* name, const char* field, const std::string& value) {
  return value.empty() || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes_of(value).data(),
                                                     static_cast<int>(value.size()), -1, 0) == 1;
}

Result<Done, CertificateFault> add_hosts(X509_REQ& request, const RequestSubject& subject) {
  if (subject.dns_names.empty() && subject.ip_addresses.empty()) return Done{};
  const auto names = alternative_names(subject.dns_names, subject.ip_addresses);
  if (!names) return fail(Code::kNotIssued, names.error());
  const ExtensionsPtr extensions{sk_X509_EXTENSION_new_null()};
  X509_EXTENSION* extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, names->get());
  if (extensions == nullptr || extension == nullptr ||
      sk_X509_EXTENSION_push(extensions.get(), extension) <= 0) {
    X509_EXTENSION_free(extension);
    return fail(Code::kNotIssued, "out of memory");
  }
  if (X509_REQ_add_extensions(&request, extensions.get()) != 1) {
    return fail(Code::kNotIssued, "the alternative names cannot be added: " + take_openssl_reason());
  }
  return Done{};
}

}  // namespace

Result<std::string, CertificateFault> make_request(const RequestSubject& subject, const Signer& key) {
  constexpr std::size_t kNameMax = 64;  // X.520's upper bound of these attributes
  for (const auto* text : {&subject.common_name, &subject.organizational_unit, &subject.serial_number}) {
    if (text->size() > kNameMax || text->find('\0') != std::string::npos) {
      return fail(Code::kNotIssued,
                  "\"" + *text + "\" does not fit into a subject: at most 64 bytes, no zero");
    }
  }
  if (subject.common_name.empty()) return fail(Code::kNotIssued, "a request needs a common name");
  const RequestPtr request{X509_REQ_new()};
  X509_NAME* name = request != nullptr ? X509_REQ_get_subject_name(request.get()) : nullptr;
  constexpr long kVersion1 = 0;
  if (name == nullptr || X509_REQ_set_version(request.get(), kVersion1) != 1 ||
      !add_value(name, "CN", subject.common_name) || !add_value(name, "OU", subject.organizational_unit) ||
      !add_value(name, "serialNumber", subject.serial_number) ||
      X509_REQ_set_pubkey(request.get(), key.public_key().native()) != 1) {
    return fail(Code::kNotIssued, "the request cannot be made: " + take_openssl_reason());
  }
  if (auto added = add_hosts(*request, subject); !added) return Fail{added.error()};
  const DigestContextPtr signing{key.start_signing()};
  if (signing == nullptr || X509_REQ_sign_ctx(request.get(), signing.get()) <= 0) {
    return fail(Code::kNotIssued, "the key would not sign the request: " + take_openssl_reason());
  }
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_REQ(request.get(), &data);
  ByteVector der;
  if (size > 0) der.assign(data, data + size);
  OPENSSL_free(data);
  return write_pem(der, kPemLabel);
}

Result<CertificateRequest, CertificateFault> CertificateRequest::from_der(Bytes der) {
  if (der.empty() || der.size() > kSizeMax) {
    return fail(Code::kMalformed, "a certificate request of an impossible size");
  }
  const std::uint8_t* at = der.data();
  const RequestPtr request{d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size()))};
  if (request == nullptr) {
    return fail(Code::kMalformed, "not a certificate request in DER: " + take_openssl_reason());
  }
  if (at != der.data() + der.size()) {
    return fail(Code::kMalformed, "something follows the certificate request");
  }
  auto key = key_of(X509_REQ_get_X509_PUBKEY(request.get()));
  if (!key) return fail(Code::kUnsupportedKey, key.error().text);
  // With our own copy of the key, so that nothing but what PublicKey takes decides.
  const bool genuine = X509_REQ_verify(request.get(), key->native()) == 1;
  ERR_clear_error();
  if (!genuine) {
    return fail(
        Code::kBadSignature,
        "its signature is not by the key that it names: damaged on the way, or its sender does not have "
        "the private key");
  }
  std::vector<std::string> hosts;
  const ExtensionsPtr extensions{X509_REQ_get_extensions(request.get())};
  if (extensions != nullptr) {
    const NamesPtr names{static_cast<GENERAL_NAMES*>(
        X509V3_get_d2i(extensions.get(), NID_subject_alt_name, nullptr, nullptr))};
    hosts = hosts_of(names.get());
  }
  ERR_clear_error();
  const X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  return CertificateRequest{*std::move(key), only_value(subject, NID_commonName),
                            only_value(subject, NID_organizationalUnitName), std::move(hosts)};
}

Result<CertificateRequest, CertificateFault> CertificateRequest::from_pem(std::string_view pem) {
  const auto blocks = read_pem(pem, kPemLabel, /*prose=*/true);
  if (blocks.size() != 1) {
    return fail(Code::kMalformed, "not exactly one PEM block \"BEGIN CERTIFICATE REQUEST\"");
  }
  return from_der(blocks.front());
}

}  // namespace chiploc
