#include "server/grpc/grpc_server.hpp"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <cstdlib>

#include "server/grpc/certificate_gate.hpp"
#include "server/net/endpoint.hpp"
#include "server/net/listen.hpp"

namespace chiploc {

Result<GrpcServer, std::string> GrpcServer::start(const GrpcServerOptions& options,
                                                  const std::vector<grpc::Service*>& services) {
  // Told apart here: gRPC would only say that it cannot, and dump its own words on standard error.
  if (const auto endpoint = endpoint_from_text(options.address)) {
    if (auto fault = tcp_listen_fault(*endpoint)) return Fail{std::move(*fault)};
  }
  if (std::getenv("GRPC_VERBOSITY") == nullptr)  // NOLINT(concurrency-mt-unsafe): nobody sets it
    gpr_set_log_function([](gpr_log_func_args*) {});
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  const auto credentials = server_credentials(options.tls);
  if (options.gate != nullptr) credentials->SetAuthMetadataProcessor(options.gate->processor());
  builder.AddListeningPort(options.address, credentials, &port);
  builder.SetMaxReceiveMessageSize(options.receive_bytes_max);
  builder.SetMaxSendMessageSize(options.send_bytes_max);
  builder.SetResourceQuota(grpc::ResourceQuota{"chiplocd"}.Resize(options.buffers_bytes_max));
  const auto milliseconds = [](std::chrono::milliseconds time) { return static_cast<int>(time.count()); };
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.concurrent_streams_max);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Clients ask too (an anchor's stream, a person who waits for a verdict): without this the server takes
  // every 20 s for an attack and closes the connection.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  // gRPC would share the port with another process that has it, and each would get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) {
    return Fail{
        options.address +
        ": cannot be served; gRPC takes the address or the certificate for no use (GRPC_VERBOSITY=error in "
        "the environment makes it say why)"};
  }
  server->GetHealthCheckService()->SetServingStatus(true);
  return GrpcServer{std::move(server), port};
}

GrpcServer::~GrpcServer() { stop(std::chrono::milliseconds{0}); }

void GrpcServer::stop(std::chrono::milliseconds grace) {
  if (!server_) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  server_.reset();
}

}  // namespace chiploc
