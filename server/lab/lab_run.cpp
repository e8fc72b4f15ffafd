#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "geo/borders/borders.hpp"
#include "server/lab/forecast.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/lab/lab_file.hpp"
#include "server/lab/lab_lock.hpp"
#include "server/lab/lab_matrix.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_report.hpp"
#include "server/lab/lab_run.hpp"
#include "server/lab/lab_simulation.hpp"
#include "server/lab/lab_state.hpp"
#include "server/lab/lab_tally.hpp"
#include "server/lab/lab_world.hpp"
#include "server/lab/relay_control.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

LabWorld world_map() {
  const Borders& borders = Borders::world();
  return {.country_at = [&borders](LatLon place) { return borders.country_at(place); },
          .known = [&borders](CountryCode code) { return borders.knows(code); },
          .claimants_at = [&borders](LatLon place) { return borders.claimants_at(place); },
          .chiplocd = read_daemon_sections,
          .measured = read_lab_matrix};
}

/// Fails with an exit code, and has said why.
Result<LabFile, int> read_file(const LabArguments& arguments) {
  auto file = load_lab_file(arguments.file, world_map());
  if (!file) {
    for (const std::string& fault : file.error()) std::cerr << fault << "\n";
    return Fail{static_cast<int>(kLabBadFile)};
  }
  LabFile lab = std::move(file).value();
  if (arguments.seed) lab.network.seed = *arguments.seed;
  if (arguments.rounds && !lab.schedule.empty()) {
    std::cerr << "chiploc lab: --rounds: " << arguments.file
              << " has [[round]] sections, which say what is measured; leave the option out\n";
    return Fail{static_cast<int>(kLabUsage)};
  }
  if (arguments.rounds) lab.rounds = *arguments.rounds;
  const bool replays = std::any_of(lab.chips.begin(), lab.chips.end(),
                                   [](const LabChip& c) { return c.behaviour == Behaviour::kReplaying; });
  if (replays && rounds_of(lab).size() < 2) {
    std::cerr << arguments.file
              << ":1: lab.rounds: a replaying chip repeats the round before, so one round "
                 "shows nothing; use 2 or more\n";
    return Fail{static_cast<int>(kLabBadFile)};
  }
  return lab;
}

/// Real programs take the time that the file says, over the lab's own network. True: it has said why they cannot.
bool is_for_simulated_time(const LabArguments& arguments, const LabFile& file) {
  if (file.paths) {
    std::cerr << "chiploc lab: " << arguments.file << ": network.model = \"" << name_of(file.network_model)
              << "\" is for simulated time; use chiploc lab check --simulated\n";
    return true;
  }
  const auto has_clocks = [](const LabAnchor& anchor) { return anchor.clocks != LabClocks{}; };
  if (std::any_of(file.anchors.begin(), file.anchors.end(), has_clocks) ||
      std::any_of(file.events.begin(), file.events.end(), [&](const LabEvent& event) {
        const auto* anchor = std::get_if<LabAnchor>(&event.after);
        return anchor != nullptr && has_clocks(*anchor);
      })) {
    std::cerr
        << "chiploc lab: " << arguments.file
        << ": clocks of anchors are simulated, and real programs have this machine's; use chiploc lab check "
           "--simulated\n";
    return true;
  }
  const auto is_anycast = [](const LabChip& chip) { return !chip.exits.empty(); };
  if (std::any_of(file.chips.begin(), file.chips.end(), is_anycast) ||
      std::any_of(file.events.begin(), file.events.end(), [&](const LabEvent& event) {
        const auto* chip = std::get_if<LabChip>(&event.after);
        return chip != nullptr && is_anycast(*chip);
      })) {
    std::cerr << "chiploc lab: " << arguments.file
              << ": exits of proxies are simulated; use chiploc lab check --simulated\n";
    return true;
  }
  if (file.chips.size() > kLabRealChipsMax) {
    std::cerr << "chiploc lab: " << arguments.file << ": it has " << file.chips.size()
              << " chips, and real programs are one for each, " << kLabRealChipsMax
              << " at most; use chiploc lab check --simulated\n";
    return true;
  }
  const Nanoseconds last = rounds_of(file).back().at;
  if (last <= kLabRealTimeMax) return false;
  std::cerr << "chiploc lab: " << arguments.file << ": its last round begins after "
            << std::chrono::floor<std::chrono::hours>(last).count()
            << " h, and real programs would take as long; use chiploc lab check --simulated\n";
  return true;
}

