#include "server/eval/rtt_folder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "server/registry/fields.hpp"
#include "server/registry/rows.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 5> kNodeColumns{"id", "name", "lat", "lon", "country_iso2"};
constexpr std::array<std::string_view, 3> kRttColumns{"src", "dst", "min_ms"};
constexpr std::array<std::string_view, 3> kSubsetColumns{"label", "draw", "anchor_id"};
constexpr double kDrawMax = 1e6;

class SetReader {
 public:
  SetReader(const Borders& borders, const RttLimits& limits)
      : limits_{limits},
        budget_{limits.rows, limits.rows, limits.field_bytes, "in one folder; leave some nodes out"},
        borders_{borders} {}

  void read_nodes(const std::string& text, const std::string& file, bool faulty) {
    FaultLog faults{file, limits_.faults};
    read_csv(
        text, kNodeColumns, budget_, faults, [&](const Row& row) { add_node(row, faulty, faults); },
        OtherColumns::kIgnore);
    if (!faulty && faults.total() == 0 && set_.nodes.size() < 2) {
      faults.add(0, "", "names fewer than two nodes; there is nothing to measure");
    }
    finish(faults);
  }

  /// Once all nodes are known.
  void make_table() {
    set_.min_ms.assign(set_.nodes.size() * set_.nodes.size(), std::numeric_limits<double>::quiet_NaN());
  }

  void read_rtt(const std::string& text, const std::string& file) {
    FaultLog faults{file, limits_.faults};
    read_csv(
        text, kRttColumns, budget_, faults, [&](const Row& row) { add_rtt(row, faults); },
        OtherColumns::kIgnore);
    finish(faults);
  }

  void read_subsets(const std::string& text) {
    FaultLog faults{"subsets.csv", limits_.faults};
    read_csv(
        text, kSubsetColumns, budget_, faults, [&](const Row& row) { add_anchor(row, faults); },
        OtherColumns::kIgnore);
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

  void add_node(const Row& row, bool faulty, FaultLog& faults) {
    const auto& cells = row.cells;
    const auto id = accept(parse_name(cells[0].text), cells[0], "id", faults);
    const auto name = accept(parse_text(cells[1].text), cells[1], "name", faults);
    const auto lat = accept(parse_number(cells[2].text, -90.0, 90.0), cells[2], "lat", faults);
    const auto lon = accept(parse_number(cells[3].text, -180.0, 180.0), cells[3], "lon", faults);
    const KnownCountry known = [this](CountryCode code) { return borders_.knows(code); };
    const auto country = accept(parse_country(cells[4].text, known), cells[4], "country_iso2", faults);
    if (!id || !name || !lat || !lon || !country) return;
    if (set_.nodes.size() == limits_.nodes) {
      if (!full_)
        faults.add(row.line, "", "more than " + std::to_string(limits_.nodes) + " nodes; leave some out");
      full_ = true;
      return;
    }
    if (!numbers_.emplace(*id, set_.nodes.size()).second) {
      faults.add(cells[0].line, "id", shown(*id) + " stands twice; keep one of the rows");
      return;
    }
    const auto place = LatLon::from_degrees({.lat = *lat, .lon = *lon});
    set_.nodes.push_back({*id, *name, place.value(), *country, faulty});
  }

  std::optional<std::size_t> node(const RowCell& cell, std::string_view column, FaultLog& faults) {
    const auto found = numbers_.find(cell.text);
    if (found != numbers_.end()) return found->second;
    faults.add(cell.line, column,
               shown(cell.text) + " is no node of this folder; add it to nodes.csv or drop the row");
    return std::nullopt;
  }

  void add_rtt(const Row& row, FaultLog& faults) {
    const auto& cells = row.cells;
    const auto source = node(cells[0], "src", faults);
    const auto destination = node(cells[1], "dst", faults);
    const auto rtt = accept(parse_number(cells[2].text, 0.0, kRttMaxMs), cells[2], "min_ms", faults);
    if (!source || !destination || !rtt) return;
    if (*source == *destination) {
      faults.add(row.line, "dst", "is the source itself; drop the row");
      return;
    }
    double& place = set_.min_ms[*source * set_.nodes.size() + *destination];
    if (!std::isnan(place)) {
      faults.add(row.line, "",
                 "this pair stands twice in this direction; keep the row with the smaller min_ms");
      return;
    }
    place = *rtt;
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
    for (const ImportFault& fault : kept) {
      lines_.push_back(fault.file + ":" + std::to_string(std::max(1U, fault.line)) + ": " +
                       (fault.field.empty() ? "" : fault.field + ": ") + fault.problem);
    }
    if (total > kept.size()) {
      lines_.push_back(kept.front().file + ":" + std::to_string(std::max(1U, kept.back().line)) + ": and " +
                       std::to_string(total - kept.size()) + " more faults in this file");
    }
  }

  const RttLimits& limits_;
  RowBudget budget_;
  const Borders& borders_;
  RttSet set_;
  std::unordered_map<std::string, std::size_t> numbers_;  // looked up, never walked
  std::map<std::pair<std::string, unsigned>, std::size_t> draws_;
  std::set<std::pair<std::size_t, std::size_t>> drawn_;  // draw, anchor
  std::vector<std::string> lines_;
  bool full_ = false;
};

Result<std::string, FolderFault> read_whole(const std::filesystem::path& file, const RttLimits& limits) {
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  const auto size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0 || !std::filesystem::is_regular_file(file)) {
    return Fail{
        FolderFault{EvalExit::kNotFound,
                    {file.string() + ": cannot be read; the folder has to hold it (server/eval/README.md)"}}};
  }
  if (static_cast<std::size_t>(size) > limits.file_bytes) {
    return Fail{FolderFault{EvalExit::kBadData,
                            {file.string() + ":1: has more than " + std::to_string(limits.file_bytes >> 20U) +
                             " MB; split the set"}}};
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  in.read(text.data(), size);
  if (!in) return Fail{FolderFault{EvalExit::kNotFound, {file.string() + ": cannot be read to its end"}}};
  return text;
}

}  // namespace

