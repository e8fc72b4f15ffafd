#include "server/scenario/scenario_run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_simulation.hpp"

namespace chiploc {
namespace {

/// Production code logs what it does. Each simulated lab keeps quiet by itself, but puts the level back while others run.
class QuietRuns {
 public:
  QuietRuns() : before_{spdlog::get_level()} { spdlog::set_level(spdlog::level::off); }
  ~QuietRuns() { spdlog::set_level(before_); }
  QuietRuns(const QuietRuns&) = delete;
  QuietRuns& operator=(const QuietRuns&) = delete;

 private:
  spdlog::level::level_enum before_;
};

struct Job {
  std::size_t point = 0;
  std::uint64_t seed = 0;
};

class Workshop {
 public:
  Workshop(const ScenarioFile& file, const Borders& borders, const ScenarioRunOptions& options)
      : file_{file}, borders_{borders}, options_{options} {
    for (std::size_t point = 0; point < file.points.size(); ++point) {
      if (options.brief && !is_short(file.sweep, file.points[point].settings)) continue;
      for (std::uint64_t seed = options.seeds.first; seed <= options.seeds.last; ++seed)
        jobs_.push_back({point, seed});
    }
    outcomes_.resize(jobs_.size());
  }

  void run() {
    const std::size_t count =
        std::clamp<std::size_t>(options_.threads, 1, std::max<std::size_t>(1, jobs_.size()));
    if (count == 1) return work();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
  }

  Result<std::vector<PointRuns>, std::string> take() {
    if (!trouble_.empty()) return Fail{trouble_};
    std::vector<PointRuns> out;
    for (const ScenarioPoint& point : file_.points)
      out.push_back({.point = point.settings, .runs = {}, .index = out.size()});
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (!outcomes_[i]) return Fail{std::string{"interrupted"}};
      out[jobs_[i].point].runs.push_back(*std::move(outcomes_[i]));
    }
    out.erase(std::remove_if(out.begin(), out.end(), [](const PointRuns& p) { return p.runs.empty(); }),
              out.end());
    return out;
  }

 private:
  [[nodiscard]] bool stopped() const { return failed_ || (options_.stop != nullptr && *options_.stop); }

  void work() {
    for (std::size_t i = next_++; i < jobs_.size() && !stopped(); i = next_++) {
      auto outcome = one(jobs_[i]);
      const std::lock_guard lock{mutex_};
      if (!outcome) {
        failed_ = true;
        if (trouble_.empty()) trouble_ = outcome.error();
        return;
      }
      outcomes_[i] = *std::move(outcome);
      ++done_;
      if (options_.progress) options_.progress(done_, jobs_.size());
    }
  }

  Result<RunOutcome, std::string> one(const Job& job) const {
    const ScenarioPoint& point = file_.points[job.point];
    LabFile lab = point.lab;
    lab.network.seed = job.seed;
    const auto report = simulate_lab(plan_lab(lab, 0, "/simulated"), borders_,
                                     {.stop = options_.stop, .learn_places = file_.detect.posterior});
    if (!report) return Fail{report.error()};
    const Nanoseconds ended{static_cast<std::int64_t>(report->seconds * 1e9)};
    return outcome_of(lab, *report, point.keeping, file_.absences, std::max(point.horizon, ended),
                      file_.detect, options_.off);
  }

  const ScenarioFile& file_;
  const Borders& borders_;
  const ScenarioRunOptions& options_;
  std::vector<Job> jobs_;
  std::vector<std::optional<RunOutcome>>
      outcomes_;  ///< beside jobs_; each is one thread's until it is joined
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  ///< of what follows, and of progress
  std::size_t done_ = 0;
  std::string trouble_;
};

}  // namespace

Result<std::vector<PointRuns>, std::string> run_scenario(const ScenarioFile& file, const Borders& borders,
                                                         const ScenarioRunOptions& options) {
  const QuietRuns quiet;
  Workshop workshop{file, borders, options};
  workshop.run();
  return workshop.take();
}

}  // namespace chiploc
