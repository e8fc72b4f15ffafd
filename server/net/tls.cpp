#include "server/net/tls.hpp"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {
namespace {

Result<std::string, std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return Fail{file.string() + ": cannot be read (" + std::strerror(errno) + "); check path and owner"};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Result<Done, std::string> check_key_file(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    return Fail{file.string() + ": " + std::strerror(errno) + "; check the path"};
  }
  if ((info.st_mode & 0077U) != 0) {
    return Fail{file.string() + ": a private key that others may open; run: chmod 600 " + file.string()};
  }
  return Done{};
}

Result<TlsMaterial, std::string> load_tls(const TlsFiles& files) {
  if (const auto safe = check_key_file(files.key); !safe) return Fail{safe.error()};
  auto ca = read_text(files.ca);
  if (!ca) return Fail{ca.error()};
  auto certificate = read_text(files.certificate);
  if (!certificate) return Fail{certificate.error()};
  auto key = read_text(files.key);
  if (!key) return Fail{key.error()};

  if (const auto parsed = Certificate::chain_from_pem(*ca); !parsed) {
    return Fail{files.ca.string() + ": " + parsed.error().text + "; name the authority's PEM certificate"};
  }
  const auto chain = Certificate::chain_from_pem(*certificate);
  if (!chain) {
    return Fail{files.certificate.string() + ": " + chain.error().text + "; name our own PEM certificate"};
  }
  const auto own = chain->front().public_key();
  if (!own) return Fail{files.certificate.string() + ": " + own.error().text + "; use a P-256 certificate"};
  const auto parsed = key_from_private_pem(*key);
  if (!parsed) return Fail{files.key.string() + ": " + parsed.error().text + "; name our PEM private key"};
  if (!((*parsed)->public_key() == *own)) {
    return Fail{files.key.string() + ": is not the key of " + files.certificate.string() +
                "; use the pair that was issued together"};
  }
  return TlsMaterial{std::move(*ca), std::move(*certificate), std::move(*key)};
}

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
