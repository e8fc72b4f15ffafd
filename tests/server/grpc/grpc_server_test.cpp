#include "server/grpc/grpc_server.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>

#include "tests/server/grpc/operator_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

/// Calls a method with raw bytes: nothing of the tested services' generated code is involved.
std::string raw_call(grpc::Channel& channel, const char* method, const std::string& request) {
  const grpc::Slice slice{request};
  const grpc::ByteBuffer message{&slice, 1};
  grpc::ByteBuffer answer;
  grpc::ClientContext context;
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      &channel, grpc::internal::RpcMethod{method, grpc::internal::RpcMethod::NORMAL_RPC}, &context, message,
      &answer);
  if (!status.ok()) return "status " + std::to_string(status.error_code());
  std::vector<grpc::Slice> slices;
  REQUIRE(answer.Dump(&slices).ok());
  std::string out;
  for (const grpc::Slice& part : slices) out.append(reinterpret_cast<const char*>(part.begin()), part.size());
  return out;
}

TEST_CASE("grpc server: health and reflection answer over mutual TLS", "[api][tls]") {
  OperatorWorld world;
  const auto channel = world.channel(world.reader);
  // HealthCheckResponse{status: SERVING}
  CHECK(raw_call(*channel, "/grpc.health.v1.Health/Check", "") == std::string{"\x08\x01"});
  // ServerReflectionRequest{list_services: "*"}
  const std::string services =
      raw_call(*channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
  CHECK(services.find("chiploc.v1.OperatorService") != std::string::npos);
  CHECK(raw_call(*channel, "/chiploc.v1.OperatorService/NoSuchMethod", "") == "status 12");
}

TEST_CASE("grpc server: a port that is taken is a fault, not a shared port", "[api]") {
  OperatorWorld world;
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  GrpcServerOptions options;
  options.address = world.address();
  options.tls = {world.ca, world.admin.certificate, world.admin.key};
  const auto second = GrpcServer::start(options, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().find(world.address() +
                            ": cannot listen: Address already in use: another program has this port") == 0);
  CHECK(second.error().find("\"ss -ltnp sport = :" + world.address().substr(world.address().rfind(':') + 1) +
                            "\"") != std::string::npos);
}

}  // namespace
}  // namespace chiploc::test
