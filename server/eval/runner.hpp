#pragma once
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "server/eval/cases.hpp"
#include "server/eval/fix.hpp"

namespace chiploc {

struct RowOutcome {
  std::string anchors;
  std::vector<CaseOutcome> cases;  ///< by group, then by target, whatever thread ran them
  /// Nodes that the others contradict (geo/estimate/mesh_check.hpp), and that were left out as anchors where
  /// that showed.
  std::set<std::size_t> suspects{};
};

/// Told how many cases are done, from one thread at a time.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

/// Calls `work(i)` for every i below `count` on up to `threads` threads, 0 meaning one for each processor.
/// Each i is taken once, in ascending order. Work must not throw.
void run_on_threads(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

/// Runs every case of every row. The anchors of a group are first checked against each other, without the
/// target. Each group's calibration is learnt once, by whoever needs it first, and let go after its last
/// case. Where each target is left out of a pool of a hundred anchors or more (`all`), the laws of delays are learnt ten
/// times, each time without a tenth of the targets and for these: no target teaches the laws that judge it. The outcomes but for `fix_us` are the same for any number of threads.
[[nodiscard]] std::vector<RowOutcome> run_rows(const RttSet& set, std::span<const CaseRow> rows,
                                               const Borders& borders, const FixOptions& options,
                                               unsigned threads, const Progress& progress = {});

}  // namespace chiploc
