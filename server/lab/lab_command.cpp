#include "server/lab/lab_command.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "geo/borders/borders.hpp"
#include "server/lab/forecast.hpp"
#include "server/lab/lab_file.hpp"
#include "server/lab/lab_lock.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_report.hpp"
#include "server/lab/lab_world.hpp"
#include "server/lab/relay_config.hpp"
#include "server/lab/relay_control.hpp"
#include "server/text/number_check.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

constexpr int kExitFine = 0;
constexpr int kExitUnexpected = 1;
constexpr int kExitUsage = 64;
constexpr int kExitCannotStart = 69;
constexpr int kExitBadFile = 78;
constexpr int kExitInterrupted = 130;

struct LabArguments {
  std::string file;
  bool once = false;
  bool json = false;
  bool keep = false;
  std::string state;
  std::string bin;
  std::optional<std::uint64_t> seed;
  std::optional<int> rounds;
  std::optional<int> number;
  std::uint64_t seeds = 0;
  std::string a, b;
  std::optional<double> rtt_ms, add_rtt_ms;
};

LabWorld world_map() {
  const Borders& borders = Borders::world();
  return {.country_at = [&borders](LatLon place) { return borders.country_at(place); },
          .known = [&borders](CountryCode code) { return borders.knows(code); },
          .claimants_at = [&borders](LatLon place) { return borders.claimants_at(place); }};
}

std::optional<LabFile> read_file(const LabArguments& arguments) {
  auto file = load_lab_file(arguments.file, world_map());
  if (!file) {
    for (const std::string& fault : file.error()) std::cerr << fault << "\n";
    return std::nullopt;
  }
  LabFile lab = std::move(file).value();
  if (arguments.seed) lab.network.seed = *arguments.seed;
  if (arguments.rounds) lab.rounds = *arguments.rounds;
  const bool replays = std::any_of(lab.chips.begin(), lab.chips.end(),
                                   [](const LabChip& c) { return c.behaviour == Behaviour::kReplaying; });
  if (replays && lab.rounds < 2) {
    std::cerr << arguments.file
              << ":1: lab.rounds: a replaying chip repeats the round before, so one round "
                 "shows nothing; use 2 or more\n";
    return std::nullopt;
  }
  return lab;
}

/// The folder of a lab's keys, databases and logs. A fresh one is removed in the end, a named one stays.
class StateFolder {
 public:
  static std::optional<StateFolder> open(const LabArguments& arguments) {
    std::error_code error;
    if (arguments.state.empty()) {
      std::string name = (fs::temp_directory_path(error) / "chiploc-lab-XXXXXX").string();
      if (error || ::mkdtemp(name.data()) == nullptr) {
        std::cerr << "chiploc lab: cannot make a folder " << name << ": " << std::strerror(errno)
                  << "; set TMPDIR or use --state\n";
        return std::nullopt;
      }
      return StateFolder{name, !arguments.keep};
    }
    const fs::path folder = fs::absolute(arguments.state, error);
    fs::create_directories(folder, error);
    if (!error && !fs::is_empty(folder, error)) {
      std::cerr << "chiploc lab: " << folder.string()
                << " is not empty; name a new folder, a lab never reuses keys\n";
      return std::nullopt;
    }
    if (!error) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) {
      std::cerr << "chiploc lab: cannot use " << folder.string() << ": " << error.message() << "\n";
      return std::nullopt;
    }
    return StateFolder{folder, false};
  }
  StateFolder(StateFolder&& other) noexcept
      : path_{std::move(other.path_)}, remove_{std::exchange(other.remove_, false)} {}
  StateFolder& operator=(StateFolder&&) = delete;
  ~StateFolder() {
    std::error_code ignored;
    if (remove_) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  StateFolder(fs::path path, bool remove) : path_{std::move(path)}, remove_{remove} {}
  fs::path path_;
  bool remove_;
};