int cannot_start(const std::string& why) {
  std::cerr << "chiploc lab: " << why << "\n";
  return kLabCannotStart;
}

/// What a lab of real programs needs on this machine.
struct Seat {
  LabPrograms programs;
  LabLock lock;
};

Result<Seat, std::string> take_seat(const LabArguments& arguments, const LabFile& file) {
  std::error_code error;
  const fs::path bin = arguments.bin.empty() ? fs::read_symlink("/proc/self/exe", error).parent_path()
                                             : fs::path{arguments.bin};
  auto programs = LabPrograms::in(bin, file);
  if (!programs) return Fail{programs.error()};
  auto lock = LabLock::take(arguments.number);
  if (!lock) {
    return Fail{(arguments.number ? "lab number " + std::to_string(*arguments.number)
                                  : std::string{"every lab number"}) +
                " is taken by a running lab; stop it, or use another number"};
  }
  return Seat{std::move(programs).value(), std::move(*lock)};
}

/// Lines with the time since it was made, from any thread.
class Teller {
 public:
  void operator()(const std::string& line) {
    char time[32];
    std::snprintf(time, sizeof time, "[%5.1f s] ",
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count());
    const std::lock_guard lock{mutex_};
    std::cerr << time << line << std::endl;
  }

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
};

/// Takes SIGINT and SIGTERM on a thread of its own, so that waiting anywhere else can be ended in an orderly
/// way.
class Interrupts {
 public:
  /// `cancel` ends what goes on; `then` ends the one line that a person reads: what becomes of the lab.
  Interrupts(std::function<void()> cancel, std::string then)
      : cancel_{std::move(cancel)}, then_{std::move(then)}, thread_{[this] { wait(); }} {}
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
  void wait() {
    const sigset_t set = signals();
    const timespec slice{0, 100'000'000};
    while (!done_) {
      siginfo_t about{};
      const int number = ::sigtimedwait(&set, &about, &slice);
      if (number < 0) continue;
      // The terminal has shown ^C. A lab that ends for no visible reason is hard to explain afterwards: say who asked.
      std::string line =
          ::isatty(STDERR_FILENO) == 1 ? "\nchiploc lab: interrupted" : "chiploc lab: interrupted";
      if (about.si_pid != 0 && about.si_pid != ::getpid())
        line += " by signal " + std::to_string(number) + " from process " + std::to_string(about.si_pid);
      cancel_();  // first: nobody else says anything of it
      std::cerr << line + then_ + "\n" << std::flush;
      const std::lock_guard lock{mutex_};
      came_ = true;
      changed_.notify_all();
      return;
    }
  }
  std::function<void()> cancel_;
  std::string then_;
  std::atomic<bool> done_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool came_ = false;
  std::thread thread_;
};

