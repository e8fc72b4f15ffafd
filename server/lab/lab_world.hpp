#pragma once
// A running lab: the programs, their start in the right order, the rounds, the end.

#include <atomic>
#include <chrono>
#include <condition_variable>
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
  std::filesystem::path page{};  ///< the files of the coordinator's page; empty: they were not built

  /// All in `folder`, by their names. Fails with a sentence that names the missing one; the rogue agent may
  /// be missing when no chip needs it.
  [[nodiscard]] static Result<LabPrograms, std::string> in(const std::filesystem::path& folder,
                                                           const LabFile& file);
};

/// Owns      the programs; the destructor stops them. Start it on the main thread: programs die with that
///           thread.
/// Threads   start(), run_rounds(), tend() and casualty() on the thread that made the object; cancel() from any
///           thread. Rounds have a thread of their own and workers, so that events are carried out meanwhile.
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

  /// Where the page is and how to sign in there, with a code that is made now; empty: there is none.
  [[nodiscard]] std::string way_to_page();

  /// Lab time begins. Measures the chips of each round, plan.file.parallel at once, and carries out events
  /// when they are due. A round ends before the next begins: what a replaying chip repeats is then at least
  /// one round old. One that begins at the time of an event, or later, begins after it.
  [[nodiscard]] Result<LabReport, std::string> run_rounds();

  /// Carries out what is due after the last round. Fails with a sentence.
  [[nodiscard]] Result<Done, std::string> tend();

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
  [[nodiscard]] std::vector<std::string> agent_arguments(const LabAgent& agent, const LabChip& chip) const;
  [[nodiscard]] Result<Done, std::string> launch_anchor(std::size_t index);
  void measure(std::size_t chip, std::size_t round, unsigned attempts);
  void run_round(const LabRound& what, std::size_t round);
  void run_schedule();
  [[nodiscard]] Result<Done, std::string> carry_out(const LabEvent& event);
  [[nodiscard]] Result<Done, std::string> change_chip(std::size_t index, const LabChip& before);
  [[nodiscard]] Result<Done, std::string> change_anchor(std::size_t index, const LabAnchor& before);
  [[nodiscard]] Result<Done, std::string> change_pair(const LabPair& pair);
  [[nodiscard]] Result<Done, std::string> tell_relay(const std::string& line);
  [[nodiscard]] Result<Done, std::string> await_attached(std::size_t count);
  void stop(const std::string& name);
  [[nodiscard]] Nanoseconds lab_time() const { return Nanoseconds{Clock::now() - epoch_}; }
  void stop_all();

  LabPlan plan_;
  LabFile now_;  ///< plan_.file as events have made it; of the thread that made the object
  LabPrograms programs_;
  Say say_;
  Clock::time_point started_;
  Clock::time_point epoch_;  ///< of lab time
  std::vector<ChildProcess> children_;
  std::mutex client_mutex_;  // between start() and cancel(); workers run when it no longer changes
  std::unique_ptr<LabClient> client_;
  std::atomic<bool> cancelled_{false};

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<LabSeen> seen_;
  std::vector<LabSpan> carried_out_;  ///< beside the first of plan_.file.events
  bool rounds_over_ = false;
};

}  // namespace chiploc
