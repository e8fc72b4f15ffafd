#include "server/eval/others_set.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include "proto/base/joined.hpp"
#include "server/eval/others_places.hpp"
#include "server/tables/shown.hpp"
#include "server/text/records.hpp"

namespace chiploc {
namespace {

using Faults = std::vector<std::string>;

std::string line_of(const RowFault& fault) {
  return fault.file + ":" + std::to_string(std::max(1U, fault.line)) + ": " +
         (fault.field.empty() ? "" : fault.field + ": ") + fault.problem;
}

void take_faults(FaultLog& log, Faults& into) {
  const std::uint32_t total = log.total();
  const auto kept = log.take();
  for (const RowFault& fault : kept) into.push_back(line_of(fault));
  if (total > kept.size())
    into.push_back(kept.front().file + ":" + std::to_string(std::max(1U, kept.back().line)) + ": and " +
                   std::to_string(total - kept.size()) + " more faults in this file");
}

std::string names_of(const std::vector<OthersFormat>& formats) {
  return joined(formats, ", ", [](OthersFormat format) { return std::string{name_of(format)}; });
}

/// The one format of all files, or why there is none.
Result<OthersFormat, Faults> format_of(const OthersInput& input) {
  if (input.format) {
    if (*input.format == OthersFormat::kTable && !input.columns)
      return Fail{
          Faults{"--format table needs --columns source,target,rtt: names or numbers of its columns"}};
    if (*input.format != OthersFormat::kTable && input.columns)
      return Fail{Faults{"--columns is for tables, and --format says " + std::string{name_of(*input.format)} +
                         "; leave one of them out"}};
    return *input.format;
  }
  if (input.columns) return OthersFormat::kTable;
  Faults faults;
  std::optional<OthersFormat> all;
  for (const OthersFile& file : input.files) {
    const auto formats = formats_of(file.text);
    const std::string known = "matrix, table, ping, fping, atlas";
    if (formats.empty()) {
      faults.push_back(file.name + ":1: looks like none of " + known + "; say which with --format");
    } else if (formats == std::vector{OthersFormat::kTable}) {
      faults.push_back(file.name +
                       ":1: looks like a table; say which columns hold source, target and milliseconds with "
                       "--columns source,target,rtt (names or numbers)");
    } else if (formats.size() > 1) {
      faults.push_back(file.name + ":1: may be any of " + names_of(formats) + "; say which with --format");
    } else if (all && *all != formats.front()) {
      faults.push_back(file.name + ":1: is " + std::string{name_of(formats.front())} + ", and " +
                       input.files.front().name + " is " + std::string{name_of(*all)} +
                       "; read each by itself, or say what both are with --format");
    } else {
      all = formats.front();
    }
  }
  if (!faults.empty()) return Fail{std::move(faults)};
  return *all;
}

class SetMaker {
 public:
  SetMaker(const OthersInput& input, OthersFormat format, const RttLimits& limits)
      : input_{input}, limits_{limits}, book_{input.provider} {
    set_.format = format;
  }

  Result<OthersSet, Faults> make() {
    for (std::size_t i = 0; i < input_.files.size(); ++i) read(i);
    read_places();
    if (faults_.empty() && rows_.rows.empty()) {
      faults_.push_back(input_.files.front().name + ":1: holds no round trip: " + std::to_string(rows_.lost) +
                        " are missing or lost, " + std::to_string(rows_.self) + " of a node to itself");
    }
    if (!faults_.empty()) return Fail{std::move(faults_)};
    const auto ends = book_.resolve(rows_, set_.format == OthersFormat::kAtlas);
    if (!ends) return Fail{ends.error()};
    keep_rows(*ends);
    if (!faults_.empty()) return Fail{std::move(faults_)};
    write_nodes();
    tell();
    return std::move(set_);
  }

 private:
  void read(std::size_t number) {
    const OthersFile& file = input_.files[number];
    RowTaker to{file, number, limits_, rows_};
    switch (set_.format) {
      case OthersFormat::kMatrix:
        read_matrix(file, to);
        break;
      case OthersFormat::kTable:
        read_table(file, *input_.columns, to);
        break;
      case OthersFormat::kPing:
        read_ping(file, to);
        break;
      case OthersFormat::kFping:
        read_fping(file, to);
        break;
      case OthersFormat::kAtlas:
        read_atlas(file, to);
        break;
    }
    take_faults(to.faults(), faults_);
  }

  void read_places() {
    if (input_.nodes) {
      FaultLog log{input_.nodes->name, limits_.faults};
      book_.read_nodes(*input_.nodes, limits_, log);
      take_faults(log, faults_);
    }
    for (const OthersFile& file : input_.probes) {
      FaultLog log{file.name, limits_.faults};
      book_.read_probes(file, log);
      take_faults(log, faults_);
    }
  }

  [[nodiscard]] bool keeps_least() const {
    return set_.format == OthersFormat::kPing || set_.format == OthersFormat::kFping ||
           set_.format == OthersFormat::kAtlas || (set_.format == OthersFormat::kTable && input_.least);
  }

