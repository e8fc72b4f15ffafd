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

constexpr std::size_t kFolds = 10;
/// Anchors of a row that is parted so. Of fewer a tenth less is missed, and each group has learnt soon.
constexpr std::size_t kLeastForFolds = 100;

/// Nodes of a list that the others of it contradict (misplaced.hpp).
std::vector<std::size_t> suspects_among(const RttSet& set, const std::vector<std::size_t>& nodes,
                                        const Borders& borders) {
  std::vector<std::size_t> out;
  for (const MeshSuspect& suspect : check_nodes(set, nodes, borders)) out.push_back(nodes[suspect.node]);
  return out;
}
std::vector<std::size_t> without(std::vector<std::size_t> nodes, std::span<const std::size_t> these) {
  std::erase_if(nodes,
                [&](std::size_t node) { return std::find(these.begin(), these.end(), node) != these.end(); });
  return nodes;
}

/// A tenth of a row's targets: its laws are learnt once, by whoever needs them first, from anchors that are none of them.
class Fold {
 public:
  explicit Fold(std::vector<std::size_t> anchors) : anchors_{std::move(anchors)} {}
  [[nodiscard]] const PlaceLaws& laws(const RttSet& set, const Borders& borders) {
    std::call_once(learnt_, [&] {
      const auto trusted = without(anchors_, suspects_among(set, anchors_, borders));
      laws_ = PlaceEstimator::learn(mesh_of(set, trusted), borders).laws();
    });
    return *laws_;
  }

 private:
  std::vector<std::size_t> anchors_;
  std::once_flag learnt_;
  std::shared_ptr<const PlaceLaws> laws_;
};

/// What the groups of a row share.
struct RowWork {
  std::vector<std::unique_ptr<Fold>> folds;  ///< empty: each group learns by itself
  /// Nobody of the pool contradicts anybody: then nobody of a part of it does.
  bool clean = false;
};

RowWork row_work(const RttSet& set, const CaseRow& row, const Borders& borders) {
  RowWork out;
  if (row.pool.size() < kLeastForFolds) return out;
  out.clean = check_nodes(set, row.pool, borders).empty();
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::size_t> left_out;
    for (std::size_t g = fold; g < row.groups.size(); g += kFolds)
      left_out.insert(left_out.end(), row.groups[g].targets.begin(), row.groups[g].targets.end());
    out.folds.push_back(std::make_unique<Fold>(without(row.pool, left_out)));
  }
  return out;
}

/// One group at work: its calibration, while cases of it are left.
class GroupWork {
 public:
  GroupWork(const CaseGroup& group, std::size_t first, Fold* fold, bool clean)
      : group_{group}, first_{first}, fold_{fold}, clean_{clean}, left_{group.targets.size()} {}

  [[nodiscard]] const CaseGroup& group() const { return group_; }
  [[nodiscard]] std::size_t first() const { return first_; }

  /// Checks the anchors against each other, then learns from those that are left. Before the two that follow.
  void prepare(const RttSet& set, const Borders& borders) {
    std::call_once(prepared_, [&] {
      if (!clean_) suspects_ = suspects_among(set, group_.anchors, borders);
      trusted_ = without(group_.anchors, suspects_);
      const RttMesh mesh = mesh_of(set, trusted_);
      estimator_.emplace(fold_ == nullptr
                             ? PlaceEstimator::learn(mesh, borders)
                             : PlaceEstimator::with_laws(fold_->laws(set, borders), mesh, borders));
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
  Fold* fold_;         // null: it learns by itself
  bool clean_;
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
  std::vector<RowWork> shared;
  std::vector<std::unique_ptr<GroupWork>> groups;
  std::vector<Task> tasks;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    outcomes[r].anchors = rows[r].anchors;
    outcomes[r].cases.resize(rows[r].cases());
    std::size_t first = 0;
    const RowWork& work = shared.emplace_back(row_work(set, rows[r], borders));
    for (std::size_t g = 0; g < rows[r].groups.size(); ++g) {
      const CaseGroup& group = rows[r].groups[g];
      Fold* const fold = work.folds.empty() ? nullptr : work.folds[g % kFolds].get();
      groups.push_back(std::make_unique<GroupWork>(group, first, fold, work.clean));
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
