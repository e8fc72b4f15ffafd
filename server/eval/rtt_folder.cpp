#include "server/eval/rtt_folder.hpp"

#include <algorithm>

#include "server/eval/rtt_set_reader.hpp"

namespace chiploc {

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

SetReader::SetReader(const Borders& borders, const RttReading& reading, const RttLimits& limits)
    : reading_{reading},
      limits_{limits},
      budget_{limits.rows, limits.rows, limits.field_bytes, "in one folder; leave some nodes out"},
      borders_{borders} {}

Result<RttSet, std::vector<std::string>> SetReader::take(std::string name) {
  if (!good()) return Fail{std::move(lines_)};
  set_.name = std::move(name);
  return std::move(set_);
}

void SetReader::finish(FaultLog& faults) {
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
