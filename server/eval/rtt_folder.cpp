#include "server/eval/rtt_folder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_grid.hpp"
#include "server/registry/fields.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 5> kNodeColumns{"id", "name", "lat", "lon", "country_iso2"};
constexpr std::array<std::string_view, 3> kSubsetColumns{"label", "draw", "anchor_id"};
constexpr double kDrawMax = 1e6;
constexpr double kSameDegrees = 1e-6;  // 0.1 m

/// The names in a file's first line, as far as they need no quoting.
std::vector<std::string> header_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = text.substr(0, text.find_first_of("\r\n"));
  std::vector<std::string> names{""};
  for (const char c : text) {
    if (c == ',') {
      names.emplace_back();
    } else if (c != '"' && c != ' ' && c != '\t') {
      names.back().push_back(c);
    }
  }
  return names;
}
bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

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

class SetReader {
 public:
  SetReader(const Borders& borders, const RttReading& reading, const RttLimits& limits)
      : reading_{reading},
        limits_{limits},
        budget_{limits.rows, limits.rows, limits.field_bytes, "in one folder; leave some nodes out"},
        borders_{borders} {}

  void read_nodes(const std::string& text, const std::string& file, bool faulty) {
    FaultLog faults{file, limits_.faults};
    std::vector<std::string_view> columns{kNodeColumns.begin(), kNodeColumns.end()};
    if (has(header_of(text), "role")) columns.emplace_back("role");
    read_csv(
        text, columns, budget_, faults, [&](const Row& row) { add_node(row, faulty, faults); },
        OtherColumns::kIgnore);
    if (!faulty && faults.total() == 0 && set_.nodes.size() < 2 && !reading_.targets) {
      faults.add(0, "", "names fewer than two nodes; there is nothing to measure");
    }
    finish(faults);
  }

  /// These, and only these, are targets.
  void read_targets(const std::string& text) {
    FaultLog faults{reading_.targets_file, limits_.faults};
    const std::vector<std::string> names = header_of(text);
    const bool placed = has(names, "lat") && has(names, "lon");
    std::vector<std::string_view> columns{"id"};
    if (placed) columns.assign(kNodeColumns.begin(), kNodeColumns.end());
    for (const std::string_view name : {"lat", "lon", "country_iso2"}) {
      if (!placed && has(names, name)) columns.push_back(name);
    }
    std::set<std::size_t> targets;
    const auto add = [&](const Row& row) {
      const RowCell& id = row.cells[0];
      if (const auto known = numbers_.find(id.text); known != numbers_.end()) {
        if (!targets.insert(known->second).second) {
          faults.add(id.line, "id", shown(id.text) + " stands twice; keep one of the rows");
        } else if (set_.nodes[known->second].role == NodeRole::kAnchor) {
          faults.add(
              id.line, "id",
              shown(id.text) + " has role anchor in nodes.csv; make that both or target, or drop the row");
        } else {
          same_node(row, columns, set_.nodes[known->second], faults);
        }
      } else if (!placed) {
        faults.add(id.line, "id",
                   shown(id.text) +
                       " is no node of nodes.csv, and without a place nothing measured of it is right "
                       "or wrong; add the columns name, lat, lon, country_iso2, or drop the row");
      } else if (const std::size_t number = set_.nodes.size(); add_node(row, false, faults)) {
        targets.insert(number);
      }
    };
    read_csv(text, columns, budget_, faults, add, OtherColumns::kIgnore);
    if (faults.total() == 0 && targets.empty())
      faults.add(0, "", "names no target; add one, or leave --targets out");
    if (faults.total() == 0 && set_.nodes.size() < 2)
      faults.add(0, "", "and nodes.csv name fewer than two nodes; there is nothing to measure");
    for (std::size_t i = 0; i < set_.nodes.size(); ++i) {
      NodeRole& role = set_.nodes[i].role;
      if (role == NodeRole::kTarget) stated_targets_.insert(i);
      role = targets.count(i) > 0        ? NodeRole::kTarget
             : role == NodeRole::kTarget ? NodeRole::kNeither
                                         : NodeRole::kAnchor;
    }
    finish(faults);
  }

  /// Once all nodes are known.
  void make_table() {
    set_.has_roles = std::any_of(set_.nodes.begin(), set_.nodes.end(),
                                 [](const EvalNode& node) { return node.role != NodeRole::kBoth; });
    set_.min_ms.assign(set_.nodes.size() * set_.nodes.size(), std::numeric_limits<double>::quiet_NaN());
  }

