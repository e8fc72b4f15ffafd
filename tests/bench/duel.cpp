#include "tests/bench/duel.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <future>
#include <thread>

#include "agent/responder.hpp"
#include "agent/system.hpp"
#include "agent/udp_loop.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "server/anchor/anchor_core.hpp"
#include "server/anchor/random_pool.hpp"
#include "server/anchor/udp_prober.hpp"
#include "server/net/endpoint.hpp"
#include "tests/bench/figure.hpp"

namespace chiploc::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint8_t kPings = 64;

double clock_us(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

class MemoryState final : public StateStore {
 public:
  [[nodiscard]] std::uint64_t boot_count() const override { return 1; }
  [[nodiscard]] std::uint64_t round_counter() const override { return counter_; }
  [[nodiscard]] Result<std::uint64_t, std::string> next_round_counter() override { return ++counter_; }

 private:
  std::uint64_t counter_ = 0;
};

class Echo final : public AgentPacketHandler {
 public:
  void on_datagram(Bytes datagram, const Endpoint& from, SteadyTime, WallTime, AgentOutbox& out) override {
    out.send(from, datagram);
  }
  void on_timer(SteadyTime, WallTime, AgentOutbox&) override {}
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override { return std::nullopt; }
};

/// The agent's end: production responder and loop on a thread, until the object goes.
class AgentEnd {
 public:
  AgentEnd(const DuelOptions& options, const ChipId& chip, const PublicKey& coordinator) {
    thread_ = std::thread{[this, options, chip, coordinator] { run(options, chip, coordinator); }};
    outcome_ = started_.get_future().get();
  }
  ~AgentEnd() {
    if (loop_ != nullptr) asio::post(io_, [this] { loop_->drain_and_stop(); });
    thread_.join();
  }
  AgentEnd(const AgentEnd&) = delete;
  AgentEnd& operator=(const AgentEnd&) = delete;
  /// Where it listens.
  [[nodiscard]] const Result<Endpoint, std::string>& outcome() const { return *outcome_; }
  [[nodiscard]] const PublicKey& device_public() const { return device_->public_key(); }
  [[nodiscard]] double cpu_us() {
    clockid_t clock{};
    ::pthread_getcpuclockid(thread_.native_handle(), &clock);
    return clock_us(clock);
  }

 private:
  void run(const DuelOptions& options, const ChipId& chip, const PublicKey& coordinator) {
    if (const auto settled = settle(options.agent, options.fifo_priority); !settled) {
      started_.set_value(Result<Endpoint, std::string>{Fail{settled.error()}});
      return;
    }
    SigningIssuer issuer{*device_, Digest{}};
    MemoryState state;
    SystemResidence residence;
    AgentSystemRandom random;
    ResponderObserver observer;
    ResponderOptions limits;
    limits.sessions = std::max<std::size_t>(options.sessions, 1);
    limits.tickets.strangers_per_second = 1'000'000;
    limits.tickets.per_stranger = 1'000'000;
    Responder responder{limits,
                        ChipIdentity{chip, "BENCH-1", "1.0.0", {}, DebugState::kDisabledPermanently},
                        std::vector<TrustedCoordinator>{{*coordinator_id_of(coordinator), coordinator}},
                        std::vector<RendezvousAnchor>{},
                        Responder::Parts{*device_, issuer, state, residence, random, observer},
                        agent_steady_now()};
    Echo echo;
    const Endpoint listen = *endpoint_from_text(options.agent.address + ":0");
    auto loop = AgentUdpLoop::open(io_, {listen},
                                   options.bare_echo ? static_cast<AgentPacketHandler&>(echo) : responder);
    if (!loop) {
      started_.set_value(Result<Endpoint, std::string>{Fail{loop.error()}});
      return;
    }
    loop_ = loop->get();
    (*loop)->start();
    started_.set_value(Result<Endpoint, std::string>{(*loop)->local_endpoints().front()});
    io_.run();
  }

  asio::io_context io_{1};
  AgentUdpLoop* loop_ = nullptr;
  std::promise<std::optional<Result<Endpoint, std::string>>> started_;
  std::optional<Result<Endpoint, std::string>> outcome_;
  std::unique_ptr<SoftwareKey> device_ = generate_key(SignatureAlgorithm::kEd25519);
  std::thread thread_;
};

/// Bare datagrams in the place of the prober: the same sockets, the same pace, nothing to compute.
class BareEngine final : public ProbeEngine {
 public:
  BareEngine(const DuelOptions& options, const Endpoint& peer, ProbeOutbox& out, DuelResult& result)
      : interval_{options.ping_interval},
        left_{options.sessions * kPings},
        peer_{peer},
        out_{out},
        result_{result},
        next_{read_clocks().steady} {}
  void on_datagram(Bytes datagram, const Path&, const ReceiveStamps& stamps) override {
    const auto ping = parse_ping(datagram);
    if (!ping || ping->sequence != sequence_) return;
    receive_ = stamps;
    take();
  }
  void on_sending(const PingToken&, const ClockReading& before) override {
    transmit_ = {};
    receive_.reset();
    transmit_.before = before;
  }
  void on_transmitted(const PingToken& ping, const KernelTransmit& stamps) override {
    if (ping.sequence != sequence_) return;
    transmit_.kernel = stamps.kernel;
    take();
  }
  void on_timer(const ClockReading& now) override {
    if (now.steady < next_ || left_ == 0) return;
    --left_;
    ++sequence_;
    ByteArray<Ping::kSize> buffer{};
    encode(Ping{.session = {}, .sequence = sequence_, .nonce = {}, .mac = {}}, buffer);
    const PingToken token{{}, sequence_};
    out_.send({peer_, {}}, buffer, &token);
    next_ = now.steady + interval_;
  }
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override { return next_; }
  [[nodiscard]] bool done() const { return left_ == 0; }

 private:
  void take() {
    if (!receive_ || !transmit_.kernel) return;
    const auto sample = measure(transmit_, *receive_);
    if (sample && sample->source == StampSource::kKernelBoth) {
      result_.kernel_us.push_back(static_cast<double>(sample->rtt.count()) / 1e3);
      result_.bracket_us.push_back(static_cast<double>(sample->bracket.count()) / 1e3);
    }
    receive_.reset();
  }
  Nanoseconds interval_;
  std::size_t left_;
  Endpoint peer_;
  ProbeOutbox& out_;
  DuelResult& result_;
  SteadyTime next_;
  std::uint32_t sequence_ = 0;
  TransmitStamps transmit_;
  std::optional<ReceiveStamps> receive_;
};

/// The anchor's end on the calling thread: rounds one after the other, or many at once.
class AnchorEnd final : public ProbeResults {
 public:
  AnchorEnd(const DuelOptions& options, const ChipId& chip, const Signer& coordinator, AgentEnd& agent,
            DuelResult& result)
      : options_{options},
        chip_{chip},
        coordinator_{coordinator},
        agent_{agent},
        result_{result},
        watch_{io_} {}

  Result<Done, std::string> run(const Endpoint& peer) {
    auto udp = UdpProber::open(
        io_, {.listen = {*endpoint_from_text(options_.anchor.address + ":0")}, .stamps = options_.stamps});
    if (!udp) return Fail{udp.error()};
    udp_ = std::move(*udp);
    peer_ = peer;
    if (options_.bare_echo) {
      run_bare();
    } else {
      run_rounds();
    }
    udp_->stop();
    return Done{};
  }

  void on_report(RoundReport report) override {
    ++reported_;
    for (const SessionAccount& session : report.sessions) {
      for (const ReportedSample& sample : session.samples) {
        if (options_.stamps == StampMode::kKernel && sample.sample.source != StampSource::kKernelBoth)
          continue;
        result_.kernel_us.push_back(static_cast<double>(sample.sample.rtt.count()) / 1e3);
        result_.bracket_us.push_back(static_cast<double>(sample.sample.bracket.count()) / 1e3);
      }
    }
    over_.push_back(report.round);
  }
  void on_statement(const RoundId&, ByteVector) override {}
  void on_knock(KnockRecord) override {}
  void on_progress(const RoundProgress&) override {}
  void on_mesh(MeshWindow) override {}

 private:
  void run_bare() {
    BareEngine engine{options_, peer_, *udp_, result_};
    udp_->start(engine);
    while (!engine.done()) io_.run_one_for(milliseconds{100});
    io_.run_for(milliseconds{20});
  }

  void run_rounds() {
    ProberOptions limits;
    limits.rounds = options_.sessions + 1;
    limits.opens_per_second = 1'000'000;
    core_ = std::make_unique<AnchorCore>(limits, MeshOptions{}, self_, pooled_random(), *udp_,
                                         static_cast<ProbeResults&>(*this), read_clocks().steady);
    udp_->start(*core_);
    watch();
    const auto limit = std::chrono::steady_clock::now() + seconds{20};
    while (reported_ < options_.sessions && std::chrono::steady_clock::now() < limit) {
      bool begun = false;
      // A few at a time: a burst of tickets would only fill the agent's socket.
      for (int i = 0; i < 4 && begun_ < options_.sessions && begun_ - reported_ < options_.at_once; ++i) {
        begin_round();
        begun = true;
      }
      for (const RoundId& round : over_) core_->prober().release(round);
      over_.clear();
      if (begun) udp_->kick();
      io_.run_one_for(milliseconds{begun ? 0 : 10});
    }
  }

  void begin_round() {
    ++begun_;
    const SteadyTime now = read_clocks().steady;
    const auto round = random_id<RoundId>();
    Ticket ticket;
    ticket.coordinator = *coordinator_id_of(coordinator_.public_key());
    ticket.round = round;
    ticket.chip = chip_;
    ticket.anchor = self_;
    ticket.anchor_count = 1;
    ticket.ping_count = kPings;
    ticket.anchor_endpoint = udp_->endpoints().front();
    ticket.anchor_public = *core_->prober().prepare(round, chip_, now + seconds{120});
    ticket.nonce = random_id<Nonce>();
    ticket.not_before = unix_seconds(read_clocks().wall);
    ticket.not_after = ticket.not_before + 120;
    if (!sign(ticket, coordinator_)) std::abort();
    const auto raw = bytes_of(ticket);
    (void)core_->prober().assign({.ticket = raw,
                                  .inbound = peer_,
                                  .ping_interval = options_.ping_interval,
                                  .deadline = seconds{60},
                                  .linger = Nanoseconds{0},
                                  .chip_key = agent_.device_public()},
                                 now);
  }

  /// Marks the time in which the sessions are open and most of their pings are still to come.
  void watch() {
    watch_.expires_after(milliseconds{5});
    watch_.async_wait([this](const asio::error_code& error) {
      if (error) return;
      const ProberCounters& counters = core_->prober().counters();
      // Once the first session is over the load falls.
      const bool all_open = counters.sessions_opened >= options_.sessions * 98 / 100;
      const bool going = counters.reports == 0;
      if (all_open && going) {
        const Mark now{clock_us(CLOCK_MONOTONIC), thread_cpu_us(), agent_.cpu_us(), counters.pongs_accepted};
        if (!first_) first_ = now;
        result_.seconds = (now.at - first_->at) / 1e6;
        result_.exchanges = static_cast<double>(now.pongs - first_->pongs);
        result_.anchor_cpu_us = now.anchor - first_->anchor;
        result_.agent_cpu_us = now.agent - first_->agent;
      }
      watch();
    });
  }

  struct Mark {
    double at = 0.0, anchor = 0.0, agent = 0.0;
    std::uint64_t pongs = 0;
  };
  DuelOptions options_;
  ChipId chip_;
  const Signer& coordinator_;
  AgentEnd& agent_;
  DuelResult& result_;
  AnchorId self_ = random_id<AnchorId>();
  asio::io_context io_{1};
  asio::steady_timer watch_;
  std::unique_ptr<UdpProber> udp_;
  std::unique_ptr<AnchorCore> core_;
  Endpoint peer_;
  std::size_t begun_ = 0;
  std::size_t reported_ = 0;
  std::vector<RoundId> over_;
  std::optional<Mark> first_;
};

}  // namespace

