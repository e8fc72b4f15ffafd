#include "server/eval/would_resolve.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "server/eval/misplaced.hpp"
#include "server/verifier/resolution.hpp"

namespace chiploc {
namespace {

constexpr int kGridPoints = 4'096;

/// The anchors of a group that the others do not contradict, and the line through what they measured.
struct Calibrated {
  std::vector<std::size_t> anchors;
  DelayModel line;
};

Calibrated calibrate(const RttSet& set, const CaseGroup& group, const Borders& borders) {
  Calibrated out{group.anchors, {}};
  std::vector<std::size_t> suspects;
  for (const MeshSuspect& suspect : check_nodes(set, group.anchors, borders))
    suspects.push_back(group.anchors[suspect.node]);
  std::erase_if(out.anchors, [&](std::size_t anchor) {
    return std::find(suspects.begin(), suspects.end(), anchor) != suspects.end();
  });
  std::vector<DelaySample> pairs;
  for (const std::size_t a : out.anchors) {
    for (const std::size_t b : out.anchors) {
      const double ms = set.rtt_ms(a, b);
      if (a == b || std::isnan(ms)) continue;
      pairs.push_back({std::chrono::nanoseconds{static_cast<std::int64_t>(ms * 1e6)},
                       geodesic_distance(set.nodes[a].place, set.nodes[b].place).km()});
    }
  }
  out.line = fit_delay_model(pairs);
  return out;
}

class Case {
 public:
  Case(const RttSet& set, const Borders& borders, const FixOptions& options, const Calibrated& calibrated,
       std::size_t target)
      : set_{set},
        borders_{borders},
        options_{options},
        calibrated_{calibrated},
        target_{target},
        judge_{Claim{"", {set.nodes[target].country}, options.prohibited, true}, borders} {
    for (const std::size_t anchor : calibrated.anchors) measure(anchor, bounds_);
  }

  void run(const std::vector<std::size_t>& others, WouldResolveRow& row, std::vector<double>& left) const {
    const Region region = region_of(bounds_);
    const TerritoryJudgement before = judge_.judge(region);
    if (state_of(before.finding) != VerdictState::kUnresolved) return;
    ++row.unresolved;
    const std::vector<Resolution> asked = resolutions(region, others);
    if (asked.empty()) return;
    ++row.asked;
    const auto exists = std::find_if(asked.begin(), asked.end(), [](const Resolution& resolution) {
      return resolution.kind == Resolution::Kind::kExistingAnchor;
    });
    if (exists == asked.end()) return;
    ++row.named;
    std::vector<ProvedBound> with = bounds_;
    for (std::size_t i = 0; i < exists->by.size(); ++i) {
      measure(node_of(exists->by[i].anchor), with);
      if (i == 0 && outcome_of(region, before, with).first != Outcome::kUnchanged) ++row.by_first;
    }
    const auto [outcome, share] = outcome_of(region, before, with);
    left.push_back(share);
    ++(outcome == Outcome::kResolved   ? row.resolved
       : outcome == Outcome::kNarrowed ? row.narrowed
                                       : row.unchanged);
  }

 private:
  void measure(std::size_t anchor, std::vector<ProvedBound>& out) const {
    const double ms = set_.rtt_ms(anchor, target_) + options_.added_ms;
    if (std::isnan(ms)) return;
    const std::chrono::nanoseconds rtt{static_cast<std::int64_t>(std::ceil(ms * 1e6))};
    const auto radius = path_bound(rtt, options_.speed);
    if (!radius) return;
    out.push_back({{set_.nodes[anchor].place, uncertainty_of(set_.nodes[anchor], options_), *radius,
                    static_cast<std::uint32_t>(out.size())},
                   std::to_string(anchor),
                   rtt});
  }
  [[nodiscard]] Region region_of(const std::vector<ProvedBound>& bounds) const {
    return Region::from_bounds(bounds_of(bounds), options_.faults);
  }
  enum class Outcome { kResolved, kNarrowed, kUnchanged };
  [[nodiscard]] std::pair<Outcome, double> outcome_of(const Region& region, const TerritoryJudgement& before,
                                                      const std::vector<ProvedBound>& with) const {
    const Region smaller = region_of(with);
    const TerritoryJudgement after = judge_.judge(smaller);
    const double share = share_left(region, smaller);
    if (state_of(after.finding) != VerdictState::kUnresolved) return {Outcome::kResolved, share};
    const bool fewer = !region.is_everything() && after.met.size() < before.met.size();
    return {share < 1.0 || fewer ? Outcome::kNarrowed : Outcome::kUnchanged, share};
  }
  static std::size_t node_of(const std::string& name) { return std::stoul(name); }

