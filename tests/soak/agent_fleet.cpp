#include "tests/soak/agent_fleet.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>

#include "agent/datagram_batch.hpp"
#include "agent/responder.hpp"
#include "agent/system.hpp"

namespace chiploc {
namespace {

constexpr std::uint8_t kFirstOctet = 127;
constexpr std::size_t kSecondOctet = 64;

/// A round counter that lives as long as the fleet.
class MemoryState final : public StateStore {
 public:
  [[nodiscard]] std::uint64_t boot_count() const override { return 1; }
  [[nodiscard]] std::uint64_t round_counter() const override { return counter_; }
  [[nodiscard]] Result<std::uint64_t, std::string> next_round_counter() override { return ++counter_; }

 private:
  std::uint64_t counter_ = 0;
};

double thread_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

class AgentFleet::Loop {
 public:
  Loop(int socket, int wake, std::uint16_t port) : socket_{socket}, wake_{wake}, port_{port} {}
  ~Loop() {
    ::close(socket_);
    ::close(wake_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void make_agents(std::vector<FleetChip> chips, const PublicKey& coordinator, std::size_t sessions) {
    agents_.reserve(chips.size());
    for (FleetChip& chip : chips) {
      agents_.push_back(
          std::make_unique<Agent>(*this, agents_.size(), std::move(chip), coordinator, sessions));
    }
  }

  void run() {
    pollfd watched[2] = {{socket_, POLLIN, 0}, {wake_, POLLIN, 0}};
    while (!stopping_) {
      ::poll(watched, 2, timeout_ms());
      // A few batches, then the timers get their turn.
      constexpr int kBatches = 16;
      for (int i = 0; i < kBatches; ++i) {
        if (receive() < kAgentBatch) break;
      }
      run_timers();
      publish();
    }
    publish();
  }

  void stop() {
    stopping_ = true;
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) < 0) std::abort();  // an eventfd takes it
  }

  [[nodiscard]] Counts counts() const {
    const std::lock_guard lock{mutex_};
    return shown_;
  }

 private:
  /// One responder with what it needs, and its way out.
  struct Agent final : AgentOutbox {
    Agent(Loop& owner, std::size_t place, FleetChip made, const PublicKey& coordinator, std::size_t sessions)
        : loop{owner}, number{place}, chip{std::move(made)}, issuer{*chip.key, chip.certificate} {
      ResponderOptions options;
      options.sessions = sessions;
      options.clock_skew = std::chrono::seconds{0};  // one clock: sessions go when their tickets end
      ChipIdentity identity{chip.id, "SOAK-1", "1.0.0", {}, DebugState::kDisabledPermanently};
      responder = std::make_unique<Responder>(
          options, identity, std::vector<TrustedCoordinator>{{*coordinator_id_of(coordinator), coordinator}},
          std::vector<RendezvousAnchor>{},
          Responder::Parts{*chip.key, issuer, state, loop.residence_, loop.random_, loop.observer_},
          agent_steady_now());
    }
    void send(const Endpoint& to, Bytes datagram) override { loop.send(number, to, datagram); }

    Loop& loop;
    std::size_t number;
    FleetChip chip;
    SigningIssuer issuer;
    MemoryState state;
    std::unique_ptr<Responder> responder;
    std::optional<SteadyTime> armed;
  };
  struct Observer final : ResponderObserver {
    void on_reject(RejectReason, std::uint8_t, const Endpoint&) override { ++refused; }
    void on_statement(const RoundId&, std::uint64_t, std::size_t) override { ++statements; }
    std::uint64_t refused = 0;
    std::uint64_t statements = 0;
  };

  [[nodiscard]] std::optional<std::size_t> number_of(const AgentPacketInfo& to) const {
    const std::uint32_t address = ntohl(to.v4.s_addr);
    if (to.family != AF_INET || address >> 24U != kFirstOctet) return std::nullopt;
    const std::size_t number = (address & 0xFFFFFFU) - (kSecondOctet << 16U);
    return number < agents_.size() ? std::optional{number} : std::nullopt;
  }

