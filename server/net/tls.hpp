#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/certificate.hpp"

namespace grpc {
class AuthContext;
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

/// TLS of every gRPC connection: mutual, one private certificate authority, no other root trusted.
namespace chiploc {

struct TlsFiles {
  std::filesystem::path ca;           ///< PEM: the only authority that is believed
  std::filesystem::path certificate;  ///< PEM: our own, with intermediate certificates if there are any
  std::filesystem::path key;          ///< PEM: its private key; the file must be 0600 or stricter
};

/// The PEM texts of those files, checked: readable, key file not open to others, certificate and key belong
/// together. Whether the other end will take it is check_certificate's question. An error is one
/// sentence that names the file and the remedy.
struct TlsMaterial {
  std::string ca;
  std::string certificate;
  std::string key;
};
[[nodiscard]] Result<TlsMaterial, std::string> load_tls(const TlsFiles& files);

/// For a client. The server's certificate must be of our authority; its name is checked by gRPC against the
/// channel's target, which the caller overrides by the configured server_name
/// (GRPC_SSL_TARGET_NAME_OVERRIDE_ARG).
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsMaterial& material);
/// For a server. A client without a certificate of our authority does not get as far as a call.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsMaterial& material);

/// The certificate that the other end of a call has shown and TLS has verified; or why there is none.
[[nodiscard]] Result<Certificate, std::string> peer_certificate(const grpc::AuthContext& context);

/// Who is at the other end of a call, by the certificate that TLS has verified.
struct PeerIdentity {
  std::string common_name;                 ///< "chiplocd", an anchor's name, a person
  std::string unit;                        ///< "coordinator", "anchor", "reader", ...: proto/base/role.hpp
  std::vector<std::string> organizations;  ///< every O
  Digest certificate;                      ///< SHA-256 of its DER
  std::shared_ptr<const Certificate> whole{};
};
/// Fails (one sentence) if the connection has no verified certificate, or it has no CN or OU or more than
/// one.
[[nodiscard]] Result<PeerIdentity, std::string> peer_identity(const grpc::AuthContext& context);

/// OK, or a sentence saying that others may read the key file and how to close it. Only for files: what else
/// a key URI names has its own protection. Also fails if there is no such file.
[[nodiscard]] Result<Done, std::string> check_key_file(const std::filesystem::path& file);

}  // namespace chiploc