  [[nodiscard]] std::vector<Resolution> resolutions(const Region& region,
                                                    const std::vector<std::size_t>& others) const {
    std::vector<SpareAnchor> spare;
    for (const std::size_t node : others) {
      if (node == target_ || std::isnan(set_.rtt_ms(node, target_))) continue;
      spare.push_back({std::to_string(node), set_.nodes[node].place,
                       uncertainty_of(set_.nodes[node], options_),
                       static_cast<std::uint32_t>(bounds_.size() + spare.size())});
    }
    const auto fit = fit_bounds(bounds_, calibrated_.line);
    return find_resolutions({.bounds = bounds_,
                             .region = region,
                             .fault_budget = options_.faults,
                             .judge = judge_,
                             .borders = borders_,
                             .speed = options_.speed,
                             .line = calibrated_.line,
                             .guess = fit ? std::optional{fit->place} : std::nullopt,
                             .spare = spare});
  }

  /// Of the places of `before` on a spiral around its centre, how many are left; a region of everything has
  /// the Earth for its extent.
  static double share_left(const Region& before, const Region& after) {
    if (before.is_everything()) return after.is_everything() ? 1.0 : 0.0;
    const auto extent = before.extent();
    if (!extent) return 1.0;
    constexpr double kGoldenDeg = 137.507'764'05;
    constexpr double kEarthKm = 6'371.0;
    const double most = 1.0 - std::cos(std::min(extent->radius.km() / kEarthKm, 3.14159));
    std::size_t had = 0;
    std::size_t kept = 0;
    for (int i = 0; i < kGridPoints; ++i) {
      const double angle = std::acos(1.0 - most * (i + 0.5) / kGridPoints);
      const LatLon place =
          geodesic_direct(extent->centre, std::fmod(i * kGoldenDeg, 360.0), Kilometers{angle * kEarthKm});
      if (!before.contains(place)) continue;
      ++had;
      if (after.contains(place)) ++kept;
    }
    return had == 0 ? 1.0 : static_cast<double>(kept) / static_cast<double>(had);
  }