Result<Done, std::string> settle(const Site& site, int fifo_priority) {
  if (!site.netns.empty()) {
    const int fd = ::open(site.netns.c_str(), O_RDONLY | O_CLOEXEC);
    const bool entered = fd >= 0 && ::setns(fd, CLONE_NEWNET) == 0;
    const int why = errno;
    if (fd >= 0) ::close(fd);
    if (!entered) return Fail{"cannot enter " + site.netns + ": " + std::strerror(why)};
  }
  if (site.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(site.cpu), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0)
      return Fail{"cannot run on processor " + std::to_string(site.cpu)};
  }
  if (fifo_priority > 0) {
    sched_param parameter{};
    parameter.sched_priority = fifo_priority;
    if (::sched_setscheduler(0, SCHED_FIFO, &parameter) != 0)
      return Fail{std::string{"no right to SCHED_FIFO: "} + std::strerror(errno)};
  }
  return Done{};
}

Result<DuelResult, std::string> run_duel(const DuelOptions& options) {
  const auto coordinator = generate_key(SignatureAlgorithm::kEd25519);
  const auto chip = random_id<ChipId>();
  AgentEnd agent{options, chip, coordinator->public_key()};
  if (!agent.outcome()) return Fail{agent.outcome().error()};
  DuelResult result;
  Result<Done, std::string> done{Done{}};
  // A thread of its own: what it settles into ends with it.
  std::thread anchor{[&] {
    done = settle(options.anchor, options.fifo_priority);
    if (done) done = AnchorEnd{options, chip, *coordinator, agent, result}.run(*agent.outcome());
  }};
  anchor.join();
  if (!done) return Fail{done.error()};
  return result;
}

}  // namespace chiploc::bench
