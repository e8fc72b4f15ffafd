#include "server/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace chiploc {
namespace {

template <auto FreeFunction>
struct Free {
  template <class T>
  void operator()(T* object) const {
    FreeFunction(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

Bio reading(const std::string& text) {
  return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

CertificatePtr next_certificate(BIO& from) {
  // No password is asked for on a terminal: there is no passphrase callback but this one.
  CertificatePtr found{PEM_read_bio_X509(
      &from, nullptr, [](char*, int, int, void*) { return -1; }, nullptr)};
  ERR_clear_error();
  return found;
}

std::string reason(const std::string& what) {
  std::array<char, 200> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return what + " (" + text.data() + "); issue it again";
}

/// "http/1.1" or nothing; what the client offers is a list of names, each behind its length.
int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
  static constexpr std::array<unsigned char, 9> kOurs{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kOurs.data(), kOurs.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

std::optional<std::string> use_own(SSL_CTX& context, const TlsMaterial& material) {
  const Bio chain = reading(material.certificate);
  const CertificatePtr own = next_certificate(*chain);
  if (!own || SSL_CTX_use_certificate(&context, own.get()) != 1)
    return reason("the server's certificate cannot be used");
  while (const CertificatePtr next = next_certificate(*chain)) {
    if (SSL_CTX_add1_chain_cert(&context, next.get()) != 1)
      return reason("an intermediate certificate cannot be used");
  }
  const Bio text = reading(material.key);
  const KeyPtr key{PEM_read_bio_PrivateKey(
      text.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr)};
  if (!key || SSL_CTX_use_PrivateKey(&context, key.get()) != 1 || SSL_CTX_check_private_key(&context) != 1)
    return reason("the server's key cannot be used with its certificate");
  return std::nullopt;
}

std::optional<std::string> trust(SSL_CTX& context, const TlsMaterial& material) {
  const Bio authorities = reading(material.ca);
  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  int count = 0;
  while (const CertificatePtr authority = next_certificate(*authorities)) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(&context, authority.get()) != 1)
      return reason("an authority's certificate cannot be used");
    ++count;
  }
  if (count == 0) return "the authority's file has no certificate; name the authority's PEM certificate";
  return std::nullopt;
}

}  // namespace

Result<Done, std::string> prepare_tls(SSL_CTX& context, const TlsMaterial& material, bool ask_certificate) {
  ERR_clear_error();
  if (SSL_CTX_set_min_proto_version(&context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(&context, 0) != 1 ||
      SSL_CTX_set_ciphersuites(
          &context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256") != 1)
    return Fail{reason("this OpenSSL does not speak TLS 1.3")};
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(&context, 0);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_early_data(&context, 0);
  SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(&context, choose_protocol, nullptr);
  if (auto fault = use_own(context, material)) return Fail{*std::move(fault)};
  if (ask_certificate) {
    if (auto fault = trust(context, material)) return Fail{*std::move(fault)};
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
  } else {
    SSL_CTX_set_verify(&context, SSL_VERIFY_NONE, nullptr);
  }
  return Done{};
}

std::optional<std::string> peer_certificate_der(const SSL& connection) {
  const X509* certificate = SSL_get0_peer_certificate(&connection);
  if (certificate == nullptr || SSL_get_verify_result(&connection) != X509_V_OK) return std::nullopt;
  unsigned char* data = nullptr;
  const int size = i2d_X509(certificate, &data);
  if (size <= 0) return std::nullopt;
  std::string der{reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  OPENSSL_free(data);
  return der;
}

}  // namespace chiploc
