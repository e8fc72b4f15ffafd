#include "server/net/tls.hpp"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include "proto/crypto/certificate.hpp"

namespace chiploc {
std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsMaterial& material) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = material.ca;
  options.pem_cert_chain = material.certificate;
  options.pem_private_key = material.key;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsMaterial& material) {
  grpc::SslServerCredentialsOptions options{GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY};
  options.pem_root_certs = material.ca;
  options.pem_key_cert_pairs.push_back({material.key, material.certificate});
  return grpc::SslServerCredentials(options);
}

Result<Certificate, std::string> peer_certificate(const grpc::AuthContext& context) {
  if (!context.IsPeerAuthenticated()) return Fail{std::string{"the peer showed no certificate"}};
  const auto pems = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pems.size() != 1) return Fail{std::string{"the peer's certificate cannot be read"}};
  auto certificate = Certificate::from_pem({pems[0].data(), pems[0].size()});
  if (!certificate) return Fail{"the peer's certificate cannot be read: " + certificate.error().text};
  return *std::move(certificate);
}

Result<PeerIdentity, std::string> peer_identity(const grpc::AuthContext& context) {
  const auto certificate = peer_certificate(context);
  if (!certificate) return Fail{certificate.error()};
  PeerIdentity peer{certificate->common_name(), certificate->organizational_unit(),
                    certificate->organizations(), certificate->fingerprint(),
                    std::make_shared<const Certificate>(*certificate)};
  if (peer.common_name.empty() || peer.unit.empty()) {
    return Fail{
        std::string{"the peer's certificate must have exactly one CN and one OU; have it issued again"}};
  }
  return peer;
}

}  // namespace chiploc
