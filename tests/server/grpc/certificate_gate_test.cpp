#include "server/grpc/certificate_gate.hpp"

#include <future>

#include "tests/server/grpc/operator_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using grpc::StatusCode;

grpc::Status ask_status(v1::OperatorService::Stub& stub, v1::GetStatusResponse& response) {
  grpc::ClientContext context;
  return stub.GetStatus(&context, v1::GetStatusRequest{}, &response);
}

TEST_CASE("CertificateGate: a revoked person is refused with words, over an open connection too",
          "[api][tls]") {
  OperatorWorld world{/*revocable=*/true};
  const auto reader = world.stub(world.reader);
  const auto admin = world.stub(world.admin);
  v1::GetStatusResponse status;
  REQUIRE(ask_status(*reader, status).ok());
  CHECK(status.counters().at("api_refused_revoked") == 0);

  world.revoke({world.reader});
  const std::string words = "the certificate " + Certificate::from_pem(world.reader.certificate)->serial() +
                            " of 'bob' was revoked on ";
  const auto anew = world.stub(world.reader);
  for (v1::OperatorService::Stub* const stub : {anew.get(), reader.get()}) {
    const grpc::Status refused = ask_status(*stub, status);
    CHECK(refused.error_code() == StatusCode::UNAUTHENTICATED);
    CHECK(refused.error_message().find(words) == 0);
    CHECK(refused.error_message().find("ask for a new one") != std::string::npos);
  }
  REQUIRE(ask_status(*admin, status).ok());
  CHECK(status.counters().at("api_refused_revoked") == 2);
  world.revoke({});
  CHECK(ask_status(*reader, status).ok());
}

TEST_CASE("CertificateGate: who watches a round and is revoked sees no verdict", "[api][tls]") {
  OperatorWorld world{/*revocable=*/true};
  const std::string chip = chip_id("aaaa1");
  world.import({chip});
  std::promise<void> revoked;
  world.rounds().before_verdict = [done = revoked.get_future().share()] { done.wait(); };
  const auto stub = world.stub(world.admin);
  grpc::ClientContext context;
  v1::VerifyRequest request;
  request.set_chip(chip);
  const auto watched = stub->Verify(&context, request);
  v1::VerifyEvent event;
  REQUIRE(watched->Read(&event));
  CHECK(event.has_started());
  world.revoke({world.admin});
  while (watched->Read(&event)) CHECK_FALSE(event.has_verdict());
  const grpc::Status end = watched->Finish();
  CHECK(end.error_code() == StatusCode::UNAUTHENTICATED);
  CHECK(end.error_message().find("of 'alice' was revoked on") != std::string::npos);
  revoked.set_value();
  world.rounds().wait();
  v1::GetStatusResponse status;
  REQUIRE(ask_status(*world.stub(world.reader), status).ok());
  CHECK(status.counters().at("streams_cut_revoked") == 1);
}

}  // namespace
}  // namespace chiploc::test
