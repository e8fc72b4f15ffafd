#pragma once
// A running lab: the programs, their start in the right order, the rounds, the end.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/child_process.hpp"
#include "server/lab/lab_client.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_report.hpp"

namespace chiploc {

/// Where the programs are.
struct LabPrograms {
  std::filesystem::path chiploc;  ///< for the relay
  std::filesystem::path chiplocd;
  std::filesystem::path anchor;
  std::filesystem::path agent;
  std::filesystem::path rogue_agent;

  /// All in `folder`, by their names. Fails with a sentence that names the missing one; the rogue agent may
  /// be missing when no chip needs it.
  [[nodiscard]] static Result<LabPrograms, std::string> in(const std::filesystem::path& folder,
                                                           const LabFile& file);
};

/// Owns      the programs; the destructor stops them. Start it on the main thread: programs die with that
///           thread.
/// Threads   start(), run_rounds() and watch() on the thread that made the object; cancel() from any thread.
/// Never     sleeps for a fixed time: it waits for what has to happen, and says what did not.
class LabWorldRunner {
 public:
  using Say = std::function<void(const std::string& line)>;
  LabWorldRunner(LabPlan plan, LabPrograms programs, Say say);
  ~LabWorldRunner();
  LabWorldRunner(const LabWorldRunner&) = delete;
  LabWorldRunner& operator=(const LabWorldRunner&) = delete;

  /// Makes keys and files, starts relay and coordinator, imports the registry, starts anchors and agents, and
  /// waits until all anchors are attached and their mesh has reported. Fails with a sentence; if a program
  /// ended by itself, with the last lines of its log.
  [[nodiscard]] Result<Done, std::string> start();

  /// Measures every chip plan.file.rounds times, plan.file.parallel at once. A round of all chips ends before
  /// the next begins: what a replaying chip repeats is then at least one round old.
  [[nodiscard]] Result<LabReport, std::string> run_rounds();

  /// The first program that has ended though it should run, with the end of its log; empty if all are there.
  [[nodiscard]] std::string casualty();

  /// Makes start() and run_rounds() fail soon with "interrupted".
  void cancel();
  [[nodiscard]] bool cancelled() const { return cancelled_; }

  [[nodiscard]] const LabPlan& plan() const { return plan_; }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] Result<Done, std::string> launch(const std::string& name, std::vector<std::string> arguments);
  [[nodiscard]] Result<Done, std::string> start_relay();
  [[nodiscard]] Result<Done, std::string> start_coordinator();
  [[nodiscard]] Result<Done, std::string> import_registry();
  [[nodiscard]] Result<Done, std::string> start_endpoints();
  [[nodiscard]] Result<Done, std::string> await_anchors();
  [[nodiscard]] std::vector<std::string> agent_arguments(const LabAgent& agent) const;
  void measure(std::size_t chip, unsigned attempts);
  void run_round(int round);
  void stop_all();

  LabPlan plan_;
  LabPrograms programs_;
  Say say_;
  Clock::time_point started_;
  std::vector<ChildProcess> children_;
  std::mutex client_mutex_;  // between start() and cancel(); workers run when it no longer changes
  std::unique_ptr<LabClient> client_;
  std::atomic<bool> cancelled_{false};

  struct Outcome {
    std::optional<v1::Verdict> verdict;
    unsigned rounds = 0;
    std::string problem;
  };
  std::mutex outcomes_mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace chiploc