  const RttSet& set_;
  const Borders& borders_;
  const FixOptions& options_;
  const Calibrated& calibrated_;
  std::size_t target_;
  TerritoryJudge judge_;
  std::vector<ProvedBound> bounds_;
};

/// Every serving node that could measure and has no part in the group.
std::vector<std::size_t> others_of(const RttSet& set, const CaseGroup& group) {
  std::vector<std::size_t> out;
  for (const std::size_t node : serving_nodes(set)) {
    const EvalNode& it = set.nodes[node];
    const bool anchor = it.role == NodeRole::kBoth || it.role == NodeRole::kAnchor;
    const bool taken = std::find(group.anchors.begin(), group.anchors.end(), node) != group.anchors.end();
    if (anchor && !taken && !it.faulty && it.doubt == NodeDoubt::kNone) out.push_back(node);
  }
  return out;
}

void add(const WouldResolveRow& from, WouldResolveRow& to) {
  to.cases += from.cases;
  to.unresolved += from.unresolved;
  to.asked += from.asked;
  to.named += from.named;
  to.by_first += from.by_first;
  to.resolved += from.resolved;
  to.narrowed += from.narrowed;
  to.unchanged += from.unchanged;
}

}  // namespace

double WouldResolveRow::helped() const {
  return named == 0 ? 1.0 : static_cast<double>(resolved + narrowed) / static_cast<double>(named);
}

double WouldResolveRow::first_helped() const {
  return named == 0 ? 1.0 : static_cast<double>(by_first) / static_cast<double>(named);
}

std::vector<WouldResolveRow> run_would_resolve(const RttSet& set, std::span<const CaseRow> rows,
                                               const Borders& borders, const FixOptions& options,
                                               unsigned threads, const Progress& progress) {
  struct Task {
    std::size_t row;
    const CaseGroup* group;
  };
  std::vector<Task> tasks;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const CaseGroup& group : rows[r].groups) tasks.push_back({r, &group});
  }
  std::vector<WouldResolveRow> out(rows.size());
  std::vector<std::vector<double>> left(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) out[r].anchors = rows[r].anchors;
  std::mutex adding;
  std::size_t done = 0;
  run_on_threads(tasks.size(), threads, [&](std::size_t i) {
    const Task& task = tasks[i];
    const Calibrated calibrated = calibrate(set, *task.group, borders);
    const std::vector<std::size_t> others = others_of(set, *task.group);
    WouldResolveRow row;
    std::vector<double> shares;
    for (const std::size_t target : task.group->targets) {
      ++row.cases;
      Case{set, borders, options, calibrated, target}.run(others, row, shares);
    }
    const std::lock_guard lock{adding};
    add(row, out[task.row]);
    left[task.row].insert(left[task.row].end(), shares.begin(), shares.end());
    ++done;
    if (progress) progress(done, tasks.size());
  });
  for (std::size_t r = 0; r < rows.size(); ++r) {
    auto& shares = left[r];
    std::sort(shares.begin(), shares.end());
    if (!shares.empty()) out[r].left_median = shares[shares.size() / 2];
  }
  return out;
}

void write_would_resolve(std::ostream& out, OutputFormat format, const std::string& set,
                         const std::vector<WouldResolveRow>& rows) {
  const std::vector<Column> columns{{"set", "SET", ""},
                                    {"anchors", "ANCHORS", ""},
                                    {"cases", "CASES", "", true},
                                    {"unresolved", "UNRESOLVED", "", true},
                                    {"asked", "ASKED", "", true},
                                    {"named", "NAMED", "", true},
                                    {"resolved", "RESOLVED", "", true},
                                    {"narrowed", "NARROWED", "", true},
                                    {"unchanged", "UNCHANGED", "", true},
                                    {"helped_pct", "HELPED %", "", true},
                                    {"first_helped_pct", "FIRST ALONE %", "", true},
                                    {"area_left_median_pct", "AREA LEFT %", "", true}};
  RecordWriter writer{out, format, columns, false};
  const auto percent = [](double share) { return std::round(share * 1e4) / 1e2; };
  for (const WouldResolveRow& row : rows) {
    const Json record = {{"set", set},
                         {"anchors", row.anchors},
                         {"cases", row.cases},
                         {"unresolved", row.unresolved},
                         {"asked", row.asked},
                         {"named", row.named},
                         {"resolved", row.resolved},
                         {"narrowed", row.narrowed},
                         {"unchanged", row.unchanged},
                         {"helped_pct", percent(row.helped())},
                         {"first_helped_pct", percent(row.first_helped())},
                         {"area_left_median_pct", percent(row.left_median)}};
    std::vector<Cell> cells;
    for (const Column& column : columns) {
      const Json& value = record[column.name];
      cells.push_back({value.is_string() ? value.get<std::string>() : value.dump()});
    }
    writer.add(cells, record);
  }
  writer.finish("no rows");
}

}  // namespace chiploc
