// The uplink against a gRPC server in this process, over mutual TLS on a free loopback port.
#include "server/anchor/uplink.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <fstream>
#include <sstream>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/crypto/x25519.hpp"
#include "server/anchor/program.hpp"
#include "server/anchor/udp_socket.hpp"
#include "tests/server/anchor/fake_coordinator.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct UplinkBench {
  TempFolder folder;
  TestAuthority authority;
  FakeCoordinator coordinator{authority.issue(folder, "chiplocd", "coordinator")};
  TlsFiles own = authority.issue(folder, "fra1", "anchor");
  std::unique_ptr<SoftwareKey> key = generate_key(SignatureAlgorithm::kEd25519);
  AnchorId id = *anchor_id_of(key->public_key());
  asio::io_context io{1};
  std::unique_ptr<Keeper> keeper;
  std::unique_ptr<Uplink> uplink;
  Nanoseconds redeliver_after = 15s;
  std::string address;  ///< another than the coordinator's

  ~UplinkBench() { close(); }
  void close() {
    uplink.reset();
    keeper.reset();
    io.poll();
    io.restart();
  }
  void open(const TlsFiles& tls) {
    close();
    auto spool = Spool::open({folder / "spool"}, read_clocks().wall, [](const std::string&) {});
    REQUIRE(spool);
    auto copy = key_from_private_pem(key->private_pem());
    REQUIRE(copy);
    Keeper::Options options;
    options.identity = {id, "test"};
    options.on_kept = [this] {
      asio::post(io, [this] {
        if (uplink) uplink->on_kept();
      });
    };
    keeper = std::make_unique<Keeper>(std::move(options), std::move(*spool), std::move(*copy));
    UplinkOptions up;
    up.address = address.empty() ? coordinator.address() : address;
    up.address_from = "coordinator.address in anchor.toml:5";
    up.server_name = "chiplocd";
    up.tls = tls;
    up.anchor = "fra1";
    up.id = id;
    up.software_version = "test";
    up.retry_first = 20ms;
    up.retry_max = 600ms;
    up.window = 8;
    up.heartbeat_interval = 100ms;
    up.redeliver_after = redeliver_after;
    uplink = std::make_unique<Uplink>(io, up, *keeper, random_bytes_or_abort,
                                      Uplink::Events{[](const v1::CoordinatorMessage&) {},
                                                     [] { return 3U; },
                                                     [this](v1::AnchorMessage& message) {
                                                       message.mutable_knocks()->set_left_out(9);
                                                       return knocked;
                                                     },
                                                     {}});
    uplink->start();
  }
  bool knocked = false;  ///< somebody has, by the next heartbeat
  /// Runs the reactor until something is so; ten seconds at most.
  template <class Condition>
  bool run_until(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      io.run_one_for(20ms);
      io.restart();
    }
    return condition();
  }
  void keep_reports(int count) {
    for (int i = 0; i < count; ++i) {
      RoundReport report;
      report.round = random_id<RoundId>();
      keeper->keep(std::move(report));
    }
  }
  [[nodiscard]] std::size_t spooled() {
    return coordinator.with([](auto& c) { return c.spooled.size(); });
  }
};

TEST_CASE("Uplink: says who it is, and delivers signed reports until they are acknowledged",
          "[anchor][uplink]") {
  UplinkBench bench;
  bench.open(bench.own);
  bench.keep_reports(40);  // five times the window
  REQUIRE(bench.run_until([&] { return bench.spooled() == 40; }));
  bench.coordinator.with([&](auto& c) {
    REQUIRE(c.hellos.size() == 1);
    CHECK(c.hellos[0].anchor() == "fra1");
    CHECK(c.hellos[0].anchor_id() == string_of(bench.id.bytes));
    CHECK(c.hellos[0].protocol_version() == kProtocolVersion);
    REQUIRE(c.peers.size() == 1);
    CHECK(c.peers[0].common_name == "fra1");
    CHECK(c.peers[0].unit == "anchor");
    for (const auto& [id, deliveries] : c.spooled) {
      CHECK(deliveries.size() == 1);
      v1::AnchorMessage message;
      REQUIRE(message.ParseFromString(deliveries[0]));
      CHECK(verify_report(bytes_of(message.report().body()), bytes_of(message.report().signature()),
                          bench.key->public_key()));
      CHECK_FALSE(verify_mesh_report(bytes_of(message.report().body()),
                                     bytes_of(message.report().signature()), bench.key->public_key()));
    }
    return 0;
  });
  // Heartbeats come by themselves.
  CHECK(bench.run_until([&] {
    return bench.coordinator.with([](auto& c) {
      return std::count_if(c.others.begin(), c.others.end(), [](const auto& m) {
               return m.has_heartbeat() && m.heartbeat().rounds_in_flight() == 3;
             }) >= 2;
    });
  }));
  // Who knocked goes with them, and nothing where nobody did.
  const auto notes = [&] {
    return bench.coordinator.with([](auto& c) {
      return std::count_if(c.others.begin(), c.others.end(),
                           [](const auto& m) { return m.knocks().left_out() == 9; });
    });
  };
  CHECK(notes() == 0);
  bench.knocked = true;
  CHECK(bench.run_until([&] { return notes() > 0; }));
  // Everything acknowledged is gone from disk: a restart redelivers nothing.
  bench.close();
  const auto spool = Spool::open({bench.folder / "spool"}, read_clocks().wall, [](const std::string&) {});
  REQUIRE(spool);
  CHECK((*spool)->size() <= 8);  // acknowledgements that were still on their way
}

