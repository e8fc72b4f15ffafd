// Round trips, and the draws of anchors.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "server/eval/rtt_set_reader.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 3> kSubsetColumns{"label", "draw", "anchor_id"};
constexpr double kDrawMax = 1e6;

std::string column_for(RttStatistic statistic, const std::vector<std::string>& names) {
  static constexpr std::array<std::string_view, 2> kMeans{"avg_ms", "mean_ms"};
  if (statistic == RttStatistic::kMean) {
    for (const std::string_view name : kMeans) {
      if (has(names, name)) return std::string{name};
    }
  }
  if (statistic == RttStatistic::kMedian && has(names, "median_ms")) return "median_ms";
  return "min_ms";
}

}  // namespace

void SetReader::make_table() {
  set_.has_roles = std::any_of(set_.nodes.begin(), set_.nodes.end(),
                               [](const EvalNode& node) { return node.role != NodeRole::kBoth; });
  set_.min_ms.assign(set_.nodes.size() * set_.nodes.size(), std::numeric_limits<double>::quiet_NaN());
}

void SetReader::read_rtt(const RttFiles& files) {
  FileFaults faults{"rtt.csv", limits_.faults};
  FileFaults of_faulty{"faulty_rtt.csv", limits_.faults};
  read_rows(files.rtt, false, faults.rows);
  if (files.faulty_rtt) read_rows(*files.faulty_rtt, true, of_faulty.rows);
  const RttFaults both{faults, of_faulty};
  set_.statistic = reading_.statistic;
  set_.resolution_ms = reading_.resolution_ms.value_or(0.0);
  set_.added_ms = reading_.added_ms();
  if (!reading_.believed_all) {
    check_light(set_, rows_, reading_, both);
    const double step = check_resolution(set_, rows_, reading_, both);
    check_placeholders(set_, rows_, reading_, step, both);
    check_columns(set_, rows_, reading_, step, both);
  }
  for (FileFaults* file : {&faults, &of_faulty}) {
    finish(file->about_all);
    finish(file->rows);
  }
}

void SetReader::read_subsets(const std::string& text) {
  FaultLog faults{"subsets.csv", limits_.faults};
  read_csv(
      text, kSubsetColumns, budget_, faults, [&](const Row& row) { add_anchor(row, faults); },
      OtherColumns::kIgnore);
  if (targets_drawn_ > 0) {
    set_.notes.push_back(
        "subsets.csv: " + std::to_string(targets_drawn_) +
        " of its rows name targets of --targets, which measure nobody; their draws go without");
  }
  finish(faults);
}

void SetReader::read_rows(const std::string& text, bool faulty, FaultLog& faults) {
  const std::vector<std::string> names = header_of(text);
  const std::string column = column_for(reading_.statistic, names);
  if (column == "min_ms" && !has(names, column) && (has(names, "avg_ms") || has(names, "median_ms"))) {
    faults.add(1, column,
               "is missing; to read avg_ms give --statistic mean, to read median_ms --statistic median");
    return;
  }
  if (!faulty) set_.column = column;
  if (faulty && column != set_.column) {
    faults.add(1, column,
               "is read here and " + set_.column + " in rtt.csv; give both files the same columns");
    return;
  }
  const std::array<std::string_view, 3> columns{"src", "dst", column};
  read_csv(
      text, columns, budget_, faults, [&](const Row& row) { add_rtt(row, faulty, faults); },
      OtherColumns::kIgnore);
}

std::optional<std::size_t> SetReader::node(const Row& row, std::string_view column, FaultLog& faults) {
  const RowCell& cell = row[column];
  const auto found = numbers_.find(cell.text);
  if (found != numbers_.end()) return found->second;
  faults.add(cell.line, column,
             shown(cell.text) +
                 " is no node of this folder; add it to nodes.csv (a target: with role target, or in a file "
                 "for --targets), or drop the row");
  return std::nullopt;
}