  void read_rtt(const RttFiles& files) {
    FileFaults faults{"rtt.csv", limits_.faults};
    FileFaults of_faulty{"faulty_rtt.csv", limits_.faults};
    read_rows(files.rtt, false, faults.rows);
    if (files.faulty_rtt) read_rows(*files.faulty_rtt, true, of_faulty.rows);
    const RttFaults both{faults, of_faulty};
    set_.statistic = reading_.statistic;
    set_.resolution_ms = reading_.resolution_ms.value_or(0.0);
    set_.added_ms = reading_.added_ms();
    check_light(set_, rows_, reading_, both);
    const double step = check_resolution(set_, rows_, reading_, both);
    check_placeholders(set_, rows_, reading_, step, both);
    check_columns(set_, rows_, reading_, step, both);
    for (FileFaults* file : {&faults, &of_faulty}) {
      finish(file->about_all);
      finish(file->rows);
    }
  }

  void read_subsets(const std::string& text) {
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

  [[nodiscard]] bool good() const { return lines_.empty(); }
  Result<RttSet, std::vector<std::string>> take(std::string name) {
    if (!good()) return Fail{std::move(lines_)};
    set_.name = std::move(name);
    return std::move(set_);
  }

 private:
  /// The checked value of a field; nullopt after saying what is wrong with it.
  template <class T>
  std::optional<T> accept(Field<T> field, const RowCell& cell, std::string_view column, FaultLog& faults) {
    if (field) return std::move(field).value();
    faults.add(cell.line, column, field.error());
    return std::nullopt;
  }

  /// What a file of targets states of a node that is known has to be what is known.
  void same_node(const Row& row, std::span<const std::string_view> columns, const EvalNode& node,
                 FaultLog& faults) {
    for (std::size_t i = 1; i < columns.size(); ++i) {
      const RowCell& cell = row.cells[i];
      if (cell.text.empty() || columns[i] == "name") continue;
      bool same = false;
      if (columns[i] == "country_iso2") {
        const KnownCountry known = [this](CountryCode code) { return borders_.knows(code); };
        const auto code = accept(parse_country(cell.text, known), cell, columns[i], faults);
        same = !code || *code == node.country;
      } else {
        const bool lat = columns[i] == "lat";
        const double most = lat ? 90.0 : 180.0;
        const auto degrees = accept(parse_number(cell.text, -most, most), cell, columns[i], faults);
        const double known = lat ? node.place.lat_deg() : node.place.lon_deg();
        same = !degrees || std::abs(std::remainder(*degrees - known, 360.0)) < kSameDegrees;
      }
      if (same) continue;
      const std::string stated =
          columns[i] == "country_iso2"
              ? std::string{node.country.view()}
              : short_number(columns[i] == "lat" ? node.place.lat_deg() : node.place.lon_deg());
      faults.add(cell.line, columns[i],
                 shown(cell.text) + ", but nodes.csv has " + stated + " for " + shown(node.id) +
                     "; make them the same, or leave the column out");
    }
  }

  /// What is read of a file of round trips: once, since both files have to mean the same.
  void read_rows(const std::string& text, bool faulty, FaultLog& faults) {
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

  std::optional<NodeRole> role_of(const Row& row, FaultLog& faults) {
    if (row.cells.size() <= kNodeColumns.size()) return NodeRole::kBoth;
    const RowCell& cell = row.cells[kNodeColumns.size()];
    if (cell.text.empty() || cell.text == "both") return NodeRole::kBoth;
    if (cell.text == "anchor") return NodeRole::kAnchor;
    if (cell.text == "target") return NodeRole::kTarget;
    faults.add(cell.line, "role",
               shown(cell.text) +
                   " is none of anchor, target and both; empty is both. If the column means "
                   "something else, call it something else");
    return std::nullopt;
  }

  bool add_node(const Row& row, bool faulty, FaultLog& faults) {
    const auto& cells = row.cells;
    const auto id = accept(parse_name(cells[0].text), cells[0], "id", faults);
    const auto name = accept(parse_text(cells[1].text), cells[1], "name", faults);
    const auto lat = accept(parse_number(cells[2].text, -90.0, 90.0), cells[2], "lat", faults);
    const auto lon = accept(parse_number(cells[3].text, -180.0, 180.0), cells[3], "lon", faults);
    const KnownCountry known = [this](CountryCode code) { return borders_.knows(code); };
    const auto country = accept(parse_country(cells[4].text, known), cells[4], "country_iso2", faults);
    const auto role = role_of(row, faults);
    if (!id || !name || !lat || !lon || !country || !role) return false;
    if (set_.nodes.size() == limits_.nodes) {
      if (!full_)
        faults.add(row.line, "", "more than " + std::to_string(limits_.nodes) + " nodes; leave some out");
      full_ = true;
      return false;
    }
    if (!numbers_.emplace(*id, set_.nodes.size()).second) {
      faults.add(cells[0].line, "id", shown(*id) + " stands twice; keep one of the rows");
      return false;
    }
    const auto place = LatLon::from_degrees({.lat = *lat, .lon = *lon});
    set_.nodes.push_back({*id, *name, place.value(), *country, faulty, *role});
    return true;
  }

  std::optional<std::size_t> node(const RowCell& cell, std::string_view column, FaultLog& faults) {
    const auto found = numbers_.find(cell.text);
    if (found != numbers_.end()) return found->second;
    faults.add(
        cell.line, column,
        shown(cell.text) +
            " is no node of this folder; add it to nodes.csv (a target: with role target, or in a file "
            "for --targets), or drop the row");
    return std::nullopt;
  }

  /// A number of milliseconds that can be a round trip's.
  std::optional<double> round_trip(const RowCell& cell, FaultLog& faults) {
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

  void add_rtt(const Row& row, bool faulty, FaultLog& faults) {
    const auto& cells = row.cells;
    ++set_.rows;
    const auto source = node(cells[0], "src", faults);
    const auto destination = node(cells[1], "dst", faults);
    if (!source || !destination) {
      static_cast<void>(round_trip(cells[2], faults));
      return;
    }
    if (*source == *destination) {
      ++set_.self_rows;
      return;
    }
    const auto rtt = round_trip(cells[2], faults);
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

  void add_anchor(const Row& row, FaultLog& faults) {
    const auto& cells = row.cells;
    auto label = accept(parse_name(cells[0].text), cells[0], "label", faults);
    const auto number = accept(parse_number(cells[1].text, 0.0, kDrawMax), cells[1], "draw", faults);
    const auto anchor = node(cells[2], "anchor_id", faults);
    if (!label || !number || !anchor) return;
    if (*label == "all" || *label == "all-100km") {
      faults.add(cells[0].line, "label", shown(*label) + " has a meaning of its own; choose another label");
      return;
    }
    if (*number != std::floor(*number)) {
      faults.add(cells[1].line, "draw", shown(cells[1].text) + " is not a whole number");
      return;
    }
    const auto draw = static_cast<unsigned>(*number);
    const auto [at, fresh] = draws_.emplace(std::pair{*label, draw}, set_.draws.size());
    if (fresh) set_.draws.push_back({std::move(*label), draw, {}});
    const NodeRole role = set_.nodes[*anchor].role;
    const bool stated = reading_.targets ? stated_targets_.count(*anchor) > 0 : role == NodeRole::kTarget;
    if (stated) {
      faults.add(cells[2].line, "anchor_id",
                 shown(cells[2].text) +
                     " has role target in nodes.csv, and targets measure nobody; drop "
                     "the row, or make the role both");
      return;
    }
    if (role == NodeRole::kTarget) ++targets_drawn_;
    auto& anchors = set_.draws[at->second].anchors;
    if (!drawn_.emplace(at->second, *anchor).second) {
      faults.add(cells[2].line, "anchor_id", shown(cells[2].text) + " stands twice in this draw; keep one");
      return;
    }
    anchors.push_back(*anchor);
  }

  void finish(FaultLog& faults) {
    const std::uint32_t total = faults.total();
    const auto kept = faults.take();
    for (const RowFault& fault : kept) {
      lines_.push_back(fault.file + ":" + std::to_string(std::max(1U, fault.line)) + ": " +
                       (fault.field.empty() ? "" : fault.field + ": ") + fault.problem);
    }
    if (total > kept.size()) {
      lines_.push_back(kept.front().file + ":" + std::to_string(std::max(1U, kept.back().line)) + ": and " +
                       std::to_string(total - kept.size()) + " more faults in this file");
    }
  }

  const RttReading& reading_;
  const RttLimits& limits_;
  RowBudget budget_;
  const Borders& borders_;
  RttSet set_;
  std::unordered_map<std::string, std::size_t> numbers_;  // looked up, never walked
  std::map<std::pair<std::string, unsigned>, std::size_t> draws_;
  std::set<std::pair<std::size_t, std::size_t>> drawn_;  // draw, anchor
  std::vector<RttRow> rows_;
  std::vector<std::string> lines_;
  std::set<std::size_t> stated_targets_;  // by nodes.csv, whatever --targets says
  std::size_t targets_drawn_ = 0;
  bool full_ = false;
};

}  // namespace

Result<RttSet, std::vector<std::string>> parse_rtt_files(const RttFiles& files, std::string name,
                                                         const Borders& borders, const RttReading& reading,
                                                         const RttLimits& limits) {
  SetReader reader{borders, reading, limits};
  reader.read_nodes(files.nodes, "nodes.csv", false);
  if (files.faulty_nodes) reader.read_nodes(*files.faulty_nodes, "faulty_nodes.csv", true);
  if (reader.good() && reading.targets) reader.read_targets(*reading.targets);
  if (!reader.good()) return reader.take({});  // every row of the others would only repeat it
  reader.make_table();
  reader.read_rtt(files);
  if (files.subsets) reader.read_subsets(*files.subsets);
  return reader.take(std::move(name));
}

}  // namespace chiploc