TEST_CASE(
    "Uplink: the coordinator goes away and comes back; nothing is lost, and what comes twice has its old id",
    "[anchor][uplink]") {
  UplinkBench bench;
  bench.coordinator.with([](auto& c) { return c.acknowledge = false; });
  bench.open(bench.own);
  bench.keep_reports(5);
  REQUIRE(bench.run_until([&] { return bench.spooled() == 5; }));
  bench.coordinator.stop();
  REQUIRE(bench.run_until([&] { return !bench.uplink->attached(); }));
  bench.keep_reports(20);
  bench.coordinator.with([](auto& c) { return c.acknowledge = true; });
  bench.coordinator.start();
  REQUIRE(bench.run_until([&] { return bench.spooled() == 25; }));
  bench.coordinator.with([](auto& c) {
    CHECK(c.attaches == 2);
    std::size_t twice = 0;
    for (const auto& [id, deliveries] : c.spooled) {
      twice += deliveries.size() == 2 ? 1U : 0U;
      for (const auto& delivery : deliveries) CHECK(delivery == deliveries[0]);  // the very same bytes
    }
    CHECK(twice == 5);
    return 0;
  });
}

TEST_CASE(
    "Uplink: what the coordinator could not store comes again on the same stream until it is acknowledged",
    "[anchor][uplink]") {
  UplinkBench bench;
  bench.redeliver_after = 200ms;
  bench.coordinator.with([](auto& c) {
    c.acknowledge = false;  // its disk is full
    return 0;
  });
  bench.open(bench.own);
  bench.keep_reports(20);  // more than the window
  const auto repeated = [&] {
    return bench.coordinator.with([](auto& c) {
      return c.spooled.size() == 8 && std::all_of(c.spooled.begin(), c.spooled.end(),
                                                  [](const auto& entry) { return entry.second.size() >= 2; });
    });
  };
  REQUIRE(bench.run_until(repeated));
  bench.coordinator.with([](auto& c) {
    c.acknowledge = true;
    return 0;
  });
  CHECK(bench.run_until([&] { return bench.spooled() == 20; }));
  bench.coordinator.with([](auto& c) {
    CHECK(c.attaches == 1);
    for (const auto& [id, deliveries] : c.spooled) {
      for (const std::string& body : deliveries) CHECK(body == deliveries.front());
    }
    return 0;
  });
}

TEST_CASE("Uplink: a restart of the anchor delivers what the old process could not", "[anchor][uplink]") {
  UplinkBench bench;
  bench.coordinator.stop();
  bench.open(bench.own);
  bench.keep_reports(12);
  bench.open(bench.own);
  bench.keep_reports(3);
  bench.coordinator.start();
  REQUIRE(bench.run_until([&] { return bench.spooled() == 15; }));
}

TEST_CASE("Uplink: a coordinator of another authority is not spoken to", "[anchor][uplink]") {
  UplinkBench bench;
  const TestAuthority other;
  SECTION("the server's certificate is not of our authority") {
    TlsFiles mixed = bench.own;
    mixed.ca = other.issue(bench.folder, "other", "anchor").ca;
    bench.open(mixed);
  }
  SECTION("our certificate is not of the server's authority") {
    TlsFiles foreign = other.issue(bench.folder, "foreign", "anchor");
    foreign.ca = bench.own.ca;
    bench.open(foreign);
  }
  bench.keep_reports(1);
  const auto limit = std::chrono::steady_clock::now() + 700ms;
  (void)bench.run_until([&] { return std::chrono::steady_clock::now() >= limit; });
  CHECK_FALSE(bench.uplink->attached());
  CHECK(bench.coordinator.with([](auto& c) { return c.attaches; }) == 0);
  CHECK(bench.spooled() == 0);
}