  /// One row a pair and direction.
  void keep_rows(const std::vector<std::pair<std::size_t, std::size_t>>& ends) {
    struct Kept {
      std::size_t row, source, target;
    };
    std::vector<Kept> kept;
    std::unordered_map<std::uint64_t, std::size_t> at;  // looked up, never walked
    std::vector<FaultLog> logs;
    for (const OthersFile& file : input_.files) logs.emplace_back(file.name, limits_.faults);
    const std::uint64_t nodes = book_.nodes().size();
    roles_.assign(book_.nodes().size(), {});
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto& [source, target] = ends[i];
      const MeasuredRow& row = rows_.rows[i];
      if (source == target) {
        ++rows_.self;
        continue;
      }
      roles_[source].first = roles_[target].second = true;
      const auto [known, fresh] = at.emplace(source * nodes + target, kept.size());
      if (fresh) {
        kept.push_back({i, source, target});
        continue;
      }
      std::size_t& first = kept[known->second].row;
      if (keeps_least()) {
        ++repeated_;
        if (row.ms < rows_.rows[first].ms) first = i;
        continue;
      }
      const MeasuredRow& before = rows_.rows[first];
      logs[row.file].add(row.line, "",
                         shown(row.source) + " to " + shown(row.target) + " stands in " +
                             input_.files[before.file].name + ":" + std::to_string(before.line) + " too; " +
                             (set_.format == OthersFormat::kTable
                                  ? "if they are round trips of one pair, give --least; otherwise keep one"
                                  : "keep one"));
    }
    for (FaultLog& log : logs) take_faults(log, faults_);
    set_.files.rtt = "src,dst,min_ms\n";
    for (const Kept& one : kept) {
      const MeasuredRow& row = rows_.rows[one.row];
      set_.files.rtt += csv_field(book_.nodes()[one.source].id) + "," +
                        csv_field(book_.nodes()[one.target].id) + "," + exact_number(row.ms) + "\n";
      set_.rtt_lines.emplace_back(row.file, row.line);
    }
    for (const OthersFile& file : input_.files) set_.names.push_back(file.name);
  }

  void write_nodes() {
    const auto& nodes = book_.nodes();
    const auto any = [&](auto what) { return std::any_of(nodes.begin(), nodes.end(), what); };
    const bool stated = any([](const PlacedNode& node) { return !node.role.empty(); });
    const bool shown_roles = std::any_of(roles_.begin(), roles_.end(),
                                         [](const auto& role) { return !role.first || !role.second; });
    const bool uncertain = any([](const PlacedNode& node) { return !node.uncertainty_km.empty(); });
    std::string& text = set_.files.nodes;
    text = "id,name,lat,lon,country_iso2";
    text += stated || shown_roles ? ",role" : "";
    text += uncertain ? ",uncertainty_km\n" : "\n";
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const PlacedNode& node = nodes[i];
      text += csv_field(node.id);
      for (const std::string& cell : {node.name, node.lat, node.lon, node.country})
        text += "," + csv_field(cell);
      if (stated || shown_roles) {
        const auto& [source, target] = roles_[i];
        text += "," + (stated             ? csv_field(node.role)
                       : source && target ? "both"
                       : source           ? "anchor"
                                          : "target");
      }
      text += uncertain ? "," + csv_field(node.uncertainty_km) + "\n" : "\n";
      const auto [at, fresh] = known.emplace(node.origin, set_.names.size());
      if (fresh) set_.names.push_back(node.origin);
      set_.node_lines.emplace_back(at->second, node.line);
    }
  }

  void tell() {
    std::string text = "read as " + std::string{name_of(set_.format)} + ": " +
                       std::to_string(set_.rtt_lines.size()) + " round trips between " +
                       std::to_string(book_.nodes().size()) + " nodes";
    const auto add = [&](std::size_t count, const char* what) {
      if (count > 0) text += "; " + std::to_string(count) + " " + what;
    };
    add(rows_.lost, "missing or lost");
    add(rows_.self, "of a node to itself");
    add(repeated_, "more of the same pairs, of which the least was taken");
    add(book_.unnamed(), "nodes of --nodes that no row names");
    set_.notes.push_back(std::move(text));
    if (!rows_.cut_by_fping) return;
    const MeasuredRow& row = *rows_.cut_by_fping;
    set_.cut_by_fping =
        input_.files[row.file].name + ":" + std::to_string(row.line) + ": " + shown(row.target) + ": " +
        exact_number(row.ms) +
        " ms is rounded: fping prints three digits, so from 100 ms on whole milliseconds, and "
        "half of one is 75 km; give --resolution-ms 1, or 0 if they are exact";
  }

  const OthersInput& input_;
  const RttLimits& limits_;
  PlaceBook book_;
  OthersRows rows_;
  OthersSet set_;
  Faults faults_;
  std::vector<std::pair<bool, bool>> roles_;  // measures, is measured
  std::size_t repeated_ = 0;
};

}  // namespace

Result<OthersSet, std::vector<std::string>> read_others(const OthersInput& input, const RttLimits& limits) {
  const auto format = format_of(input);
  if (!format) return Fail{format.error()};
  return SetMaker{input, *format, limits}.make();
}

std::vector<std::string> in_their_lines(const OthersSet& set, std::vector<std::string> faults) {
  for (std::string& fault : faults) {
    for (const auto& [head, lines] : {std::pair{std::string_view{"nodes.csv:"}, &set.node_lines},
                                      std::pair{std::string_view{"rtt.csv:"}, &set.rtt_lines}}) {
      if (!fault.starts_with(head)) continue;
      std::size_t line = 0;
      const char* const last = fault.data() + fault.size();
      const auto [end, error] = std::from_chars(fault.data() + head.size(), last, line);
      if (error != std::errc{} || line < 2 || line - 2 >= lines->size()) break;
      const auto& [name, number] = (*lines)[line - 2];
      const std::string rest{end, last};
      fault = set.names[name] + (number > 0 ? ":" + std::to_string(number) : "") + rest;
      break;
    }
  }
  return faults;
}

}  // namespace chiploc
