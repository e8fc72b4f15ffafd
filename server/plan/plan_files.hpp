#pragma once
// The files of a plan as people write them. Pure: texts in, rows or faults out.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"
#include "server/plan/plan_problem.hpp"

namespace chiploc {

inline constexpr std::size_t kPlanSitesMost = 5'000;
inline constexpr std::size_t kPlanPlacesMost = 2'000;  ///< anchors and candidates, each

/// An anchor or a candidate, before its perspective is known.
struct PlanPlace {
  std::string name;
  LatLon place;
  Kilometers uncertainty{0.0};
  std::string operator_name{};
  std::string network{};
  double cost = 1.0;
  std::uint64_t people = 0;  ///< who live there; 0: not known
};

/// Sentences "FILE:LINE: field: what is wrong; what to do".
using PlanFaults = std::vector<std::string>;
/// Territories that are areas, by name.
using PlanAreas = std::map<std::string, NamedArea, std::less<>>;

/// Columns   name, lat, lon, licensed (codes of countries and names of areas, separated by blanks or ';'). Others are
///           ignored.
/// Returns   Sites whose claims are in force, with `prohibited` as it is.
[[nodiscard]] Result<std::vector<PlanSite>, PlanFaults> parse_plan_sites(std::string_view text,
                                                                         std::string file,
                                                                         const Borders& borders,
                                                                         const PlanAreas& areas,
                                                                         const Claim& prohibited);

/// Columns   name, lat, lon; and if the file has them uncertainty_km, operator, network, cost (above 0, 1e12 at most;
///           empty: 1), people. So a file of anchors as the registry takes it will do. Others are ignored.
[[nodiscard]] Result<std::vector<PlanPlace>, PlanFaults> parse_plan_places(std::string_view text,
                                                                           std::string file);

/// A sentence if a candidate has an anchor's name: which is which could not be said.
[[nodiscard]] PlanFaults same_names(const std::vector<PlanPlace>& anchors,
                                    const std::vector<PlanPlace>& candidates);

}  // namespace chiploc
