#include "tests/soak/watchers.hpp"

#include <grpcpp/grpcpp.h>

#include <optional>

#include "proto/v1/operator_service.grpc.pb.h"

namespace chiploc {

using Clock = std::chrono::steady_clock;

struct Watchers::Connection {
  std::unique_ptr<v1::OperatorService::Stub> stub;
};

class Watchers::Call final : public grpc::ClientReadReactor<v1::VerifyEvent> {
 public:
  Call(Watchers& owner, std::size_t chip) : owner_{owner} { outcome_.chip = chip; }
  void start(v1::OperatorService::Stub& stub, const std::string& id) {
    request_.set_chip(id);
    stub.async()->Verify(&context_, &request_, this);
    StartRead(&event_);
    StartCall();
  }
  void cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (event_.has_progress() && event_.progress().stage() == "reported") reported_ = Clock::now();
    if (event_.has_verdict()) take_verdict(event_.verdict());
    event_.Clear();
    StartRead(&event_);
  }
  void take_verdict(const v1::Verdict& verdict) {
    if (reported_) {
      outcome_.report_to_verdict_ms =
          std::chrono::duration<double, std::milli>{Clock::now() - *reported_}.count();
    }
    outcome_.verdict = verdict.anchors_size() == 1 && verdict.anchors(0).used();
    if (outcome_.verdict) outcome_.samples = verdict.anchors(0).samples();
    if (!outcome_.verdict) {
      outcome_.problem = v1::VerdictState_Name(verdict.state()) +
                         (verdict.reasons_size() > 0 ? ": " + verdict.reasons(0).text() : std::string{});
    }
  }
  void OnDone(const grpc::Status& status) override {
    if (!outcome_.verdict && outcome_.problem.empty()) {
      outcome_.problem = "status " + std::to_string(status.error_code()) + ": " + status.error_message();
    }
    owner_.ended(this, std::move(outcome_));  // the last touch
  }

  Watchers& owner_;
  grpc::ClientContext context_;
  v1::VerifyRequest request_;
  v1::VerifyEvent event_;
  std::optional<Clock::time_point> reported_;
  Outcome outcome_;
};

Watchers::Watchers() = default;

Result<std::unique_ptr<Watchers>, std::string> Watchers::open(const std::string& address, const TlsFiles& tls,
                                                              std::size_t calls) {
  const auto material = load_tls(tls);
  if (!material) return Fail{material.error()};
  constexpr std::size_t kCallsEach = 200;  // the server allows 256
  auto out = std::unique_ptr<Watchers>{new Watchers};
  for (std::size_t i = 0; i <= calls / kCallsEach; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("chiplocd");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto connection = std::make_unique<Connection>();
    connection->stub = v1::OperatorService::NewStub(
        grpc::CreateCustomChannel(address, channel_credentials(*material), arguments));
    out->connections_.push_back(std::move(connection));
  }
  return out;
}

Watchers::~Watchers() {
  std::unique_lock lock{mutex_};
  for (const auto& [call, owned] : calls_) call->cancel();
  changed_.wait(lock, [this] { return calls_.empty(); });
}

void Watchers::verify(std::size_t chip, const std::string& id) {
  auto made = std::make_unique<Call>(*this, chip);
  Call& call = *made;
  {
    const std::lock_guard lock{mutex_};
    calls_.emplace(&call, std::move(made));
  }
  call.start(*connections_[next_++ % connections_.size()]->stub, id);
}

void Watchers::ended(Call* call, Outcome outcome) {
  const std::lock_guard lock{mutex_};
  const auto found = calls_.find(call);
  over_.push_back(std::move(found->second));
  calls_.erase(found);
  outcomes_.push_back(std::move(outcome));
  changed_.notify_all();
}

std::vector<Watchers::Outcome> Watchers::take(Clock::time_point until) {
  std::vector<std::unique_ptr<Call>> over;  // freed after the lock is let go
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, until, [this] { return !outcomes_.empty(); });
  over.swap(over_);
  return std::exchange(outcomes_, {});
}

std::size_t Watchers::under_way() const {
  const std::lock_guard lock{mutex_};
  return calls_.size();
}

}  // namespace chiploc