/// Takes SIGINT and SIGTERM on a thread of its own, so that waiting anywhere else can be ended in an orderly
/// way.
class Interrupts {
 public:
  explicit Interrupts(LabWorldRunner& lab) : thread_{[this, &lab] { wait(lab); }} {}
  ~Interrupts() {
    done_ = true;
    thread_.join();
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  static sigset_t signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    return set;
  }
  /// False when nothing came for `patience`.
  bool came_within(std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [this] { return came_; });
  }

 private:
  void wait(LabWorldRunner& lab) {
    const sigset_t set = signals();
    const timespec slice{0, 100'000'000};
    while (!done_) {
      siginfo_t about{};
      const int number = ::sigtimedwait(&set, &about, &slice);
      if (number < 0) continue;
      // A lab that ends for no visible reason is hard to explain afterwards: say who asked.
      std::cerr << "chiploc lab: signal " << number << " from process " << about.si_pid << std::endl;
      lab.cancel();
      const std::lock_guard lock{mutex_};
      came_ = true;
      changed_.notify_all();
      return;
    }
  }
  std::atomic<bool> done_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool came_ = false;
  std::thread thread_;
};

int run_up(const LabArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  std::mutex say_mutex;
  const auto say = [&](const std::string& line) {
    char time[32];
    std::snprintf(time, sizeof time, "[%5.1f s] ",
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    const std::lock_guard lock{say_mutex};
    std::cerr << time << line << std::endl;
  };
  auto file = read_file(arguments);
  if (!file) return kExitBadFile;
  std::error_code error;
  const fs::path bin = arguments.bin.empty() ? fs::read_symlink("/proc/self/exe", error).parent_path()
                                             : fs::path{arguments.bin};
  const auto programs = LabPrograms::in(bin, *file);
  if (!programs) {
    std::cerr << "chiploc lab: " << programs.error() << "\n";
    return kExitCannotStart;
  }
  const auto lock = LabLock::take(arguments.number);
  if (!lock) {
    std::cerr << "chiploc lab: "
              << (arguments.number ? "lab number " + std::to_string(*arguments.number) : "every lab number")
              << " is taken by a running lab; stop it, or use another number\n";
    return kExitCannotStart;
  }
  const auto state = StateFolder::open(arguments);
  if (!state) return kExitCannotStart;
  const sigset_t signals = Interrupts::signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  LabWorldRunner lab{plan_lab(std::move(*file), lock->number(), state->path()), programs.value(), say};
  Interrupts interrupts{lab};
  const LabPlan& plan = lab.plan();
  say("lab \"" + plan.file.name + "\", seed " + std::to_string(plan.file.network.seed) + ": " +
      std::to_string(plan.anchors.size()) + " anchors, " + std::to_string(plan.file.chips.size()) +
      " chips, state in " + state->path().string());
  const auto fail = [&](const std::string& why) {
    say(why);
    return lab.cancelled() ? kExitInterrupted : kExitCannotStart;
  };
  if (const auto up = lab.start(); !up) return fail(up.error());
  const auto report = lab.run_rounds();
  if (!report) return fail(report.error());
  std::cout << (arguments.json ? json_of(report.value()) + "\n" : table_of(report.value())) << std::flush;
  const int result = report.value().all_ok() ? kExitFine : kExitUnexpected;
  if (arguments.once) return result;

  std::ostream& out = arguments.json ? std::cerr : std::cout;
  out << "The lab runs on until Ctrl-C. To look around, in another terminal:\n"
      << "  export CHIPLOC_CONFIG=" << (state->path() / "cli.toml").string() << "\n"
      << "  chiploc chip list\n"
      << "To make a path slower: chiploc lab set " << plan.anchors.front().name << " "
      << plan.agents.front().endpoint.name << " --add-rtt-ms 5 --state " << state->path().string()
      << std::endl;
  bool told = false;
  while (!interrupts.came_within(std::chrono::milliseconds{500})) {
    const std::string dead = told ? std::string{} : lab.casualty();
    if (!dead.empty()) say(dead);
    told = told || !dead.empty();
  }
  return result;
}

int run_check(const LabArguments& arguments) {
  const auto file = read_file(arguments);
  if (!file) return kExitBadFile;
  std::cout << arguments.file << ": " << file->anchors.size() << " anchors, " << file->chips.size()
            << " chips, " << file->licences.size() << " licences\n";
  bool good = true;
  for (std::uint64_t seed = 1; seed <= arguments.seeds; ++seed) {
    const FleetForecast f = forecast_fleet(*file, seed, Borders::world(), kLabOverhead);
    std::cout << "seed " << seed << ": of " << f.honest << " honest chips " << f.verified << " VERIFIED, "
              << f.cleared << " CLEARED, " << f.flagged << " flagged; unexpected verdicts: " << f.unexpected
              << "\n";
    good = good && f.flagged == 0 && f.unexpected == 0;
  }
  return good ? kExitFine : kExitUnexpected;
}

int run_set(const LabArguments& arguments) {
  const bool absolute = arguments.rtt_ms.has_value();
  char value[64];
  std::snprintf(value, sizeof value, "%.6f",
                absolute ? *arguments.rtt_ms : arguments.add_rtt_ms.value_or(0.0));
  const std::string line =
      std::string{absolute ? "set " : "add "} + arguments.a + " " + arguments.b + " " + value;
  const auto answer = ask_relay(fs::path{arguments.state} / "relay.sock", line);
  if (!answer) {
    std::cerr << "chiploc lab: " << answer.error() << "\n";
    return kExitCannotStart;
  }
  std::cout << answer.value() << "\n";
  return answer.value().find("\"ok\":true") != std::string::npos ? kExitFine : kExitUsage;
}

}  // namespace

