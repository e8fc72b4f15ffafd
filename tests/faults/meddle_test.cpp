// Control messages that come twice, late and in another order: a meddler stands between the real anchors and
// the real coordinator and speaks gRPC to both. gRPC itself never does this; a proxy, a replayed stream or a
// bug would.
#include <grpcpp/grpcpp.h>

#include <cinttypes>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "proto/v1/anchor_service.grpc.pb.h"
#include "server/net/keepalive.hpp"
#include "server/net/tls.hpp"
#include "tests/faults/fault_lab.hpp"
#include "tests/faults/tcp_cut.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Hands on what it is given after a random delay, so in another order, and some of it twice.
template <class Message>
class Muddle {
 public:
  using Write = std::function<bool(const Message&)>;
  Muddle(Write write, std::uint64_t seed)
      : write_{std::move(write)}, random_{seed}, thread_{[this] { run(); }} {}
  ~Muddle() {
    {
      const std::lock_guard lock{mutex_};
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void push(const Message& message) {
    const std::lock_guard lock{mutex_};
    const int copies = random_() % 3 == 0 ? 2 : 1;
    for (int i = 0; i < copies; ++i)
      queue_.emplace(Clock::now() + std::chrono::milliseconds{random_() % 120}, message);
    twice += copies - 1;
    wake_.notify_one();
  }
  std::atomic<std::int64_t> twice{0};

 private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!stop_) {
      if (queue_.empty()) {
        wake_.wait(lock);
      } else if (queue_.begin()->first > Clock::now()) {
        wake_.wait_until(lock, queue_.begin()->first);
      } else {
        const Message message = queue_.begin()->second;
        queue_.erase(queue_.begin());
        lock.unlock();
        const bool good = write_(message);
        lock.lock();
        if (!good) return;
      }
    }
  }
  Write write_;
  std::mt19937_64 random_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<Clock::time_point, Message> queue_;
  bool stop_ = false;
  std::thread thread_;
};

class Meddler final : public v1::AnchorService::Service {
 public:
  Meddler(const LabPlan& plan, const std::string& address, std::uint64_t seed) : plan_{plan}, seed_{seed} {
    const auto material =
        load_tls({plan.state / "ca.pem", plan.state / "chiplocd/tls.pem", plan.state / "chiplocd/tls.key"});
    REQUIRE(material);
    grpc::ServerBuilder builder;
    apply_server_keepalive(builder);
    builder.AddListeningPort(address, server_credentials(*material));
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
  }
  ~Meddler() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }
  std::atomic<std::int64_t> messages{0}, twice{0};

 private:
  grpc::Status Attach(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::AnchorMessage>* near) override {
    const auto peer = peer_identity(*context->auth_context());
    if (!peer) return {grpc::StatusCode::UNAUTHENTICATED, peer.error()};
    const auto folder = plan_.state / "anchors" / peer->common_name;
    const auto material = load_tls({plan_.state / "ca.pem", folder / "tls.pem", folder / "tls.key"});
    if (!material) return {grpc::StatusCode::INTERNAL, material.error()};
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("chiplocd");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = v1::AnchorService::NewStub(
        grpc::CreateCustomChannel(plan_.coordinator_address, channel_credentials(*material), arguments));
    grpc::ClientContext upstream;
    const auto far = stub->Attach(&upstream);
    const std::uint64_t number = ++streams_;
    grpc::Status end;
    {
      Muddle<v1::AnchorMessage> up{[&](const auto& m) { return far->Write(m); }, seed_ + 2 * number};
      Muddle<v1::CoordinatorMessage> down{[&](const auto& m) { return near->Write(m); },
                                          seed_ + 2 * number + 1};
      std::thread reading{[&] {
        v1::CoordinatorMessage message;
        while (far->Read(&message)) {
          ++messages;
          // The greeting stays a greeting: nothing counts before it.
          if (message.has_welcome()) {
            near->Write(message);
          } else {
            down.push(message);
          }
        }
        context->TryCancel();
      }};
      v1::AnchorMessage message;
      while (near->Read(&message)) {
        ++messages;
        if (message.has_hello()) {
          far->Write(message);
        } else {
          up.push(message);
        }
      }
      upstream.TryCancel();
      reading.join();
      twice += up.twice + down.twice;
    }
    return far->Finish();
  }
  const LabPlan& plan_;
  std::uint64_t seed_;
  std::atomic<std::uint64_t> streams_{0};
  std::unique_ptr<grpc::Server> server_;
};

std::string free_address() { return TcpCut{}.address(); }

TEST_CASE(
    "control messages doubled, delayed and reordered: no chip is accused, no round hangs, nothing is doubled",
    "[faults]") {
  const std::uint64_t seed = std::getenv("CHIPLOC_SEED") != nullptr
                                 ? std::strtoull(std::getenv("CHIPLOC_SEED"), nullptr, 10)
                                 : std::random_device{}();
  std::printf("seed %" PRIu64 "\n", seed);
  const std::string address = free_address();
  FaultLab lab{{.chips = 4, .coordinator_of_anchors = address, .log_level = "debug"}};
  std::map<std::string, int> states;
  int hangs = 0;
  {
    Meddler meddler{lab.plan(), address, seed};
    REQUIRE(lab.up() == "");
    std::mutex mutex;
    std::vector<std::thread> asking;
    for (int chip = 0; chip < 4; ++chip) {
      asking.emplace_back([&, chip] {
        for (int round = 0; round < 6; ++round) {
          const auto from = Clock::now();
          const auto verdict = lab.verify(chip);
          const std::lock_guard lock{mutex};
          if (Clock::now() - from > lab.round_limit() - 1s) ++hangs;
          ++states[text_of(verdict)];
        }
      });
    }
    for (std::thread& thread : asking) thread.join();
    StoreView store;
    std::size_t waiting = 1;
    for (int look = 0; look < 300 && (waiting != 0 || store.rounds[1] != 0); ++look) {
      std::this_thread::sleep_for(100ms);
      store = read_store(lab.database());
      waiting = 0;
      for (const std::string& name : lab.anchors()) {
        for (const auto& [key, kind] : deliveries_in(lab.log(name)).sent)
          waiting += kind == 6 && store.reports.count(key) == 0 ? 1U : 0U;
      }
    }
    CHECK(waiting == 0);
    CHECK(store.rounds[1] == 0);
    CHECK(store.doubled == 0);
    CHECK(store.integrity == "ok");
    for (const std::string& name : lab.anchors()) CHECK(lab.stop(name).how == "exited with 0");
    std::printf("messages %" PRId64 ", doubled on the way %" PRId64 "\n", meddler.messages.load(),
                meddler.twice.load());
    CHECK(meddler.twice > 50);
  }
  for (const auto& [state, count] : states) std::printf("%s: %d\n", state.c_str(), count);
  CHECK(hangs == 0);
  for (const char* accusation : {"INVALID", "OUTSIDE", "PROHIBITED"}) CHECK(states.count(accusation) == 0);
  // Of 24: a ticket that overtakes its PREPARE costs an anchor, seldom a round.
  CHECK(states["VERIFIED"] >= 8);
}

}  // namespace
}  // namespace chiploc::faults