/// In this thread and all that it starts: Interrupts takes them.
void block_interrupts() {
  const sigset_t signals = Interrupts::signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::string gone(const fs::path& folder) { return "; stopping its programs, removing " + folder.string(); }

/// One run of the check: a report, or an exit code after saying why.
using CheckRun = Result<LabReport, int>;

CheckRun run_real(const LabFile& file, const Seat& seat) {
  Teller say;
  const auto state = LabState::fresh(false);
  if (!state) return Fail{cannot_start(state.error())};
  LabWorldRunner lab{plan_lab(file, seat.lock.number(), state->path()), seat.programs,
                     [&say](const std::string& line) { say(line); }};
  const Interrupts interrupts{[&lab] { lab.cancel(); }, gone(state->path())};
  const auto fail = [&](const std::string& why) {
    if (!lab.cancelled()) say(why);
    return Fail{static_cast<int>(lab.cancelled() ? kLabInterrupted : kLabCannotStart)};
  };
  if (const auto up = lab.start(); !up) return fail(up.error());
  auto report = lab.run_rounds();
  if (!report) return fail(report.error());
  return std::move(report).value();
}

CheckRun run_simulated(const LabFile& file, const std::atomic<bool>& stop) {
  auto report = simulate_lab(plan_lab(file, 0, "/simulated"), Borders::world(), {.stop = &stop});
  if (stop) return Fail{static_cast<int>(kLabInterrupted)};
  if (!report) return Fail{cannot_start(report.error())};
  return std::move(report).value();
}

void print_file(const LabArguments& arguments, const LabFile& file) {
  std::cout << arguments.file << ": " << file.anchors.size() << " anchors, " << file.chips.size()
            << " chips, " << file.licences.size() << " licences, " << file.events.size() << " events\n";
}

}  // namespace

int run_check(const LabArguments& arguments) {
  auto file = read_file(arguments);
  if (!file) return file.error();
  const bool asks_to_run = arguments.simulated || arguments.forecast;
  if (arguments.seeds.empty() && !asks_to_run) {
    print_file(arguments, *file);
    return kLabFine;
  }
  // Who names a way to run it and no seed means the file's own.
  const auto seeds = arguments.seeds.empty()
                         ? std::optional{LabSeeds{.first = file->network.seed, .last = file->network.seed}}
                         : seeds_of(arguments.seeds);
  if (!seeds) {
    std::cerr << "chiploc lab check: --seeds takes a number N for the seeds 1 to N, or A..B, at most "
              << kLabSeedsMax << " of them\n";
    return kLabUsage;
  }
  std::optional<Seat> seat;
  if (!asks_to_run) {
    if (is_for_simulated_time(arguments, *file)) return kLabUsage;
    auto taken = take_seat(arguments, *file);
    if (!taken) return cannot_start(taken.error());
    seat.emplace(std::move(taken).value());
  }
  block_interrupts();
  std::atomic<bool> stop{false};
  std::optional<Interrupts> interrupts;
  if (!seat) interrupts.emplace([&stop] { stop = true; }, "");
  if (const std::string removed = remove_dead_labs(); !removed.empty())
    std::cerr << "chiploc lab: " << removed << "\n";
  LabTally tally;
  int stopped = kLabFine;
  for (std::uint64_t seed = seeds->first; seed <= seeds->last; ++seed) {
    file->network.seed = seed;
    if (seeds->last > seeds->first) std::cerr << "seed " << seed << " of " << seeds->last << std::endl;
    const LabForecast forecast =
        forecast_rounds(*file, Borders::world(), seat ? kLabOverhead : Nanoseconds{0});
    CheckRun run = arguments.forecast ? CheckRun{report_of(plan_lab(*file, 0, "/forecast"), forecast)}
                   : seat             ? run_real(*file, *seat)
                                      : run_simulated(*file, stop);
    if (run && stop) run = Fail{static_cast<int>(kLabInterrupted)};
    if (!run) {
      stopped = run.error();
      if (tally.runs() > 0)
        std::cerr << "chiploc lab check: ended at seed " << seed
                  << "; what follows is of the seeds before it\n";
      break;
    }
    tally.add(seed, run.value(), forecast);
  }
  if (tally.runs() == 0) return stopped;
  std::cout << (arguments.output == "json" ? json_of(tally) + "\n" : table_of(tally)) << std::flush;
  if (stopped != kLabFine) return stopped;
  return tally.wrong_total() == 0 ? kLabFine : kLabUnexpected;
}

