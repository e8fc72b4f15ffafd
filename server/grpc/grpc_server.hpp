#pragma once
#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/net/tls.hpp"

namespace grpc {
class Service;
}

namespace chiploc {

class CertificateGate;

/// How chiplocd serves its two services on one port.
struct GrpcServerOptions {
  std::string address;  ///< "HOST:PORT"; port 0 = any
  TlsMaterial tls;
  const CertificateGate* gate = nullptr;  ///< asked at each call; null: no certificate is revoked
  /// gRPC has one limit for all methods of a server. It is that of the largest message (an Import of 128 MiB
  /// with its framing); every other request is limited by its fields, and only holders of our certificates
  /// get this far.
  int receive_bytes_max = 144 << 20;
  int send_bytes_max = 32 << 20;  ///< the evidence of a round with 64 anchors is about 2 MiB
  /// Over all connections; beyond it gRPC sheds load.
  std::size_t buffers_bytes_max = std::size_t{512} << 20;
  int concurrent_streams_max = 256;                     ///< per connection
  std::chrono::milliseconds keepalive{30'000};          ///< ask a silent peer so often,
  std::chrono::milliseconds keepalive_timeout{10'000};  ///< and close when it does not answer in this time
};

/// A running server, with health checks (grpc.health.v1, SERVING until stop) and reflection.
class GrpcServer {
 public:
  /// Fails with a sentence if the port is taken or the certificates are no use. The services are borrowed and
  /// outlive this.
  [[nodiscard]] static Result<GrpcServer, std::string> start(const GrpcServerOptions& options,
                                                             const std::vector<grpc::Service*>& services);
  GrpcServer(GrpcServer&&) noexcept = default;
  GrpcServer& operator=(GrpcServer&&) noexcept = default;
  ~GrpcServer();

  /// The port that is served.
  [[nodiscard]] int port() const { return port_; }
  /// Reports NOT_SERVING, accepts no more calls, gives those that run `grace`, cancels the rest, returns when
  /// all are over. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  GrpcServer(std::unique_ptr<grpc::Server> server, int port) : server_{std::move(server)}, port_{port} {}
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace chiploc
