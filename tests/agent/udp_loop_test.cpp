#include "agent/udp_loop.hpp"

#include <asio.hpp>
#include <thread>

#include "tests/agent/agent_world.hpp"
#include "tests/agent/socket_anchor.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;

namespace {

/// An agent on real sockets in a thread of its own, which ends with it.
struct RunningAgent {
  explicit RunningAgent(const std::vector<std::string>& listen) {
    std::vector<Endpoint> endpoints;
    for (const auto& text : listen) endpoints.push_back(*parse_endpoint(text));
    auto opened = AgentUdpLoop::open(context, endpoints, responder);
    if (!opened) {
      fault = opened.error();
      return;
    }
    loop = std::move(*opened);
    local = loop->local_endpoints();
    loop->start();
    thread = std::thread{[this] { context.run(); }};
  }
  ~RunningAgent() { stop(); }
  void stop() {
    if (!thread.joinable()) return;
    asio::post(context, [this] { loop->drain_and_stop(); });
    thread.join();
  }

  ChipId chip = random_id<ChipId>();
  TestCoordinator coordinator;
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  MemoryState state;
  SigningIssuer issuer{*key, kTestCertificate};
  SystemResidence residence;
  AgentSystemRandom random;
  ResponderObserver observer;
  Responder responder{{},
                      AgentWorld::identity(chip),
                      {{coordinator.id(), coordinator.key().public_key()}},
                      {},
                      {*key, issuer, state, residence, random, observer},
                      agent_steady_now()};
  asio::io_context context{1};
  std::unique_ptr<AgentUdpLoop> loop;
  std::vector<Endpoint> local;
  std::string fault;
  std::thread thread;
};

std::uint64_t unix_now() { return unix_seconds(agent_wall_now()); }

}  // namespace

