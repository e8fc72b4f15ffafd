#include "server/scenario/fleet_command.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <thread>
#include <vector>

#include "server/fleet/fleet_run.hpp"
#include "server/fleet/round_sizes.hpp"
#include "server/scenario/fleet_output.hpp"
#include "server/scenario/run_watch.hpp"
#include "server/scenario/scenario_commands.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

using fleet::FleetFile;
using fleet::FleetPlan;
using fleet::FleetTally;

int refuse_fleet(ScenarioExit code, const std::string& why) {
  std::cout.flush();
  std::cerr << "chiploc sim: " << printable_lines(why) << "\n";
  return code;
}

/// Fails with an exit code, and has said why.
Result<FleetFile, int> read_fleet(const FleetArguments& arguments) {
  std::ifstream in{arguments.file, std::ios::binary};
  std::string text(fleet::kFleetFileMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!in && !in.eof())
    return Fail{
        refuse_fleet(kScenarioUsage, arguments.file + ": no file that can be read; correct the path")};
  auto file = fleet::parse_fleet(text, arguments.file, Borders::world());
  if (!file) {
    for (const std::string& fault : file.error()) std::cerr << printable(fault) << "\n";
    return Fail{static_cast<int>(kScenarioBadFile)};
  }
  if (arguments.seed) file->seed = file->network.seed = *arguments.seed;
  return *std::move(file);
}

/// Removes the folder with what the measured rounds left there.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code failed;
    std::string name = (std::filesystem::temp_directory_path(failed) / "chiploc-fleet-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Result<fleet::RoundSizes, std::string> weigh_rounds(const FleetFile& file) {
  const WorkFolder folder;
  if (folder.path().empty())
    return Fail{std::string{"no folder can be made for temporary files; set TMPDIR"}};
  const auto level = spdlog::get_level();
  spdlog::set_level(spdlog::level::off);  // the production code tells what it does
  auto sizes = fleet::measure_round_sizes(std::min(file.anchors.size(), file.anchors_per_round), file.pings,
                                          Borders::world(), folder.path());
  spdlog::set_level(level);
  return sizes;
}

/// Runs work(i) for every i below `count` on so many threads.
template <class Work>
void on_threads(unsigned threads, std::uint64_t count, const Work& work) {
  std::atomic<std::uint64_t> next{0};
  const auto take = [&](unsigned thread) {
    for (std::uint64_t i = next++; i < count && !CatchInterrupts::flag(); i = next++) work(thread, i);
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < threads; ++t) others.emplace_back(take, t);
  take(0);
  for (std::thread& thread : others) thread.join();
}

FleetTally run_fleet(FleetPlan& plan, const FleetArguments& arguments, unsigned threads) {
  on_threads(threads, plan.situations().size(),
             [&plan](unsigned, std::uint64_t i) { plan.grow_tree(static_cast<std::size_t>(i)); });
  const std::size_t hours = fleet::hours_of(plan.file());
  std::vector<FleetTally> tallies(threads, FleetTally{plan.situations().size(), hours});
  RunProgress progress{"chips"};
  const std::uint64_t chips = plan.file().chips();
  const std::uint64_t portion = fleet::portion_of(plan.file().rounds_of_a_chip());
  std::uint64_t done = 0;
  std::mutex mutex;  // of `done` and `progress`
  on_threads(threads, (chips + portion - 1) / portion, [&](unsigned thread, std::uint64_t i) {
    const std::uint64_t first = i * portion, last = std::min(chips, first + portion);
    fleet::run_chips(plan, first, last, {.check = arguments.check}, tallies[thread]);
    const std::lock_guard lock{mutex};
    done += last - first;
    progress.show(done, chips);
  });
  for (unsigned t = 1; t < threads; ++t) tallies.front().add(tallies[t]);
  return std::move(tallies.front());
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// How long it took is of this machine and this time, and therefore no part of the output.
void tell_speed(const FleetTally& tally, double processor, double wall, unsigned threads) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::fprintf(
      stderr,
      "chiploc sim: %llu rounds in %.1f s on %u thread%s: %.3g rounds a second, %.3g a second of processor time; "
      "%.0f MiB of memory at most\n",
      static_cast<unsigned long long>(tally.rounds), wall, threads, threads == 1 ? "" : "s",
      static_cast<double>(tally.rounds) / wall, static_cast<double>(tally.rounds) / processor,
      static_cast<double>(usage.ru_maxrss) / 1024.0);
}

}  // namespace

int run_fleet_command(const FleetArguments& arguments) {
  auto file = read_fleet(arguments);
  if (!file) return file.error();
  const std::uint64_t rounds = file->chips() * file->rounds_of_a_chip();
  if (arguments.check > rounds)
    return refuse_fleet(kScenarioUsage, "--check: the run has " + std::to_string(rounds) +
                                            " rounds; write a number from 0 to that");
  const CatchInterrupts catching;
  const auto sizes = weigh_rounds(*file);
  if (!sizes) return refuse_fleet(kScenarioCannot, sizes.error());
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned threads =
      fleet::threads_that_fit(file->tally_cells(), arguments.threads == 0 ? cores : arguments.threads);
  const auto began = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  const auto interrupted = [] { return CatchInterrupts::flag().load(); };
  FleetPlan plan{*std::move(file), Borders::world(), interrupted};
  const auto give_up = [] {
    return refuse_fleet(kScenarioInterrupted, "interrupted; nothing is reported of a part");
  };
  if (!plan.whole()) return give_up();
  const FleetTally tally = run_fleet(plan, arguments, threads);
  if (interrupted()) return give_up();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  tell_speed(tally, processor_seconds() - processor, wall.count(), threads);
  const FleetReport report = fleet_report_of(plan, tally, *sizes);
  if (interrupted()) return give_up();
  std::cout << (arguments.output == "json"  ? json_of(report)
                : arguments.output == "csv" ? csv_of(report)
                                            : table_of(report))
            << std::flush;
  if (!std::cout)
    return refuse_fleet(kScenarioCannot,
                        "standard output could not be written; look at the disk or the pipe");
  if (tally.differences == 0) return kScenarioHolds;
  return refuse_fleet(
      kScenarioFails,
      std::to_string(tally.differences) + " of " + std::to_string(tally.checked) +
          " rounds have another state when they are judged again; this is a fault of the program");
}

}  // namespace chiploc
