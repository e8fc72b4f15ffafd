#include "tests/adversary/streams.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <thread>
#include <vector>

#include "proto/crypto/issue.hpp"
#include "proto/v1/anchor_service.grpc.pb.h"
#include "proto/v1/operator_service.grpc.pb.h"
#include "server/net/endpoint.hpp"
#include "server/net/tls.hpp"

namespace chiploc::adversary {
namespace {

using namespace std::chrono_literals;

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string code_text(const grpc::Status& status) {
  constexpr const char* kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const int code = status.error_code();
  return code >= 0 && code <= 16 ? kNames[code] : "?";
}

/// What an attempt came to: refused in some way, or let in.
struct Outcome {
  std::string how;
  bool let_in = false;
};

class Attacker {
 public:
  Attacker(const Outsider& known, std::uint64_t seed) : known_{known}, random_{seed} {
    ca_ = read_file(known.ca);
    const auto now = WallTime{
        std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch() - 1h)};
    const auto ca = CertificateAuthority::create("chiploc lab TLS", SignatureAlgorithm::kEs256, now, 30);
    const auto key = generate_key(SignatureAlgorithm::kEs256);
    for (const char* unit : {"anchor", "admin"}) {
      IssueRequest request;
      request.common_name = unit[1] == 'n' && !known.tls_name.empty() ? known.tls_name : "fra1";
      request.organizational_unit = unit;
      request.purpose = CertificatePurpose::kServerAndClient;
      request.from = now;
      request.days = 30;
      forged_.push_back({ca_, ca->issue(request, key->public_key())->pem(), key->private_pem()});
    }
    if (!known.tls.empty())
      stolen_ = {ca_, read_file(known.tls / "tls.pem"), read_file(known.tls / "tls.key")};
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::function<Outcome()>>> kinds() {
    std::vector<std::pair<std::string, std::function<Outcome()>>> out{
        {"garbage", [this] { return garbage(); }},
        {"no_certificate", [this] { return attach(without_certificate(), hello("fra1")); }},
        {"plaintext", [this] { return attach(grpc::InsecureChannelCredentials(), hello("fra1")); }},
        {"foreign_ca_anchor", [this] { return attach(channel_credentials(forged_[0]), hello("fra1")); }},
        {"foreign_ca_admin", [this] { return list_chips(channel_credentials(forged_[1])); }},
        {"no_certificate_operator", [this] { return list_chips(without_certificate()); }}};
    if (!stolen_.key.empty()) {
      out.emplace_back("other_anchors_name",
                       [this] { return attach(channel_credentials(stolen_), hello("somebody-else")); });
      out.emplace_back("anchor_as_operator", [this] { return list_chips(channel_credentials(stolen_)); });
      out.emplace_back("report_without_hello", [this] {
        v1::AnchorMessage message;
        message.mutable_report()->set_body("nothing");
        return attach(channel_credentials(stolen_), message);
      });
      out.emplace_back("oversize_message", [this] {
        v1::AnchorMessage message = hello("somebody-else");
        message.mutable_hello()->set_software_version(std::string(std::size_t{16} << 20U, 'x'));
        return attach(channel_credentials(stolen_), message);
      });
    }
    return out;
  }

 private:
  static v1::AnchorMessage hello(const std::string& name) {
    v1::AnchorMessage message;
    message.mutable_hello()->set_protocol_version(kProtocolVersion);
    message.mutable_hello()->set_anchor(name);
    message.mutable_hello()->set_anchor_id(std::string(16, 'a'));
    message.mutable_hello()->set_mesh_public(std::string(32, 'm'));
    return message;
  }
  [[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> without_certificate() const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca_;
    return grpc::SslCredentials(options);
  }
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(known_.server_name);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no memory of the attempt before
    return grpc::CreateCustomChannel(known_.grpc, credentials, arguments);
  }

  Outcome attach(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                 const v1::AnchorMessage& message) const {
    const auto stub = v1::AnchorService::NewStub(channel(credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 5s);
    const auto stream = stub->Attach(&context);
    stream->Write(message);
    v1::CoordinatorMessage answer;
    if (stream->Read(&answer)) {
      context.TryCancel();
      return {"got " + answer.ShortDebugString(), true};
    }
    return {code_text(stream->Finish()), false};
  }
  Outcome list_chips(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    const auto stub = v1::OperatorService::NewStub(channel(credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 5s);
    v1::ListChipsResponse response;
    const grpc::Status status = stub->ListChips(&context, {}, &response);
    return {code_text(status), status.ok()};
  }
  /// A TCP connection with bytes that are no TLS.
  Outcome garbage() {
    const auto endpoint = endpoint_from_text(known_.grpc);
    sockaddr_storage address{};
    if (!endpoint) return {"not an address", false};
    const socklen_t size = to_sockaddr(*endpoint, address);
    const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string bytes(1 + random_() % 4096, '\0');
    for (char& c : bytes) c = static_cast<char>(random_());
    Outcome outcome{"closed", false};
    std::size_t received = 0;
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
      outcome.how = "no connection";
    } else {
      (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ::shutdown(fd, SHUT_WR);
      char buffer[4096];
      for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
        received += static_cast<std::size_t>(got);
      // A TLS alert is seven bytes; HTTP/2 would be more.
      if (received > 64) outcome = {std::to_string(received) + " bytes", true};
    }
    if (fd >= 0) ::close(fd);
    return outcome;
  }

  const Outsider& known_;
  std::mt19937_64 random_;
  std::string ca_;
  std::vector<TlsMaterial> forged_;
  TlsMaterial stolen_;
};

}  // namespace

StreamCounts attack_streams(const Outsider& known, std::uint64_t seed, const std::atomic<bool>& stop) {
  StreamCounts out;
  Attacker attacker{known, seed};
  const auto kinds = attacker.kinds();
  for (std::size_t i = 0; !stop && out.let_in.empty(); ++i) {
    const auto& [name, attempt] = kinds[i % kinds.size()];
    const Outcome outcome = attempt();
    if (outcome.let_in) out.let_in = name + ": " + outcome.how;
    ++out.refused[name][outcome.how];
    // A limit to the rate, not a wait for anything.
    std::this_thread::sleep_for(50ms);
  }
  return out;
}

}  // namespace chiploc::adversary