TEST_CASE("AgentUdpLoop: a whole round over real sockets", "[agent][sockets]") {
  const std::string host = GENERATE(std::string{"127.0.0.1"}, std::string{"::1"});
  CAPTURE(host);
  const TestSocket socket{host};
  if (!socket.ok()) {
    WARN("skipped: this host has no " << host);
    return;
  }
  RunningAgent agent{{host == "::1" ? "[::1]:0" : "127.0.0.1:0"}};
  INFO(agent.fault);
  REQUIRE(agent.loop);
  SocketRound round{socket, agent.local[0], agent.coordinator, agent.chip, unix_now()};
  const auto cose = round.play();
  INFO(round.failed);
  REQUIRE(cose);
  const auto statement = check_statement(*cose, agent.key->public_key(), kTestCertificate);
  REQUIRE(statement);
  CHECK(statement->nonce == round.order.nonce);
  REQUIRE(statement->transcripts.size() == 1);
  CHECK(statement->transcripts[0].transcript == round.anchor.digest());
  CHECK(round.last.residence_ns > 0);
  CHECK(round.last.residence_ns < 1'000'000'000);
  agent.stop();
  CHECK(agent.responder.stats().pings_answered == 12);
  CHECK(agent.loop->counts().unstamped == 0);  // Linux stamps every arrival
  CHECK(agent.loop->counts().send_failed == 0);
}

TEST_CASE("AgentUdpLoop: on a wildcard address the answer leaves from the address that was asked",
          "[agent][sockets]") {
  // 127.1.2.3 is as local as 127.0.0.1, but no route would choose it as a source by itself.
  const TestSocket socket{"127.0.0.1"};
  REQUIRE(socket.ok());
  RunningAgent agent{{"0.0.0.0:0"}};
  INFO(agent.fault);
  REQUIRE(agent.loop);
  Endpoint asked = *parse_endpoint("127.1.2.3:1");
  asked.port = agent.local[0].port;
  SocketRound round{socket, asked, agent.coordinator, agent.chip, unix_now()};
  REQUIRE(round.open());
  round.agent = asked;
  const bool answered = round.ping(0);
  INFO(round.failed);
  CHECK(answered);
}

TEST_CASE("AgentUdpLoop: two sockets, one for each family", "[agent][sockets]") {
  const TestSocket v4{"127.0.0.1"};
  const TestSocket v6{"::1"};
  if (!v6.ok()) {
    WARN("skipped: this host has no ::1");
    return;
  }
  RunningAgent agent{{"127.0.0.1:0", "[::1]:0"}};
  INFO(agent.fault);
  REQUIRE(agent.loop);
  REQUIRE(agent.local.size() == 2);
  for (const auto* socket : {&v4, &v6}) {
    SocketRound round{*socket, agent.local[socket == &v4 ? 0 : 1], agent.coordinator, agent.chip, unix_now()};
    const auto cose = round.play();
    INFO(round.failed);
    CHECK(cose);
  }
}

TEST_CASE("AgentUdpLoop: a ticket that came by IPv4 may name an IPv6 anchor", "[agent][sockets]") {
  const TestSocket v4{"127.0.0.1"};
  const TestSocket v6{"::1"};
  if (!v6.ok()) {
    WARN("skipped: this host has no ::1");
    return;
  }
  RunningAgent agent{{"127.0.0.1:0", "[::1]:0"}};
  REQUIRE(agent.loop);
  SocketRound round{v6, agent.local[1], agent.coordinator, agent.chip, unix_now()};
  v4.send(agent.local[0], round.anchor.ticket_datagram());
  const auto open = v6.receive(DatagramType::kOpen);
  REQUIRE(open);
  CHECK(open->from == agent.local[1]);
}

TEST_CASE("AgentUdpLoop: oversized datagrams are dropped unread and counted", "[agent][sockets]") {
  const TestSocket socket{"127.0.0.1"};
  RunningAgent agent{{"127.0.0.1:0"}};
  REQUIRE(agent.loop);
  socket.send(agent.local[0], ByteVector(kDatagramMax + 1, 0x55));
  socket.send(agent.local[0], ByteVector(9000, 0x55));
  socket.send(agent.local[0], ByteVector{});
  ByteVector other_version(64, 0);
  other_version[0] = kMagic[0];
  other_version[1] = kMagic[1];
  other_version[2] = 3;
  socket.send(agent.local[0], other_version);
  REQUIRE(socket.receive(DatagramType::kReject));  // so the others were handled before
  agent.stop();
  CHECK(agent.loop->counts().oversized == 2);
  CHECK(agent.responder.stats().datagrams == 2);
}

TEST_CASE("AgentUdpLoop: what has arrived before the stop is still answered", "[agent][sockets]") {
  const TestSocket socket{"127.0.0.1"};
  RunningAgent agent{{"127.0.0.1:0"}};
  REQUIRE(agent.loop);
  SocketRound round{socket, agent.local[0], agent.coordinator, agent.chip, unix_now()};
  REQUIRE(round.open());
  REQUIRE(round.ping(0));
  asio::post(agent.context, [&] {
    // On the loop's thread: these are in its socket when the drain begins.
    for (std::uint32_t i = 1; i < 12; ++i) socket.send(round.agent, round.anchor.ping(i));
    agent.loop->drain_and_stop();
  });
  agent.thread.join();
  for (std::uint32_t i = 1; i < 12; ++i) CHECK(socket.receive(DatagramType::kPong));
}

TEST_CASE("AgentUdpLoop: an address that is taken, or not ours, is named", "[agent][sockets]") {
  const TestSocket taken{"127.0.0.1"};
  RunningAgent agent{{text_of(taken.local())}};
  CHECK_FALSE(agent.loop);
  CHECK(agent.fault.find(text_of(taken.local()) + ": cannot listen") == 0);
  RunningAgent foreign{{"192.0.2.1:7400"}};
  CHECK_FALSE(foreign.loop);
  CHECK(foreign.fault.find("192.0.2.1:7400: cannot listen") == 0);
}
