// chiploc-soak: ten thousand rounds at once, for as long as is asked, on the real anchor and the real
// coordinator.
//
// Each chip of the fleet is measured again as soon as its last round has a verdict, so the number of rounds
// in flight stays what was asked. Prints one line every so often, then the sums. Nothing here depends on
// speed but the figures: what is judged is counts.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include "server/storage/sqlite/store.hpp"
#include "tests/soak/round_load.hpp"
#include "tests/support/process_stat.hpp"

namespace chiploc {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

struct RunOptions {
  int seconds = 600;
  int starts_per_s = 400;  ///< new rounds a second at most: the fleet is not started in one breath
  int every_s = 10;
};

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0.0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

/// The rounds: starts them, counts how they ended, prints as it goes.
class Soak {
 public:
  Soak(SoakWorld& world, Watchers& watchers, const RunOptions& options)
      : world_{world},
        load_{world, watchers, static_cast<double>(options.starts_per_s)},
        options_{options},
        begun_{Clock::now()},
        last_row_{begun_} {}

  /// False if a program died.
  bool run() {
    std::printf("%7s %9s %9s %8s %9s %9s %9s %8s %8s %8s %8s %8s\n", "time s", "in flight", "verdicts",
                "per s", "anchor MB", "coord MB", "lost", "anchor%", "coord%", "fleet%", "p50 ms", "p99 ms");
    std::fflush(stdout);
    sample();
    const auto end = begun_ + seconds{options_.seconds};
    while (Clock::now() < end || load_.under_way()) {
      load_.tick(Clock::now() < end, [this](const Watchers::Outcome& outcome) { note(outcome); });
      if (Clock::now() >= last_row_ + seconds{options_.every_s}) row();
      if (const std::string dead = world_.casualty(); !dead.empty()) {
        std::printf("soak: %s\n", dead.c_str());
        return false;
      }
    }
    row();
    return true;
  }

  [[nodiscard]] std::uint64_t started() const { return load_.started(); }
  std::uint64_t verdicts = 0;
  std::uint64_t samples = 0;
  std::uint32_t in_flight_max = 0;
  std::map<std::string, std::uint64_t>
      problems;                      ///< rounds that did not end as they should, by what was said
  std::vector<double> latencies_ms;  ///< report to verdict

 private:
  void note(const Watchers::Outcome& outcome) {
    if (outcome.verdict) {
      ++verdicts;
      samples += outcome.samples;
      if (outcome.report_to_verdict_ms > 0.0) {
        latencies_ms.push_back(outcome.report_to_verdict_ms);
        window_ms_.push_back(outcome.report_to_verdict_ms);
      }
    } else {
      ++problems[outcome.problem];
      ++lost_;
    }
  }

  struct Sample {
    Clock::time_point at;
    ProcessStat anchor, coordinator;
    double fleet_cpu_s = 0.0;
    std::uint64_t verdicts = 0;
  };
  void sample() {
    previous_ = now_;
    now_ = {Clock::now(), read_process_stat(world_.anchor()), read_process_stat(world_.coordinator()),
            world_.fleet().counts().cpu_s, verdicts};
  }
  void row() {
    last_row_ = Clock::now();
    sample();
    const auto status = world_.client().status(seconds{10});
    const std::uint32_t in_flight = status ? status->rounds_in_flight() : 0;
    in_flight_max = std::max(in_flight_max, in_flight);
    const double spent = std::chrono::duration<double>{now_.at - previous_.at}.count();
    const auto share = [spent](double now, double before) { return 100.0 * (now - before) / spent; };
    std::printf("%7.0f %9u %9llu %8.0f %9.1f %9.1f %9llu %8.0f %8.0f %8.0f %8.1f %8.1f\n",
                std::chrono::duration<double>{now_.at - begun_}.count(), in_flight,
                static_cast<unsigned long long>(verdicts),
                static_cast<double>(now_.verdicts - previous_.verdicts) / spent, now_.anchor.rss_mb,
                now_.coordinator.rss_mb, static_cast<unsigned long long>(lost_),
                share(now_.anchor.cpu_s, previous_.anchor.cpu_s),
                share(now_.coordinator.cpu_s, previous_.coordinator.cpu_s),
                share(now_.fleet_cpu_s, previous_.fleet_cpu_s), percentile(window_ms_, 0.5),
                percentile(window_ms_, 0.99));
    std::fflush(stdout);
    window_ms_.clear();
  }