int run_clean(const LabArguments& arguments) {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (error)
    return cannot_start("there is no folder for temporary files: " + error.message() + "; set TMPDIR");
  int result = kLabFine;
  std::vector<DeadLab> found = find_dead_labs(folder);
  for (DeadLab& lab : found) {
    std::cout << (arguments.dry_run ? "would remove " : "remove ") << lab.path().string() << "\n";
    if (arguments.dry_run) continue;
    if (const auto removed = lab.remove(); !removed) result = cannot_start(removed.error());
  }
  std::cout << "labs that were killed, in " << folder.string() << ": " << found.size() << "\n";
  return result;
}

int run_up(const LabArguments& arguments) {
  Teller teller;
  const auto say = [&teller](const std::string& line) { teller(line); };
  auto file = read_file(arguments);
  if (!file) return file.error();
  if (is_for_simulated_time(arguments, *file)) return kLabUsage;
  const auto seat = take_seat(arguments, *file);
  if (!seat) return cannot_start(seat.error());
  if (const std::string removed = remove_dead_labs(); !removed.empty()) say(removed);
  block_interrupts();  // from before there is a folder
  const auto state =
      arguments.state.empty() ? LabState::fresh(arguments.keep) : LabState::named(arguments.state);
  if (!state) return cannot_start(state.error());

  LabPlan planned = plan_lab(std::move(*file), seat->lock.number(), state->path());
  planned.page = seat->programs.page;
  LabWorldRunner lab{std::move(planned), seat->programs, say};
  const bool stays = arguments.keep || !arguments.state.empty();
  Interrupts interrupts{
      [&lab] { lab.cancel(); },
      stays ? "; stopping its programs, " + state->path().string() + " stays" : gone(state->path())};
  const LabPlan& plan = lab.plan();
  say("lab \"" + plan.file.name + "\", seed " + std::to_string(plan.file.network.seed) + ": " +
      std::to_string(plan.anchors.size()) + " anchors, " + std::to_string(plan.file.chips.size()) +
      " chips, state in " + state->path().string());
  const auto fail = [&](const std::string& why) {
    if (!lab.cancelled()) say(why);
    return lab.cancelled() ? kLabInterrupted : kLabCannotStart;
  };
  if (const auto up = lab.start(); !up) return fail(up.error());
  if (!arguments.once) {
    if (const std::string way = lab.way_to_page(); !way.empty()) say(way);
  }
  const auto report = lab.run_rounds();
  if (!report) return fail(report.error());
  std::cout << (arguments.json ? json_of(report.value()) + "\n" : table_of(report.value())) << std::flush;
  const int result = report.value().all_ok() ? kLabFine : kLabUnexpected;
  if (arguments.once) return result;

  std::ostream& out = arguments.json ? std::cerr : std::cout;
  out << "The lab runs on until Ctrl-C. To look around, in another terminal:\n"
      << "  export CHIPLOC_CONFIG=" << (state->path() / "cli.toml").string() << "\n"
      << "  chiploc chip list\n"
      << (plan.page.empty() ? "" : "  chiploc page                  another code for the page\n")
      << "To make a path slower: chiploc lab set " << plan.anchors.front().name << " "
      << plan.agents.front().endpoint.name << " --add-rtt-ms 5 --state " << state->path().string()
      << std::endl;
  bool told = false;
  while (!interrupts.came_within(std::chrono::milliseconds{500})) {
    const auto tended = lab.tend();
    const std::string dead = told ? std::string{} : !tended ? tended.error() : lab.casualty();
    if (!dead.empty()) say(dead);
    told = told || !dead.empty();
  }
  return result;
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
    return kLabCannotStart;
  }
  std::cout << answer.value() << "\n";
  return answer.value().find("\"ok\":true") != std::string::npos ? kLabFine : kLabUsage;
}

}  // namespace chiploc
