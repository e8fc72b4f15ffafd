// Messages over mutual TLS: the anchor's production stream against one unary call each.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "proto/crypto/issue.hpp"
#include "proto/v1/operator_service.grpc.pb.h"
#include "server/anchor/uplink_stream.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/grpc/grpc_server.hpp"
#include "tests/bench/figure.hpp"

namespace chiploc::bench {
namespace {

constexpr std::size_t kPayload = 760;  // with framing, the 790 bytes of a small report
constexpr std::uint64_t kStreamed = 100'000;
constexpr std::uint64_t kUnary = 5'000;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "chiploc-stream-bench: %s\n", what);
  std::exit(1);
}

TlsMaterial make_tls() {
  const WallTime from = wall_now() - std::chrono::hours{1};
  const auto ca = CertificateAuthority::create("bench", SignatureAlgorithm::kEs256, from, 1);
  require(ca.has_value(), "no authority");
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = "chiplocd";
  request.organizational_unit = "coordinator";
  request.dns_names = {"chiplocd"};
  request.purpose = CertificatePurpose::kServerAndClient;
  request.from = from;
  request.days = 1;
  const auto certificate = ca->issue(request, key->public_key());
  require(certificate.has_value(), "no certificate");
  return {ca->certificate().pem(), certificate->pem(), key->private_pem()};
}

/// Reads and counts; reads ahead of nobody, as the coordinator's end does.
class Counter final : public v1::AnchorService::CallbackService {
 public:
  class Reader final : public grpc::ServerBidiReactor<v1::AnchorMessage, v1::CoordinatorMessage> {
   public:
    explicit Reader(Counter& owner) : owner_{owner} { StartRead(&message_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status::OK);
      owner_.count();
      message_.Clear();
      StartRead(&message_);
    }
    void OnDone() override { delete this; }

   private:
    Counter& owner_;
    v1::AnchorMessage message_;
  };
  grpc::ServerBidiReactor<v1::AnchorMessage, v1::CoordinatorMessage>* Attach(
      grpc::CallbackServerContext*) override {
    return new Reader{*this};
  }
  void count() {
    if (++count_ < kStreamed) return;
    const std::lock_guard lock{mutex_};
    all_.notify_all();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    all_.wait(lock, [this] { return count_ >= kStreamed; });
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  std::condition_variable all_;
};

class Answerer final : public v1::OperatorService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
                                      v1::GetStatusResponse* response) override {
    response->set_software_version(std::string(kPayload, 'x'));
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

void run() {
  const TlsMaterial tls = make_tls();
  Counter counter;
  Answerer answerer;
  auto server = GrpcServer::start({.address = "127.0.0.1:0", .tls = tls}, {&counter, &answerer});
  require(server.has_value(), "no server");
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("chiplocd");
  const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                                 channel_credentials(tls), arguments);
  require(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds{10}),
          "no connection");

  const auto stub = v1::OperatorService::NewStub(channel);
  const auto unary = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      grpc::ClientContext context;
      v1::GetStatusResponse response;
      require(stub->GetStatus(&context, {}, &response).ok(), "a unary call failed");
    }
  };
  unary(200);
  const double unary_us = wall_us([&] { unary(kUnary); }) / kUnary;

  v1::AnchorMessage message;
  message.mutable_report()->set_body(std::string(kPayload, 'x'));
  UplinkStream stream{channel, {[](v1::CoordinatorMessage) {}, [](const grpc::Status&) {}}};
  stream.start();
  const double stream_us = wall_us([&] {
                             for (std::uint64_t i = 0; i < kStreamed; ++i) {
                               while (stream.backlog() > 4'096) std::this_thread::yield();
                               require(stream.write(message), "the stream ended");
                             }
                             counter.wait();
                           }) /
                           kStreamed;
  stream.cancel();
  stream.wait();
  print_figure("mutual TLS, messages a second: stream / unary", text("%.0f /s", 1e6 / stream_us),
               text("%.0f /s", 1e6 / unary_us), unary_us / stream_us, Want::kAtLeast, 30.0);
  server->stop(std::chrono::milliseconds{100});
}

}  // namespace chiploc::bench

int main() { chiploc::bench::run(); }
