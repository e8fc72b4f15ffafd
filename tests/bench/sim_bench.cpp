// Simulated rounds a second of processor time, in each form that there is; and datagrams against a general network simulator.
//     chiploc-sim-bench FLEET.toml [NS3_EXCHANGES_A_SECOND NS3_ROUND_TRIP_US]
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <spdlog/spdlog.h>

#include "server/fleet/fleet_run.hpp"
#include "server/sim/sim_fleet.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/bench/echo_star.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::bench {
namespace {

constexpr double kFullGoal = 4'000.0;
constexpr double kFleetGoal = 2e6;  // 7.2e9 rounds in 30 minutes on two cores
constexpr double kNs3Goal = 20.0;

/// The exchange of echo_star.hpp in the simulated network of the lab.
struct Echo {
  double a_second = 0.0, round_trip_us = 0.0;
};

Echo run_echo() {
  sim::SimWorld world{1};
  sim::SimNetwork network{world, {}};
  const auto host = [](unsigned i) { return sim::sim_endpoint(2, static_cast<std::uint8_t>(i), 7400); };
  const Endpoint hub = sim::sim_endpoint(1, 1, 7411);
  struct Asking {
    sim::SimWorld& world;
    sim::SimNetwork& network;
    Endpoint hub;
    std::uint64_t back = 0;
    std::int64_t sum_ns = 0;
    ByteArray<kEchoBytes> ping{};
    void send(const Endpoint& to, unsigned left) {
      sum_ns -= world.now().since_epoch.count();
      network.send(hub, to, ping);
      if (left > 1)
        world.after(std::chrono::milliseconds{kEchoSpacingMs}, [this, to, left] { send(to, left - 1); });
    }
  } asking{world, network, hub};
  network.attach(hub, [&asking](Bytes, const Endpoint&) {
    ++asking.back;
    asking.sum_ns += asking.world.now().since_epoch.count();
  });
  for (unsigned i = 0; i < kEchoHosts; ++i) {
    network.set_path(hub, host(i), {.delay = std::chrono::microseconds{echo_delay_us(i)}});
    network.attach(host(i), [&network, at = host(i)](Bytes ping, const Endpoint& from) {
      network.send(at, from, ping);
    });
    world.after(std::chrono::microseconds{echo_start_us(i)},
                [&asking, to = host(i)] { asking.send(to, kEchoPings); });
  }
  const double began = thread_cpu_us();
  world.run_for(std::chrono::minutes{5});
  const double took = thread_cpu_us() - began;
  if (asking.back != std::uint64_t{kEchoHosts} * kEchoPings) std::abort();
  return {static_cast<double>(asking.back) / took * 1e6,
          static_cast<double>(asking.sum_ns) / 1e3 / static_cast<double>(asking.back)};
}

void against_ns3(double theirs, double their_round_trip_us) {
  Echo best;
  for (int i = 0; i < 5; ++i) {
    const Echo echo = run_echo();
    if (echo.a_second > best.a_second) best = echo;
  }
  const std::string name = "UDP echo of 100 nodes, exchanges/s of processor time, against ns-3";
  if (theirs <= 0.0) return print_skipped(name, "no ns-3 here; deploy/setup.sh --bench");
  // Theirs have their time on the wire on top: at 100 Gbit/s less than 0.1 us.
  if (std::abs(best.round_trip_us - their_round_trip_us) > 0.1)
    return print_skipped(name, "round trips differ");
  print_figure(name, text("%.0f", best.a_second), text("%.0f", theirs), best.a_second / theirs,
               Want::kAtLeast, kNs3Goal);
}

/// Rounds of chips that are reached inbound, with everything: tickets, sessions, pings, statements, reports, judging, store.
void full_form(std::size_t chips, std::size_t anchors) {
  spdlog::set_level(spdlog::level::off);
  const TempDir folder;
  auto store = open_sqlite_store({.path = (folder / "sim.db").string(), .durable = false}).value();
  const sim::FleetOptions options{.chips = chips,
                                  .anchors = anchors,
                                  .inbound_every = 1,
                                  .cadence = std::chrono::hours{1},
                                  .mesh_interval = std::chrono::hours{24},
                                  .mesh_report = std::chrono::hours{24},
                                  .pings = 8};
  sim::SimFleet fleet{options, *store, Borders::world()};
  const double began = thread_cpu_us();
  fleet.run_for(std::chrono::hours{2});
  const double took = thread_cpu_us() - began;
  const auto figures = fleet.figures();
  const double rate = static_cast<double>(figures.rounds) / took * 1e6;
  print_figure("rounds/s a core, protocol and cryptography, " + std::to_string(anchors) +
                   " anchors x 8 pings, " + std::to_string(figures.rounds) + " rounds",
               text("%.0f", rate), "", rate / kFullGoal, Want::kAtLeast, 1.0);
}

/// Chips of the whole file, evenly: so many of them for its first days.
void fleet_form(const char* path) {
  std::ifstream in{path, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{in}, {}};
  auto file = fleet::parse_fleet(content, path, Borders::world());
  if (!file) return print_skipped("rounds/s a core, fleet form", file.error().front());
  constexpr std::uint64_t kChips = 10'000;
  const double began = thread_cpu_us();
  fleet::FleetPlan plan{*std::move(file), Borders::world()};
  for (std::size_t i = 0; i < plan.situations().size(); ++i) plan.grow_tree(i);
  const double laid_out = thread_cpu_us();
  fleet::FleetTally tally{plan.situations().size(), fleet::hours_of(plan.file())};
  const std::uint64_t all = plan.file().chips();
  for (std::uint64_t i = 0; i < kChips; ++i) {
    const std::uint64_t chip = i * (all / kChips);
    fleet::run_chips(plan, chip, chip + 1, {}, tally);
  }
  const double took = thread_cpu_us() - laid_out;
  const double rate = static_cast<double>(tally.rounds) / took * 1e6;
  print_figure("rounds/s a core, fleet form (no datagrams, no signatures), " + std::to_string(tally.rounds) +
                   " rounds",
               text("%.0f", rate), "", rate / kFleetGoal, Want::kAtLeast, 1.0);
  const double minutes = static_cast<double>(all * plan.file().rounds_of_a_chip()) / rate / 2.0 / 60.0;
  print_plain("  laying it out: " + std::to_string(plan.situations().size()) + " situations",
              text("%.1f s", (laid_out - began) / 1e6));
  print_plain("  the whole file by that on two cores, minutes (goal: 30)", text("%.1f", minutes));
  print_plain(
      "  rounds judged in full, of a million",
      text("%.1f", 1e6 * static_cast<double>(tally.judged_in_full) / static_cast<double>(tally.rounds)));
}

}  // namespace
}  // namespace chiploc::bench

int main(int argc, char** argv) {
  using namespace chiploc::bench;
  if (argc < 2) {
    std::fputs("usage: chiploc-sim-bench FLEET.toml [NS3_EXCHANGES_A_SECOND NS3_ROUND_TRIP_US]\n", stderr);
    return 64;
  }
  full_form(400, 4);
  full_form(200, 12);
  fleet_form(argv[1]);
  against_ns3(argc > 2 ? std::atof(argv[2]) : 0.0, argc > 3 ? std::atof(argv[3]) : 0.0);
  return 0;
}