int run_lab_command(const std::vector<std::string>& arguments) {
  LabArguments given;
  CLI::App app{
      "An emulated world on this machine: coordinator, anchors and agents as real programs, with the "
      "distances made by a relay.",
      "chiploc lab"};
  app.require_subcommand(1);
  CLI::App* up = app.add_subcommand("up", "Start a lab from a file, measure every chip, print the verdicts");
  up->add_option("FILE", given.file, "The lab's TOML file, for example deploy/lab/sample.toml")->required();
  up->add_flag("--once", given.once,
               "End after the table; exit code 0 only if every verdict is an expected one");
  up->add_flag("--json", given.json, "Print one line of JSON instead of the table");
  up->add_flag("--keep", given.keep, "Keep the state folder");
  up->add_option(
      "--state", given.state,
      "Folder for keys, databases and logs; new or empty, and kept (default: a fresh one that is removed)");
  up->add_option("--bin", given.bin,
                 "Folder of chiplocd, chiploc-anchor and chiploc-agent (default: beside this program)");
  up->add_option("--seed", given.seed, "Another network than the file's");
  up->add_option("--rounds", given.rounds, "Rounds per chip instead of the file's")
      ->check(CLI::Range(1, 100));
  up->add_option("--number", given.number, "Which loopback addresses to use (default: the first free number)")
      ->check(CLI::Range(0, kLabNumbersMax - 1));
  CLI::App* check = app.add_subcommand("check", "Validate a lab file; with --seeds, forecast its verdicts");
  check->add_option("FILE", given.file, "The lab's TOML file")->required();
  check->add_option("--seeds", given.seeds, "Forecast the seeds 1 to N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000}));
  CLI::App* set = app.add_subcommand("set", "Change the round trip between two ends of a running lab");
  set->add_option("A", given.a, "Name of an anchor, or serial number of a chip")->required();
  set->add_option("B", given.b, "The other end")->required();
  set->add_option("--state", given.state, "The lab's state folder")->required();
  auto* rtt =
      set->add_option("--rtt-ms", given.rtt_ms, "The round trip without queueing")->check(is_number());
  auto* add =
      set->add_option("--add-rtt-ms", given.add_rtt_ms, "How much longer it becomes; negative: shorter")
          ->check(is_number())
          ->excludes(rtt);
  CLI::App* relay = app.add_subcommand("relay", "The relay as a process of its own");
  relay->group("");  // started by `up`, hidden from people
  relay->add_option("--config", given.file, "relay.toml")->required();

  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::Success& wanted) {  // --help
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    std::cerr << "chiploc lab: " << usage_fault(app, error) << "\n";
    return kExitUsage;
  }
  if (*up) return run_up(given);
  if (*check) return run_check(given);
  if (*relay) return run_relay(given.file);
  if (rtt->count() + add->count() == 0) {
    std::cerr << "chiploc lab set: give --rtt-ms or --add-rtt-ms\n";
    return kExitUsage;
  }
  return run_set(given);
}

}  // namespace chiploc
