#pragma once
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "proto/crypto/issue.hpp"
#include "proto/v1/anchor_service.grpc.pb.h"
#include "server/net/keepalive.hpp"
#include "server/net/tls.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace chiploc {

/// A private authority and the files of one holder, valid now: TLS itself looks at the clock.
class TestAuthority {
 public:
  TestAuthority() : ca_{*CertificateAuthority::create("test root", SignatureAlgorithm::kEs256, from(), 9)} {}
  TlsFiles issue(const TempFolder& folder, const std::string& name, const std::string& unit) const {
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    IssueRequest request;
    request.common_name = name;
    request.organizational_unit = unit;
    request.dns_names = {name};
    request.purpose = CertificatePurpose::kServerAndClient;
    request.from = from();
    request.days = 9;
    const auto certificate = ca_.issue(request, key->public_key());
    REQUIRE(certificate);
    const TlsFiles files{folder.path() / (name + "-ca.pem"), folder.path() / (name + ".pem"),
                         folder.path() / (name + ".key")};
    std::ofstream{files.ca} << ca_.certificate().pem();
    std::ofstream{files.certificate} << certificate->pem();
    REQUIRE(write_private_key(files.key, *key));
    return files;
  }

 private:
  static WallTime from() {
    return WallTime{std::chrono::system_clock::now().time_since_epoch() - std::chrono::hours{1}};
  }
  CertificateAuthority ca_;
};

/// The coordinator's end of Attach on a free loopback port, with mutual TLS: notes what comes, answers
/// Welcome, and acknowledges as told. What it saw outlives a restart of its server, as a database would.
class FakeCoordinator final : public v1::AnchorService::Service {
 public:
  explicit FakeCoordinator(TlsFiles files) : files_{std::move(files)} { start(); }
  ~FakeCoordinator() override { stop(); }

  void start() {
    const auto material = load_tls(files_);
    REQUIRE(material);
    grpc::ServerBuilder builder;
    apply_server_keepalive(builder);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), server_credentials(*material), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
    REQUIRE(port_ != 0);
  }
  /// Away, in the middle of whatever it did.
  void stop() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  template <class Function>
  auto with(Function&& function) {
    const std::lock_guard lock{mutex_};
    return function(*this);
  }
  void send(v1::CoordinatorMessage command) {
    const std::lock_guard lock{mutex_};
    commands.push_back(std::move(command));
  }

  // Guarded by with().
  bool acknowledge = true;
  grpc::Status refuse = grpc::Status::OK;
  std::size_t attaches = 0;
  std::vector<PeerIdentity> peers;
  std::vector<v1::Hello> hellos;
  std::map<std::uint64_t, std::vector<std::string>> spooled;  ///< bodies by spool id, each delivery
  std::vector<v1::AnchorMessage> others;
  std::vector<v1::CoordinatorMessage> commands;  ///< sent after the next message that comes

 private:
  grpc::Status Attach(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::AnchorMessage>* stream) override {
    v1::AnchorMessage message;
    while (stream->Read(&message)) {
      std::vector<v1::CoordinatorMessage> answers;
      {
        const std::lock_guard lock{mutex_};
        if (message.has_hello()) {
          ++attaches;
          if (!refuse.ok()) return refuse;
          if (const auto peer = peer_identity(*context->auth_context())) peers.push_back(*peer);
          hellos.push_back(message.hello());
          answers.emplace_back().mutable_welcome()->set_protocol_version(kProtocolVersion);
        } else if (message.spool_id() != 0) {
          const std::uint64_t id = message.spool_id();
          v1::AnchorMessage body = message;
          body.clear_spool_id();
          spooled[id].push_back(body.SerializeAsString());
          if (acknowledge) answers.emplace_back().mutable_acknowledge()->set_spool_id(id);
        } else {
          others.push_back(message);
        }
        answers.insert(answers.end(), commands.begin(), commands.end());
        commands.clear();
      }
      for (const auto& answer : answers) stream->Write(answer);
    }
    return grpc::Status::OK;
  }

  TlsFiles files_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
};

}  // namespace chiploc
