#include "server/eval/runner.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "server/eval/misplaced.hpp"

namespace chiploc {
namespace {

/// One group at work: its calibration, while cases of it are left.
class GroupWork {
 public:
  GroupWork(const CaseGroup& group, std::size_t first)
      : group_{group}, first_{first}, left_{group.targets.size()} {}

  [[nodiscard]] const CaseGroup& group() const { return group_; }
  [[nodiscard]] std::size_t first() const { return first_; }

  /// Checks the anchors against each other, then learns from those that are left. Before the two that follow.
  void prepare(const RttSet& set, const Borders& borders) {
    std::call_once(prepared_, [&] {
      trusted_ = group_.anchors;
      for (const MeshSuspect& suspect : check_nodes(set, trusted_, borders))
        suspects_.push_back(group_.anchors[suspect.node]);
      std::erase_if(trusted_, [this](std::size_t anchor) {
        return std::find(suspects_.begin(), suspects_.end(), anchor) != suspects_.end();
      });
      estimator_.emplace(PlaceEstimator::learn(mesh_of(set, trusted_), borders));
    });
  }
  [[nodiscard]] const std::vector<std::size_t>& trusted() const { return trusted_; }
  [[nodiscard]] const std::vector<std::size_t>& suspects() const { return suspects_; }
  [[nodiscard]] const PlaceEstimator& estimator() const { return *estimator_; }
  /// After a case. The last one takes the calibration with it: the rows of a large set have hundreds.
  void done() {
    if (--left_ == 0) estimator_.reset();
  }

 private:
  const CaseGroup& group_;
  std::size_t first_;  // number of its first case in the row
  std::atomic<std::size_t> left_;
  std::once_flag prepared_;
  std::vector<std::size_t> trusted_;
  std::vector<std::size_t> suspects_;
  std::optional<PlaceEstimator> estimator_;
};

struct Task {
  GroupWork* group;
  RowOutcome* row;
  std::size_t target;  // within the group
};

}  // namespace

void run_on_threads(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  const std::size_t wanted = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  const auto drain = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(wanted, count); ++i) others.emplace_back(drain);
  drain();
  for (std::thread& other : others) other.join();
}

std::vector<RowOutcome> run_rows(const RttSet& set, std::span<const CaseRow> rows, const Borders& borders,
                                 const FixOptions& options, unsigned threads, const Progress& progress) {
  std::vector<std::optional<TargetClaims>> claims(set.nodes.size());
  run_on_threads(set.nodes.size(), threads,
                 [&](std::size_t node) { claims[node] = claims_about(set.nodes[node], borders); });

  std::vector<RowOutcome> outcomes(rows.size());
  std::vector<std::unique_ptr<GroupWork>> groups;
  std::vector<Task> tasks;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    outcomes[r].anchors = rows[r].anchors;
    outcomes[r].cases.resize(rows[r].cases());
    std::size_t first = 0;
    for (const CaseGroup& group : rows[r].groups) {
      groups.push_back(std::make_unique<GroupWork>(group, first));
      for (std::size_t t = 0; t < group.targets.size(); ++t)
        tasks.push_back({groups.back().get(), &outcomes[r], t});
      first += group.targets.size();
    }
  }
  std::mutex telling;
  std::size_t done = 0;
  run_on_threads(tasks.size(), threads, [&](std::size_t i) {
    const Task& task = tasks[i];
    const CaseGroup& group = task.group->group();
    const std::size_t target = group.targets[task.target];
    CaseOutcome& outcome = task.row->cases[task.group->first() + task.target];
    task.group->prepare(set, borders);
    outcome = run_case(set, task.group->trusted(), target, *claims[target], task.group->estimator(), borders,
                       options);
    outcome.draw = group.draw;
    const std::lock_guard lock{telling};
    for (const std::size_t suspect : task.group->suspects()) task.row->suspects.insert(suspect);
    task.group->done();
    ++done;
    if (progress) progress(done, tasks.size());
  });
  return outcomes;
}

}  // namespace chiploc
