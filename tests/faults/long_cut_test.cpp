// Ten minutes without a coordinator at full rate: the anchor's signing, spool and uplink as they run, on a
// fake clock. The buffer is bounded, what it cannot hold is counted, and the coordinator hears the exact
// number.
#include <asio/post.hpp>
#include <atomic>
#include <fstream>
#include <future>

#include "proto/crypto/digest.hpp"
#include "server/anchor/keeper.hpp"
#include "server/anchor/udp_socket.hpp"
#include "server/anchor/uplink.hpp"
#include "server/sim/sim_world.hpp"
#include "tests/server/anchor/fake_coordinator.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

/// 10 million chips hourly by 8 anchors each, over some 90 anchors.
constexpr int kReportsPerSecond = 250;
constexpr auto kCut = 10min;
constexpr std::size_t kSpool = 20'000;

RoundReport report_at(sim::SimWorld& world) {
  RoundReport out;
  world.fill(out.round.bytes);
  out.reported = world.wall();
  SessionAccount& session = out.sessions.emplace_back();
  session.transcript.resize(700);
  world.fill(session.transcript);
  for (std::uint32_t i = 0; i < 12; ++i) {
    ReportedSample sample;
    sample.sequence = i;
    sample.sample.rtt = sample.sample.bracket = 7ms;
    session.samples.push_back(sample);
  }
  session.finished = true;
  return out;
}

TEST_CASE(
    "ten minutes without a coordinator at full rate: the oldest are kept, the rest counted and reported",
    "[faults]") {
  const TempFolder folder;
  const TestAuthority authority;
  FakeCoordinator coordinator{authority.issue(folder, "chiplocd", "coordinator")};
  const TlsFiles own = authority.issue(folder, "fra1", "anchor");
  const AnchorId id = random_id<AnchorId>();
  asio::io_context io{1};
  std::atomic<std::size_t> log_lines{0};
  auto spool =
      Spool::open({.folder = folder / "spool", .messages = kSpool}, read_clocks().wall, [](const auto&) {});
  REQUIRE(spool);
  Keeper::Options options;
  options.identity = {id, "test"};
  options.on_lost = [&log_lines](const std::string&) { ++log_lines; };
  Keeper keeper{std::move(options), std::move(*spool), generate_key(SignatureAlgorithm::kEd25519)};
  coordinator.stop();  // the cut

  sim::SimWorld world{1};
  std::uint64_t made = 0;
  std::function<void()> next_report = [&] {
    keeper.keep(report_at(world));
    ++made;
    world.after(Nanoseconds{1s} / kReportsPerSecond, next_report);
  };
  next_report();
  std::size_t held = 0;
  for (auto passed = 0s; passed < kCut; passed += 1s) {
    world.run_for(1s);
    // Real time keeps up with the fake one. Once a minute everything is read back, else one message.
    std::promise<std::size_t> settled;
    const bool look = (passed + 1s) % 60s == 0s;
    keeper.fetch(0, look ? kSpool * 2 : 1, [&](const auto& entries) { settled.set_value(entries.size()); });
    held = settled.get_future().get();
    REQUIRE(held <= kSpool);
  }
  CHECK(made >= 150'000);
  CHECK(held == kSpool);
  CHECK(keeper.dropped() == made - kSpool);
  CHECK(log_lines >= 1);
  CHECK(log_lines < 600);  // not one for each of them

  coordinator.start();
  UplinkOptions up;
  up.address = coordinator.address();
  up.server_name = "chiplocd";
  up.tls = own;
  up.anchor = "fra1";
  up.id = id;
  up.retry_first = 20ms;
  Uplink uplink{io, up, keeper, random_bytes_or_abort,
                Uplink::Events{[](const v1::CoordinatorMessage&) {}, [] { return 0U; }, {}}};
  uplink.start();
  const auto limit = std::chrono::steady_clock::now() + 120s;
  const auto arrived = [&] { return coordinator.with([](auto& c) { return c.spooled.size(); }); };
  while (arrived() < kSpool && std::chrono::steady_clock::now() < limit) {
    io.run_one_for(20ms);
    io.restart();
  }
  CHECK(arrived() == kSpool);
  std::uint64_t told = 0;
  std::int64_t newest = 0;
  std::size_t repeated = 0;
  coordinator.with([&](auto& c) {
    for (const auto& message : c.others) {
      if (message.has_heartbeat()) told = message.heartbeat().spool_dropped();
    }
    for (const auto& [spool_id, deliveries] : c.spooled) {
      repeated += deliveries.size() - 1;
      v1::AnchorMessage message;
      v1::ReportBody body;
      if (message.ParseFromString(deliveries[0]) && body.ParseFromString(message.report().body()))
        newest = std::max(newest, body.reported_unix_ns());
    }
    return 0;
  });
  std::printf("made %llu, kept %zu, dropped and reported %llu\n", static_cast<unsigned long long>(made),
              arrived(), static_cast<unsigned long long>(told));
  CHECK(told == made - kSpool);  // the first heartbeat after the cut says it all
  CHECK(repeated == 0);
  // The oldest were kept: the rounds that were run before the coordinator was missed.
  const Nanoseconds age = Nanoseconds{newest} - (world.wall().since_epoch - kCut);
  CHECK(age < std::chrono::seconds{kSpool / kReportsPerSecond + 2});
  uplink.stop();
}

}  // namespace
}  // namespace chiploc
