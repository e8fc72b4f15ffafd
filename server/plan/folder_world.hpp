#pragma once
// A plan over a folder of measurements alone: some of its nodes stand as anchors, all others may, and all are sites.

#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/plan/plan_world.hpp"

namespace chiploc {

struct FolderOptions {
  std::string
      start;  ///< how many anchors stand, drawn by the seed; or a label of subsets.csv: its first draw
  std::uint64_t seed = 1;
  Kilometers uncertainty{0.0};
  std::vector<CountryCode> prohibited;
};

struct FolderWorld {
  PlanWorld world;                  ///< without speed, faults and goal
  MeasuredPairs::Nodes site_nodes;  ///< of each site and place: its node
  MeasuredPairs::Nodes place_nodes;
  std::vector<std::size_t> standing_nodes;
};

/// Nodes that serve (eval/cases.hpp), are in no doubt and lie in no prohibited country: each is a site, licensed for
/// its own country, and a place for an anchor, a perspective of its own. Nobody licenses what is prohibited, or rests
/// a proof on an anchor there. A node does not measure itself. A name that several have gets their ids behind it.
/// Fails     A sentence: a start that is neither a number of nodes nor a label, or leaves no candidate.
[[nodiscard]] Result<FolderWorld, std::string> folder_world(const RttSet& set, const FolderOptions& options);

}  // namespace chiploc