  std::size_t receive() {
    const std::size_t count = arrivals_.receive(socket_);
    for (std::size_t i = 0; i < count; ++i) {
      const auto arrival = arrivals_.at(i);
      const auto number = number_of(arrival.to);
      if (!number || !arrival.from || arrival.oversized) continue;
      ++counts_.received;
      const SteadyTime now = agent_steady_now();
      const WallTime wall = agent_wall_now();
      Nanoseconds age = arrival.stamp ? wall - *arrival.stamp : Nanoseconds{0};
      if (age < Nanoseconds{0} || age > std::chrono::seconds{1}) age = Nanoseconds{0};
      Agent& agent = *agents_[*number];
      agent.responder->on_datagram(arrival.bytes, *arrival.from, now - age, wall, agent);
      if (arrival.bytes.size() == Ping::kSize &&
          arrival.bytes[3] == static_cast<std::uint8_t>(DatagramType::kPing)) {
        ++counts_.pings_answered;
      } else {
        arm(agent);
      }
    }
    flush();
    return count;
  }

  void run_timers() {
    const SteadyTime now = agent_steady_now();
    while (!timers_.empty() && timers_.begin()->first <= now) {
      Agent& agent = *agents_[timers_.begin()->second];
      timers_.erase(timers_.begin());
      agent.armed.reset();
      agent.responder->on_timer(now, agent_wall_now(), agent);
      arm(agent);
    }
    flush();
  }

  void arm(Agent& agent) {
    const auto next = agent.responder->next_deadline();
    if (next == agent.armed) return;
    if (agent.armed) timers_.erase({*agent.armed, agent.number});
    if (next) timers_.emplace(*next, agent.number);
    agent.armed = next;
  }

  [[nodiscard]] int timeout_ms() const {
    constexpr int kLongest = 100;
    if (timers_.empty()) return kLongest;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - agent_steady_now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongest));
  }

  void send(std::size_t from, const Endpoint& to, Bytes datagram) {
    if (departures_.full()) flush();
    AgentPacketInfo source;
    source.family = AF_INET;
    source.v4.s_addr = htonl(static_cast<std::uint32_t>(kFirstOctet) << 24U |
                             static_cast<std::uint32_t>((kSecondOctet << 16U) + from));
    departures_.add(to, datagram, source);
  }
  void flush() {
    const std::size_t waiting = departures_.size();
    if (waiting != 0) counts_.send_failed += waiting - departures_.flush(socket_);
  }

  void publish() {
    counts_.statements = observer_.statements;
    counts_.refused = observer_.refused;
    counts_.cpu_s = thread_seconds();
    const std::lock_guard lock{mutex_};
    shown_ = counts_;
  }

  int socket_;
  int wake_;
  std::uint16_t port_;
  std::atomic<bool> stopping_{false};
  AgentSystemRandom random_;
  SystemResidence residence_;
  Observer observer_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::set<std::pair<SteadyTime, std::size_t>> timers_;
  AgentReceiveBatch arrivals_;
  AgentSendBatch departures_;
  Counts counts_;
  mutable std::mutex mutex_;  ///< guards what follows
  Counts shown_;
};

AgentFleet::AgentFleet(std::unique_ptr<Loop> loop) : loop_{std::move(loop)} {}
AgentFleet::~AgentFleet() { stop(); }

Result<std::unique_ptr<AgentFleet>, std::string> AgentFleet::open() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Fail{std::string{"cannot open the fleet's socket: "} + std::strerror(errno)};
  const int on = 1;
  constexpr int kBufferBytes = 8 << 20;  // as much as the kernel grants
  ::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const std::string why = std::strerror(errno);
    ::close(fd);
    return Fail{"cannot bind the fleet's socket: " + why};
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<AgentFleet>{
      new AgentFleet{std::make_unique<Loop>(fd, wake, ntohs(address.sin_port))}};
}

Endpoint AgentFleet::address_of(std::size_t chip) const {
  Endpoint out;
  out.address[0] = kFirstOctet;
  out.address[1] = static_cast<std::uint8_t>(kSecondOctet + (chip >> 16U));
  out.address[2] = static_cast<std::uint8_t>(chip >> 8U);
  out.address[3] = static_cast<std::uint8_t>(chip);
  out.port = loop_->port();
  return out;
}

void AgentFleet::start(std::vector<FleetChip> chips, const PublicKey& coordinator, std::size_t sessions) {
  loop_->make_agents(std::move(chips), coordinator, sessions);
  thread_ = std::thread{[this] { loop_->run(); }};
}

void AgentFleet::stop() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
}

AgentFleet::Counts AgentFleet::counts() const { return loop_->counts(); }

}  // namespace chiploc