std::optional<double> SetReader::round_trip(const RowCell& cell, FaultLog& faults) {
  const auto any =
      parse_number(cell.text, -std::numeric_limits<double>::max(), std::numeric_limits<double>::max());
  const double least = reading_.added_ms() > 0.0 ? 0.0 : kRttMinMs;
  const char* const drop = "drop the row if nothing came back";
  std::string problem;
  if (!any) {
    problem = parse_number(cell.text, least, kRttMaxMs).error() + "; " + drop;
  } else if (*any < 0.0) {
    problem = shown(cell.text) + " is negative, and no round trip is; " + drop;
  } else if (*any == 0.0 && least > 0.0) {
    problem = std::string{"0 is no round trip; "} + drop +
              ", or give --resolution-ms R if a shorter one was rounded";
  } else if (*any < least) {
    problem = shown(cell.text) + " is less than a microsecond, and no round trip is; " + drop +
              ", or write milliseconds";
  } else if (*any > kRttMaxMs) {
    problem = shown(cell.text) + " is longer than a minute (60000 ms), and nobody waits so long; " + drop +
              ", or write milliseconds";
  } else {
    return *any;
  }
  faults.add(cell.line, set_.column, std::move(problem));
  return std::nullopt;
}

void SetReader::add_rtt(const Row& row, bool faulty, FaultLog& faults) {
  ++set_.rows;
  const auto source = node(row, "src", faults);
  const auto destination = node(row, "dst", faults);
  if (!source || !destination) {
    static_cast<void>(round_trip(row[set_.column], faults));
    return;
  }
  if (*source == *destination) {
    ++set_.self_rows;
    return;
  }
  const auto rtt = round_trip(row[set_.column], faults);
  if (!rtt) return;
  double& place = set_.min_ms[*source * set_.nodes.size() + *destination];
  if (!std::isnan(place)) {
    faults.add(row.line, "",
               "this pair stands twice in this direction; keep the row with the smaller " + set_.column);
    return;
  }
  place = *rtt + reading_.added_ms();
  rows_.push_back({row.line, faulty, *source, *destination, *rtt});
}

void SetReader::add_anchor(const Row& row, FaultLog& faults) {
  auto label = accept(parse_name(row["label"].text), row, "label", faults);
  const auto number = accept(parse_number(row["draw"].text, 0.0, kDrawMax), row, "draw", faults);
  const auto anchor = node(row, "anchor_id", faults);
  if (!label || !number || !anchor) return;
  if (*label == "all" || *label == "all-100km") {
    faults.add(row["label"].line, "label", shown(*label) + " has a meaning of its own; choose another label");
    return;
  }
  if (*number != std::floor(*number)) {
    faults.add(row["draw"].line, "draw", shown(row["draw"].text) + " is not a whole number");
    return;
  }
  const auto draw = static_cast<unsigned>(*number);
  const auto [at, fresh] = draws_.emplace(std::pair{*label, draw}, set_.draws.size());
  if (fresh) set_.draws.push_back({std::move(*label), draw, {}});
  const NodeRole role = set_.nodes[*anchor].role;
  const bool stated = reading_.targets ? stated_targets_.count(*anchor) > 0 : role == NodeRole::kTarget;
  if (stated) {
    faults.add(row["anchor_id"].line, "anchor_id",
               shown(row["anchor_id"].text) +
                   " has role target in nodes.csv, and targets measure nobody; drop "
                   "the row, or make the role both");
    return;
  }
  if (role == NodeRole::kTarget) ++targets_drawn_;
  auto& anchors = set_.draws[at->second].anchors;
  if (!drawn_.emplace(at->second, *anchor).second) {
    faults.add(row["anchor_id"].line, "anchor_id",
               shown(row["anchor_id"].text) + " stands twice in this draw; keep one");
    return;
  }
  anchors.push_back(*anchor);
}

}  // namespace chiploc