Result<RttSet, std::vector<std::string>> parse_rtt_files(const RttFiles& files, std::string name,
                                                         const Borders& borders, const RttLimits& limits) {
  SetReader reader{borders, limits};
  reader.read_nodes(files.nodes, "nodes.csv", false);
  if (files.faulty_nodes) reader.read_nodes(*files.faulty_nodes, "faulty_nodes.csv", true);
  if (!reader.good()) return reader.take({});  // every row of the others would only repeat it
  reader.make_table();
  reader.read_rtt(files.rtt, "rtt.csv");
  if (files.faulty_rtt) reader.read_rtt(*files.faulty_rtt, "faulty_rtt.csv");
  if (files.subsets) reader.read_subsets(*files.subsets);
  return reader.take(std::move(name));
}

Result<RttSet, FolderFault> load_rtt_folder(const std::filesystem::path& folder, bool with_faulty,
                                            const Borders& borders, const RttLimits& limits) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Fail{FolderFault{EvalExit::kNotFound, {folder.string() + ": no such folder"}}};
  }
  RttFiles files;
  auto nodes = read_whole(folder / "nodes.csv", limits);
  if (!nodes) return Fail{nodes.error()};
  files.nodes = std::move(nodes).value();
  auto rtt = read_whole(folder / "rtt.csv", limits);
  if (!rtt) return Fail{rtt.error()};
  files.rtt = std::move(rtt).value();
  const auto read_more = [&](const char* file,
                             std::optional<std::string>& into) -> std::optional<FolderFault> {
    auto text = read_whole(folder / file, limits);
    if (!text) return text.error();
    into = std::move(text).value();
    return std::nullopt;
  };
  if (std::filesystem::exists(folder / "subsets.csv", ignored)) {
    if (const auto fault = read_more("subsets.csv", files.subsets)) return Fail{*fault};
  }
  if (with_faulty) {
    if (const auto fault = read_more("faulty_nodes.csv", files.faulty_nodes)) return Fail{*fault};
    if (const auto fault = read_more("faulty_rtt.csv", files.faulty_rtt)) return Fail{*fault};
  }
  std::filesystem::path named = std::filesystem::absolute(folder, ignored).lexically_normal();
  if (!named.has_filename()) named = named.parent_path();  // "folder/"
  auto set = parse_rtt_files(files, named.filename().string(), borders, limits);
  if (set) return std::move(set).value();
  FolderFault fault{EvalExit::kBadData, {}};
  for (const std::string& line : set.error()) fault.lines.push_back((folder / line).string());
  return Fail{std::move(fault)};
}

}  // namespace chiploc
