#include "server/plan/folder_world.hpp"

#include <algorithm>
#include <map>

#include "geo/estimate/city_table.hpp"
#include "proto/base/joined.hpp"
#include "server/eval/cases.hpp"
#include "server/eval/dice.hpp"
#include "server/plan/place_lists.hpp"
#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

using Nodes = std::vector<std::size_t>;

bool is_prohibited(const FolderOptions& options, CountryCode code) {
  return std::find(options.prohibited.begin(), options.prohibited.end(), code) != options.prohibited.end();
}

Nodes nodes_that(const RttSet& set, const FolderOptions& options, NodeRole other_role) {
  Nodes out;
  for (const std::size_t number : serving_nodes(set)) {
    const EvalNode& node = set.nodes[number];
    if (node.faulty || node.doubt != NodeDoubt::kNone || is_prohibited(options, node.country)) continue;
    if (node.role == NodeRole::kBoth || node.role == other_role) out.push_back(number);
  }
  return out;
}

Result<Nodes, std::string> starting_nodes(const RttSet& set, const FolderOptions& options,
                                          const Nodes& anchors) {
  const bool is_number =
      !options.start.empty() && options.start.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) {
    const auto count = parse_number(options.start, 0.0, static_cast<double>(anchors.size()) - 1.0);
    if (!count)
      return Fail{"--start " + options.start + ": " + set.name + " has " + std::to_string(anchors.size()) +
                  " nodes for anchors, and one at least has to be left; name a smaller number"};
    Nodes shuffled = anchors;
    Dice dice{options.seed};
    for (std::size_t i = shuffled.size(); i > 1; --i)
      std::swap(shuffled[i - 1], shuffled[dice.below(static_cast<unsigned>(i))]);
    shuffled.resize(static_cast<std::size_t>(*count));
    std::sort(shuffled.begin(), shuffled.end());
    return shuffled;
  }
  std::vector<std::string> labels;
  for (const AnchorDraw& draw : set.draws) {
    if (draw.label == options.start && draw.draw == 0) {
      Nodes out;
      for (const std::size_t node : draw.anchors) {
        if (std::binary_search(anchors.begin(), anchors.end(), node)) out.push_back(node);
      }
      std::sort(out.begin(), out.end());
      return out;
    }
    if (draw.draw == 0) labels.push_back(draw.label);
  }
  return Fail{
      "--start " + options.start + ": neither a number nor a label of subsets.csv" +
      (labels.empty() ? std::string{"; the folder has none"} : "; use one of: " + joined(labels, ", "))};
}

}  // namespace

Result<FolderWorld, std::string> folder_world(const RttSet& set, const FolderOptions& options) {
  const Nodes anchors = nodes_that(set, options, NodeRole::kAnchor);
  const Nodes sites = nodes_that(set, options, NodeRole::kTarget);
  auto standing = starting_nodes(set, options, anchors);
  if (!standing) return Fail{standing.error()};
  FolderWorld out;
  out.standing_nodes = std::move(standing).value();
  if (sites.empty()) return Fail{set.name + " has no node that could be a site"};

  std::map<std::string, int> names;
  for (const EvalNode& node : set.nodes) ++names[node.name];
  const auto name_of_node = [&](const EvalNode& node) {
    return names[node.name] > 1 ? node.name + " (" + node.id + ")" : node.name;
  };
  const auto add_place = [&](std::size_t number) {
    const EvalNode& node = set.nodes[number];
    PlanPlace place{name_of_node(node), node.place, options.uncertainty};
    place.people = people_near(CityTable::world(), node.place);
    out.world.places.push_back(std::move(place));
    out.place_nodes.emplace_back(number);
  };
  for (const std::size_t node : out.standing_nodes) add_place(node);
  out.world.standing = out.standing_nodes.size();
  for (const std::size_t node : anchors) {
    if (!std::binary_search(out.standing_nodes.begin(), out.standing_nodes.end(), node)) add_place(node);
  }
  if (out.world.places.size() == out.world.standing)
    return Fail{"--start " + options.start + " takes every node of " + set.name +
                "; one at least has to be left"};
  for (const std::size_t number : sites) {
    const EvalNode& node = set.nodes[number];
    out.world.sites.push_back(
        {name_of_node(node), node.place, Claim{"", {node.country}, options.prohibited, true}});
    out.site_nodes.emplace_back(number);
  }
  return out;
}

}  // namespace chiploc
