#include "server/eval/usage.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "proto/base/joined.hpp"
#include "server/eval/rtt_check.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kNodesShown = 5;
constexpr char kAnchor = 1;
constexpr char kTarget = 2;

/// Per group and node what the node is in it.
std::vector<std::vector<char>> parts_of(const RttSet& set, std::span<const CaseRow> rows) {
  std::vector<std::vector<char>> parts;
  for (const CaseRow& row : rows) {
    for (const CaseGroup& group : row.groups) {
      if (group.targets.empty()) continue;
      auto& part = parts.emplace_back(set.nodes.size());
      for (const std::size_t node : group.anchors) part[node] = kAnchor;
      for (const std::size_t node : group.targets) part[node] = kTarget;
    }
  }
  return parts;
}

bool used(const std::vector<std::vector<char>>& parts, std::size_t source, std::size_t destination) {
  return std::any_of(parts.begin(), parts.end(), [&](const std::vector<char>& part) {
    return part[source] == kAnchor && part[destination] != 0;
  });
}

std::string list_of(const RttSet& set, const std::vector<std::size_t>& nodes) {
  const auto shown = std::span{nodes}.first(std::min(nodes.size(), kNodesShown));
  return joined(shown, ", ", [&](std::size_t node) { return label_of(set.nodes[node]); }) +
         (nodes.size() > kNodesShown ? ", .." : "");
}

const char* why_unused(const EvalNode& node, bool measured, bool serves) {
  if (node.doubt == NodeDoubt::kPlace) return "left out for their place";
  if (node.doubt == NodeDoubt::kLabel) return "left out for their label";
  if (node.role == NodeRole::kNeither) return "not in --targets";
  if (!measured) return "without a round trip";
  if (!serves) return "with round trips to fewer than half of the others";
  return node.role == NodeRole::kTarget ? "that no anchor measured" : "that measured no target";
}

/// Nodes that no row of the files has as its source, though others measure them.
std::vector<std::size_t> without_source(const RttSet& set) {
  const std::size_t n = set.nodes.size();
  std::vector<std::size_t> out;
  for (std::size_t a = 0; a < n; ++a) {
    bool from = false, to = false;
    for (std::size_t b = 0; b < n && !from; ++b) {
      from = !std::isnan(set.rtt_ms(a, b));
      to = to || !std::isnan(set.rtt_ms(b, a));
    }
    if (!from && to && set.nodes[a].role == NodeRole::kBoth) out.push_back(a);
  }
  return out;
}

bool target_in(const std::vector<std::vector<char>>& parts, std::size_t node) {
  return std::any_of(parts.begin(), parts.end(),
                     [node](const std::vector<char>& part) { return part[node] == kTarget; });
}

}  // namespace

