#include "server/grpc/anchor_service.hpp"

#include <grpcpp/grpcpp.h>

#include "server/grpc/grpc_server.hpp"
#include "tests/support/coordinator_bench.hpp"

namespace chiploc::test {
namespace {

TlsMaterial identity(const CertificateAuthority& ca, const std::string& name, const std::string& unit,
                     CertificatePurpose purpose) {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = name;
  request.organizational_unit = unit;
  request.dns_names = {name};
  request.purpose = purpose;
  request.days = 36'500;
  const auto certificate = ca.issue(request, key->public_key());
  REQUIRE(certificate);
  return {ca.certificate().pem(), certificate->pem(), key->private_pem()};
}

/// One anchor's stream to a coordinator whose thread runs when the test says so.
struct Line {
  Line() {
    GrpcServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = identity(ca, "chiplocd", "", CertificatePurpose::kServer);
    options.gate = &gate;
    auto started = GrpcServer::start(options, {&service});
    REQUIRE(started);
    server.emplace(std::move(started).value());
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("chiplocd");
    anchor = identity(ca, "ber", "anchor", CertificatePurpose::kClient);
    const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                                   channel_credentials(anchor), arguments);
    stub = v1::AnchorService::NewStub(channel);
    stream = stub->Attach(&context);
    v1::AnchorMessage message;
    message.mutable_hello()->set_protocol_version(kProtocolVersion);
    message.mutable_hello()->set_anchor("ber");
    message.mutable_hello()->set_anchor_id(
        string_of(anchor_id_of(bench.world.anchors[0].key->public_key()).value().bytes));
    message.mutable_hello()->set_mesh_public(std::string(32, 'm'));
    REQUIRE(stream->Write(message));
  }
  ~Line() {
    context.TryCancel();
    stream.reset();
    server->stop(std::chrono::milliseconds{0});
  }

  /// That this list, of these serial numbers, is in force.
  void put_list(const std::vector<RevokedCertificate>& revoked) {
    const auto list = ca.sign_list(revoked, {.number = ++lists});
    REQUIRE(list);
    std::filesystem::rename(folder.write("list", list->pem()), folder / "crl.pem");
  }
  std::unique_ptr<Revocations> open_list() {
    put_list({});
    auto opened = Revocations::open(folder / "crl.pem", {ca.certificate()});
    REQUIRE(opened);
    return std::move(*opened);
  }

  CertificateAuthority ca =
      CertificateAuthority::create("ca", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
  TempDir folder;
  std::uint64_t lists = 0;
  std::unique_ptr<Revocations> revocations = open_list();
  ApiCounters counters;
  CertificateGate gate{*revocations, counters};
  TlsMaterial anchor;
  Bench bench;
  AnchorService service{*bench.coordinator, &gate};
  std::optional<GrpcServer> server;
  std::unique_ptr<v1::AnchorService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AnchorMessage, v1::CoordinatorMessage>> stream;
};

}  // namespace

TEST_CASE("anchor service: a stream is read no further while its messages wait, and goes on behind that") {
  Line line;
  // The coordinator does not come round to anything; small as they are, all fit into the connection's window.
  constexpr std::uint64_t kMany = 500;
  v1::AnchorMessage message;
  message.mutable_heartbeat();
  for (std::uint64_t i = 0; i < kMany; ++i) REQUIRE(line.stream->Write(message));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (line.service.pauses() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK(line.service.pauses() == 1);
  line.bench.run();
  message.mutable_report()->set_body("no report");  // acknowledged, since it is dropped
  message.set_spool_id(1);
  REQUIRE(line.stream->Write(message));
  v1::CoordinatorMessage answer;
  while (line.stream->Read(&answer) && !answer.has_acknowledge()) {
  }
  CHECK(answer.acknowledge().spool_id() == 1);
  CHECK(line.service.waiting_most() == AnchorLimits::kPendingMessages);
}

TEST_CASE("anchor service: a message over 4 MiB ends the stream before anybody parses it") {
  Line line;
  line.bench.run();
  v1::CoordinatorMessage answer;
  REQUIRE(line.stream->Read(&answer));
  CHECK(answer.has_welcome());
  v1::AnchorMessage message;
  message.mutable_mesh()->set_body(std::string(AnchorLimits::kMessageBytes - 1'000, 'x'));
  message.set_spool_id(1);
  REQUIRE(line.stream->Write(message));  // dropped by its kind's bound, and the stream goes on
  while (line.stream->Read(&answer) && !answer.has_acknowledge()) {
  }
  CHECK(answer.acknowledge().spool_id() == 1);
  message.mutable_mesh()->set_body(std::string(AnchorLimits::kMessageBytes, 'x'));
  line.stream->Write(message);
  while (line.stream->Read(&answer)) {
  }
  const grpc::Status status = line.stream->Finish();
  CHECK(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(status.error_message().find("at most 4194304 are taken") != std::string::npos);
  const auto counters = line.bench.coordinator->status().counters;
  CHECK(counters.at("dropped_mesh_too_large") == 1);
}

TEST_CASE("anchor service: the stream of a revoked anchor is cut with words, and it gets no new one") {
  Line line;
  line.bench.run();
  v1::CoordinatorMessage answer;
  REQUIRE(line.stream->Read(&answer));
  CHECK(answer.has_welcome());
  const auto listed = line.bench.coordinator->anchors();
  REQUIRE_FALSE(listed.empty());
  REQUIRE(listed.front().certificate);
  const Certificate certificate = Certificate::from_pem(line.anchor.certificate).value();
  CHECK(listed.front().certificate->until == certificate.not_after());

  line.put_list({{certificate.serial(), WallTime{}, RevocationReason::kKeyCompromise}});
  REQUIRE(line.revocations->poll() == Revocations::News::kTaken);
  line.gate.list_changed();
  while (line.stream->Read(&answer)) {
  }
  const grpc::Status cut = line.stream->Finish();
  CHECK(cut.error_code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(cut.error_message() ==
        "the certificate " + certificate.serial() +
            " of 'ber' was revoked on 1970-01-01 00:00:00Z (key-compromise); ask for a new one");
  CHECK(line.counters.streams_revoked == 1);
  grpc::ClientContext context;
  const auto again = line.stub->Attach(&context);
  CHECK_FALSE(again->Read(&answer));
  CHECK(again->Finish().error_message() == cut.error_message());
  CHECK(line.counters.refused_revoked == 1);
}

TEST_CASE("anchor service: bytes that wait count as well as messages") {
  ReadWindow window;
  for (std::size_t i = 1; i < AnchorLimits::kPendingMessages; ++i) window.taken(1);
  CHECK_FALSE(window.full());
  window.taken(1);
  CHECK(window.full());
  window.handled();
  CHECK_FALSE(window.full());
  for (std::size_t i = 1; i < AnchorLimits::kPendingMessages; ++i) window.handled();
  CHECK(window.messages() == 0);
  window.taken(AnchorLimits::kPendingBytes);
  CHECK(window.full());
  window.handled();
  window.handled();  // one too many changes nothing
  CHECK_FALSE(window.full());
}

}  // namespace chiploc::test