TEST_CASE("Uplink: a coordinator whose name has no address is told with the line that names it",
          "[anchor][uplink]") {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_st>(log, true)));
  {
    UplinkBench bench;
    bench.address = "chiplocd..example:7443";  // no DNS server has to be asked about it
    bench.open(bench.own);
    CHECK(bench.run_until([&] { return log.str().find("uplink.unresolved") != std::string::npos; }));
  }
  spdlog::set_default_logger(before);
  CHECK(log.str().find("uplink.unresolved address=chiplocd..example:7443 reason=\"coordinator.address in "
                       "anchor.toml:5: the host 'chiplocd..example' does not resolve (") !=
        std::string::npos);
  CHECK(log.str().find("uplink.lost") == std::string::npos);
}

TEST_CASE("Uplink: a refusal that a person must end is not hammered at", "[anchor][uplink]") {
  UplinkBench bench;
  bench.coordinator.with([](auto& c) {
    c.refuse = {grpc::StatusCode::PERMISSION_DENIED, "anchor fra1 is not registered"};
    return 0;
  });
  bench.open(bench.own);
  const auto attaches = [&] { return bench.coordinator.with([](auto& c) { return c.attaches; }); };
  REQUIRE(bench.run_until([&] { return attaches() == 1; }));
  const auto limit = std::chrono::steady_clock::now() + 250ms;  // the wait is at least 300 ms
  (void)bench.run_until([&] { return std::chrono::steady_clock::now() >= limit; });
  CHECK(attaches() == 1);
  bench.coordinator.with([](auto& c) {
    c.refuse = grpc::Status::OK;
    return 0;
  });
  CHECK(bench.run_until([&] { return bench.uplink->attached(); }));
}

TEST_CASE("AnchorProgram: from its configuration file to a prepared round and a mesh report",
          "[anchor][uplink]") {
  UplinkBench bench;
  REQUIRE(write_private_key(bench.folder / "anchor.key", *bench.key));
  std::ofstream{bench.folder / "anchor.toml"} << "[anchor]\nname = \"fra1\"\nlisten = [\"127.0.0.1:0\"]\n"
                                                 "key = \"anchor.key\"\n[coordinator]\naddress = \""
                                              << bench.coordinator.address()
                                              << "\"\nca = \"fra1-ca.pem\"\ncertificate = \"fra1.pem\"\n"
                                                 "tls_key = \"fra1.key\"\n"
                                                 "[mesh]\ninterval_ms = 40\nreport_interval_ms = 1000\n";
  const auto config = load_anchor_config(bench.folder / "anchor.toml");
  if (!config) FAIL(config.error().front());
  auto program = AnchorProgram::open(bench.io, *config);
  if (!program) FAIL(program.error());
  CHECK((*program)->id() == bench.id);
  (*program)->start();
  REQUIRE(bench.run_until([&] { return (*program)->attached(); }));

  v1::CoordinatorMessage prepare;
  prepare.mutable_prepare()->set_round_id(std::string(16, 'r'));
  prepare.mutable_prepare()->set_chip_id(std::string(16, 'c'));
  prepare.mutable_prepare()->set_expires_unix_ns((read_clocks().wall + Nanoseconds{60s}).since_epoch.count());
  bench.coordinator.send(prepare);
  prepare.mutable_prepare()->set_round_id("short");
  bench.coordinator.send(prepare);
  v1::CoordinatorMessage peers;
  v1::Peer& peer = *peers.mutable_peers()->add_peers();
  peer.set_anchor("absent");
  peer.set_anchor_id(std::string(16, 'p'));
  peer.set_mesh_public(string_of(X25519Pair::generate().public_key().bytes));
  peer.set_address("127.0.0.1:9");
  bench.coordinator.send(peers);

  const auto count = [&](auto predicate) {
    return bench.coordinator.with(
        [&](auto& c) { return std::count_if(c.others.begin(), c.others.end(), predicate); });
  };
  CHECK(bench.run_until([&] { return count([](const auto& m) { return m.has_prepared(); }) == 1; }));
  CHECK(bench.run_until([&] { return count([](const auto& m) { return m.has_cannot_prepare(); }) == 1; }));
  REQUIRE(bench.run_until([&] { return bench.spooled() >= 1; }));
  bench.coordinator.with([&](auto& c) {
    v1::AnchorMessage message;
    REQUIRE(message.ParseFromString(c.spooled.begin()->second.at(0)));
    CHECK(verify_mesh_report(bytes_of(message.mesh().body()), bytes_of(message.mesh().signature()),
                             bench.key->public_key()));
    v1::MeshBody body;
    REQUIRE(body.ParseFromString(message.mesh().body()));
    REQUIRE(body.pairs_size() == 1);
    CHECK(body.pairs(0).peer_id() == std::string(16, 'p'));
    CHECK(body.pairs(0).sent() > 0);
    CHECK(body.pairs(0).received() == 0);
    return 0;
  });
  (*program)->drain();
  (*program)->stop();
}

}  // namespace
}  // namespace chiploc