std::string describe_usage(const RttSet& set, std::span<const CaseRow> rows) {
  const std::size_t n = set.nodes.size();
  const auto parts = parts_of(set, rows);
  const std::vector<std::size_t> serving = serving_nodes(set);
  std::vector<char> seen(n), measured(n);
  std::size_t rows_used = 0;
  std::size_t rows_read = 0;
  std::map<std::string, std::size_t> why_rows;
  std::vector<std::pair<std::size_t, std::size_t>> unused;
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      if (std::isnan(set.rtt_ms(a, b))) continue;
      ++rows_read;
      measured[a] = 1;
      measured[b] = 1;
      if (used(parts, a, b)) {
        ++rows_used;
        seen[a] = 1;
        seen[b] = 1;
      } else {
        unused.emplace_back(a, b);
      }
    }
  }
  for (const auto& [a, b] : unused) ++why_rows[seen[a] && seen[b] ? "not from an anchor" : "of unused nodes"];
  if (set.self_rows > 0) why_rows["of a node to itself"] = set.self_rows;

  std::map<std::string, std::vector<std::size_t>> why_nodes;
  for (std::size_t a = 0; a < n; ++a) {
    if (seen[a]) continue;
    const bool serves = std::binary_search(serving.begin(), serving.end(), a);
    why_nodes[why_unused(set.nodes[a], measured[a] != 0, serves)].push_back(a);
  }
  std::size_t nodes_used = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 1));
  std::string text = "uses " + std::to_string(nodes_used) + " of " + std::to_string(n) + " nodes and " +
                     std::to_string(rows_used) + " of " + std::to_string(rows_read + set.self_rows) + " rows";
  const char* before = "; unused nodes: ";
  for (const auto& [why, nodes] : why_nodes) {
    text += before + std::to_string(nodes.size()) + ' ' + why + " (" + list_of(set, nodes) + ')';
    before = ", ";
  }
  before = "; unused rows: ";
  for (const auto& [why, count] : why_rows) {
    text += before + std::to_string(count) + ' ' + why;
    before = ", ";
  }
  std::vector<std::size_t> targets, none;
  for (const std::size_t node : without_source(set))
    (target_in(parts, node) ? targets : none).push_back(node);
  for (const auto& [nodes, what] : {std::pair{&targets, "targets only"}, std::pair{&none, "in no case"}}) {
    if (!nodes->empty())
      text += std::string{"; measuring nobody, "} + what + ": " + std::to_string(nodes->size()) + " (" +
              list_of(set, *nodes) + ')';
  }
  return text;
}

std::string no_cases(const RttSet& set, std::span<const CaseRow> rows, bool asked) {
  std::vector<std::string> without;
  for (const CaseRow& row : rows) {
    if (row.cases() == 0) without.push_back(row.anchors);
  }
  const std::string empty = joined(without, ", ");
  const bool some = without.size() < rows.size();
  if (empty.empty() || (some && !asked)) return {};
  std::string text =
      "--anchors " + empty + ": 0 cases, nothing to compute; " + describe_usage(set, rows) + ". ";
  if (std::any_of(set.nodes.begin(), set.nodes.end(),
                  [](const EvalNode& node) { return node.doubt != NodeDoubt::kNone; }))
    return text + "Correct the places and labels that the others contradict";
  if (set.has_roles) return text + "A case needs a round trip from an anchor to a target; look at the roles";
  return text +
         "If some nodes are measured and measure nobody, say so: a column role in nodes.csv (anchor, target "
         "or both), or --targets FILE with their ids";
}

std::string lost_targets(const RttSet& set, std::span<const CaseRow> rows) {
  const std::size_t n = set.nodes.size();
  const auto parts = parts_of(set, rows);
  std::vector<char> source(n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n && source[a] == 0; ++b) source[a] = std::isnan(set.rtt_ms(a, b)) ? 0 : 1;
  }
  const std::size_t sources = static_cast<std::size_t>(std::count(source.begin(), source.end(), 1));
  const std::vector<std::size_t> serving = serving_nodes(set);
  std::vector<std::size_t> lost;
  for (const std::size_t node : without_source(set)) {
    if (set.nodes[node].faulty || set.nodes[node].doubt != NodeDoubt::kNone || target_in(parts, node) ||
        std::binary_search(serving.begin(), serving.end(), node))
      continue;
    std::size_t by = 0;
    for (std::size_t a = 0; a < n; ++a) by += std::isnan(set.rtt_ms(a, node)) ? 0U : 1U;
    if (2 * by >= sources) lost.push_back(node);
  }
  if (lost.empty()) return {};
  return std::to_string(lost.size()) + " nodes (" + list_of(set, lost) +
         ") are measured by half or more of the " + std::to_string(sources) +
         " that measure, measure nobody, and would be in no case, because fewer than " +
         "half of all nodes have a round trip with them. If they are targets, say so: a column role in "
         "nodes.csv (anchor, target or both), or --targets FILE with their ids; if they are not, drop them "
         "from nodes.csv and rtt.csv";
}

}  // namespace chiploc