  SoakWorld& world_;
  RoundLoad load_;
  RunOptions options_;
  Clock::time_point begun_;
  Clock::time_point last_row_;
  std::uint64_t lost_ = 0;
  std::vector<double> window_ms_;
  Sample previous_;
  Sample now_;
};

/// What the coordinator counts, and how much of it was lost: whatever is not known to be harmless, so that a counter that is
/// new fails here until somebody has said what it means.
std::uint64_t print_losses(SoakWorld& world) {
  // Progress is for eyes only and may be left out; looks at sealed fields and notices that arrived are what should be.
  static constexpr std::array kHarmless = {std::string_view{"api_progress_dropped"},
                                           std::string_view{"api_sealed_shown"},
                                           std::string_view{"notices_delivered"}};
  std::uint64_t lost = 0;
  const auto status = world.client().status(seconds{10});
  if (!status) {
    std::printf("soak: no status: %s\n", status.error().text.c_str());
    return 1;
  }
  for (const auto& [name, count] : status->counters()) {
    std::printf("counter %-40s %10llu\n", name.c_str(), static_cast<unsigned long long>(count));
    if (std::find(kHarmless.begin(), kHarmless.end(), name) == kHarmless.end()) lost += count;
  }
  return lost;
}

int judge(Soak& soak, SoakWorld& world, const SoakOptions& options, bool alive) {
  const std::uint64_t lost = alive ? print_losses(world) : 1;
  const auto fleet = world.fleet().counts();
  const auto database = world.database();
  for (const std::string& end : world.stop()) std::printf("%s\n", end.c_str());
  std::uint64_t stored = 0;
  std::uint64_t open = 0;
  std::uint64_t abandoned = 0;
  if (auto reader = open_sqlite_reader({.path = database.string()})) {
    if (const auto counts = (*reader)->verdicts().counts()) {
      stored = counts->verdicts;
      open = counts->rounds_open;
      abandoned = counts->rounds_abandoned;
    }
  } else {
    std::printf("soak: %s\n", reader.error().text.c_str());
  }
  for (const auto& [problem, count] : soak.problems)
    std::printf("problem x %llu: %s\n", static_cast<unsigned long long>(count), problem.c_str());
  const auto pings = soak.verdicts * static_cast<std::uint64_t>(options.pings);
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("rounds: started %llu, verdicts %llu, in the database %llu, open %llu, abandoned %llu\n",
              number(soak.started()), number(soak.verdicts), number(stored), number(open), number(abandoned));
  std::printf("most in flight: %u of %zu\n", soak.in_flight_max, options.rounds);
  std::printf(
      "pings: %llu of %llu measured (%.4f %% lost); fleet: %llu datagrams, %llu "
      "statements, %llu refused, %llu not sent\n",
      number(soak.samples), number(pings),
      pings == 0 ? 0.0 : 100.0 * static_cast<double>(pings - soak.samples) / static_cast<double>(pings),
      number(fleet.received), number(fleet.statements), number(fleet.refused), number(fleet.send_failed));
  const double p50 = percentile(soak.latencies_ms, 0.5);
  const double p99 = percentile(soak.latencies_ms, 0.99);
  const double most = percentile(soak.latencies_ms, 1.0);
  std::printf("report to verdict: p50 %.1f ms, p99 %.1f ms, most %.1f ms\n", p50, p99, most);
  const bool good = alive && lost == 0 && soak.problems.empty() && soak.verdicts == soak.started() &&
                    stored == soak.verdicts && open == 0 && abandoned == 0 && soak.verdicts > 0;
  std::printf("%s\n", good ? "nothing lost" : "LOST: see above");
  return good ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app{"chiploc-soak: many rounds at once on a real anchor and a real coordinator", "chiploc-soak"};
  app.footer("exit codes: 0 nothing was lost, 1 something was, 64 usage, 69 cannot start");
  SoakOptions world_options;
  RunOptions run_options;
  world_options.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::string state;
  app.add_option("--state", state, "an empty folder for keys, database and logs")->required();
  app.add_option("--rounds", world_options.rounds, "in flight at once")
      ->check(CLI::Range(1, 90'000))
      ->capture_default_str();
  app.add_option("--seconds", run_options.seconds, "rounds are started for so long")->capture_default_str();
  app.add_option("--starts-per-s", run_options.starts_per_s, "new rounds a second, at most")
      ->capture_default_str();
  app.add_option("--ping-interval-ms", world_options.ping_interval_ms, "mean")->capture_default_str();
  app.add_option("--pings", world_options.pings, "a round")->capture_default_str();
  app.add_option("--every-s", run_options.every_s, "a line of figures")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  world_options.state = std::filesystem::absolute(state);
  std::filesystem::create_directories(world_options.state);
  auto world = SoakWorld::start(world_options);
  if (!world) {
    std::fprintf(stderr, "chiploc-soak: %s\n", world.error().c_str());
    return 69;
  }
  auto watchers = Watchers::open((*world)->address(), (*world)->operator_tls(), world_options.rounds);
  if (!watchers) {
    std::fprintf(stderr, "chiploc-soak: %s\n", watchers.error().c_str());
    return 69;
  }
  Soak soak{**world, **watchers, run_options};
  const bool alive = soak.run();
  return judge(soak, **world, world_options, alive);
}

}  // namespace
}  // namespace chiploc

int main(int argc, char** argv) {
  try {
    return chiploc::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chiploc-soak: %s\n", error.what());
    return 70;
  }
}
