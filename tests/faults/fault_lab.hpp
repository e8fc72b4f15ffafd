#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/lab/child_process.hpp"
#include "server/lab/lab_client.hpp"
#include "server/lab/lab_lock.hpp"
#include "server/lab/lab_plan.hpp"
#include "tests/faults/fault_plan.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::faults {

/// chiplocd, anchors and agents as processes on loopback, without a relay: all stand in Sydney, so that what
/// changes is what a test breaks. Any of them may be killed, started again, given a failing disk or another
/// time.
class FaultLab {
 public:
  struct Options {
    int anchors = 4;
    int rendezvous = 64;  ///< so many of the anchors may be knocked at, the first ones
    int chips = 6;        ///< every other one knocks, the others are reached inbound
    int prepare_deadline_ms = 1000;
    int round_deadline_ms = 6000;
    int linger_ms = 300;
    int pings = 4;
    int ping_interval_ms = 10;
    bool shim = false;                        ///< each program gets the fault shim and a plan of its own
    std::string coordinator_of_anchors = {};  ///< another address than chiplocd's: a meddler's
    /// Others know each program by its front, where whoever runs the lab has to forward from; else there is
    /// no relay.
    bool fronts = false;
    std::chrono::milliseconds patience{
        30'000};                     ///< of up(), with each program; an emulated machine takes more
    std::string log_level = "info";  ///< of chiplocd and the anchors
    std::string agent_log_level = "info";
    std::vector<std::string> wrapper =
        {};  ///< put before each program's command line; "%u" is its unit's file
  };
  explicit FaultLab(Options options);
  ~FaultLab();
  FaultLab(const FaultLab&) = delete;
  FaultLab& operator=(const FaultLab&) = delete;

  /// Starts everything and waits until all anchors are attached. Empty: up; else what is wrong.
  [[nodiscard]] std::string up();

  // Programs by name: "chiplocd", the anchors "a1"..., the chips' agents "C-1"...
  [[nodiscard]] std::vector<std::string> anchors() const;
  [[nodiscard]] std::vector<std::string> agents() const;
  void launch(const std::string& name);
  /// SIGKILL, and it is gone.
  void kill(const std::string& name);
  /// SIGTERM; how it ended and after how many milliseconds.
  struct Ending {
    std::string how;
    std::int64_t ms = 0;
  };
  Ending stop(const std::string& name);
  void signal(const std::string& name, int number);
  [[nodiscard]] pid_t pid(const std::string& name) const { return children_.at(name).pid(); }
  [[nodiscard]] bool runs(const std::string& name);
  [[nodiscard]] FaultPlan& plan_of(const std::string& name) { return *plans_.at(name).memory; }

  [[nodiscard]] std::string log(const std::string& name) const;
  [[nodiscard]] std::size_t log_size(const std::string& name) const;
  /// Whether the log says this behind `from`, within so long.
  [[nodiscard]] bool says(const std::string& name, const std::string& text, std::size_t from = 0,
                          std::chrono::milliseconds patience = std::chrono::seconds{30});
  /// Whether so many anchors are attached within so long.
  [[nodiscard]] bool attached(std::size_t count,
                              std::chrono::milliseconds patience = std::chrono::seconds{30});
  [[nodiscard]] bool serves(const std::string& name, std::size_t log_from,
                            std::chrono::milliseconds patience);

  using Verdict = LabClient::Answer<v1::Verdict>;
  /// A verdict, or what came instead.
  [[nodiscard]] Verdict verify(int chip);
  /// A verdict of this state from any of so many rounds (a loaded machine may miss one); else what came last.
  [[nodiscard]] std::string verify_until(int chip, const std::string& state, int rounds = 4);
  [[nodiscard]] LabClient& client() { return *client_; }
  [[nodiscard]] std::chrono::milliseconds round_limit() const;
  [[nodiscard]] const LabPlan& plan() const { return plan_; }
  [[nodiscard]] std::filesystem::path database() const { return plan_.state / "chiplocd/chiploc.db"; }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  struct Mapped {
    FaultPlan* memory = nullptr;
    std::filesystem::path file;
  };
  [[nodiscard]] std::vector<std::string> command_of(const std::string& name) const;
  void make_plan(const std::string& name);

  Options options_;
  LabLock lock_;
  TempDir folder_;
  LabPlan plan_;
  std::map<std::string, Mapped> plans_;
  std::map<std::string, ChildProcess> children_;
  std::unique_ptr<LabClient> client_;
};

/// The state's name, or what came instead of a verdict.
[[nodiscard]] std::string text_of(const FaultLab::Verdict& verdict);

/// "anchor id in hex" and spool number.
using SpoolKey = std::pair<std::string, std::uint64_t>;
/// What one anchor's log says of its stream; needs log level debug. By kind of message (6 report, 7
/// statement, 8 knock, 9 mesh).
struct Deliveries {
  std::map<SpoolKey, int> sent;
  std::set<SpoolKey> acknowledged;
};
[[nodiscard]] Deliveries deliveries_in(const std::string& log);

/// What stands in chiplocd's database, read by SQLite itself and none of our code.
struct StoreView {
  std::set<SpoolKey> reports, statements, knocks, mesh;
  std::int64_t doubled = 0;  ///< reports of one anchor on one round beyond the first; mesh windows likewise
  std::array<std::int64_t, 4> rounds{};  ///< by state: 1 open, 2 finished, 3 abandoned
  std::int64_t tickets_missing = 0;      ///< finished rounds without tickets
  std::int64_t licences = 0;
  std::string integrity;  ///< "ok"
};
[[nodiscard]] StoreView read_store(const std::filesystem::path& database);

}  // namespace chiploc::faults
