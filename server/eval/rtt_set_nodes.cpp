// Nodes, and which of them are targets.

#include <algorithm>
#include <array>
#include <cmath>

#include "server/eval/rtt_grid.hpp"
#include "server/eval/rtt_set_reader.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 5> kNodeColumns{"id", "name", "lat", "lon", "country_iso2"};
constexpr double kSameDegrees = 1e-6;  // 0.1 m

}  // namespace

void SetReader::read_nodes(const std::string& text, const std::string& file, bool faulty) {
  FaultLog faults{file, limits_.faults};
  std::vector<std::string_view> columns{kNodeColumns.begin(), kNodeColumns.end()};
  const std::vector<std::string> names = header_of(text);
  for (const std::string_view more : {"role", "uncertainty_km"}) {
    if (has(names, more)) columns.push_back(more);
  }
  read_csv(
      text, columns, budget_, faults, [&](const Row& row) { add_node(row, faulty, faults); },
      OtherColumns::kIgnore);
  if (!faulty && faults.total() == 0 && set_.nodes.size() < 2 && !reading_.targets) {
    faults.add(0, "", "names fewer than two nodes; there is nothing to measure");
  }
  finish(faults);
}

void SetReader::read_targets(const std::string& text) {
  FaultLog faults{reading_.targets_file, limits_.faults};
  const std::vector<std::string> names = header_of(text);
  const bool placed = has(names, "lat") && has(names, "lon");
  std::vector<std::string_view> columns{"id"};
  if (placed) columns.assign(kNodeColumns.begin(), kNodeColumns.end());
  for (const std::string_view name : {"lat", "lon", "country_iso2"}) {
    if (!placed && has(names, name)) columns.push_back(name);
  }
  if (has(names, "uncertainty_km")) columns.emplace_back("uncertainty_km");
  std::set<std::size_t> targets;
  const auto add = [&](const Row& row) {
    const RowCell& id = row["id"];
    if (const auto known = numbers_.find(id.text); known != numbers_.end()) {
      if (!targets.insert(known->second).second) {
        faults.add(id.line, "id", shown(id.text) + " stands twice; keep one of the rows");
      } else if (set_.nodes[known->second].role == NodeRole::kAnchor) {
        faults.add(
            id.line, "id",
            shown(id.text) + " has role anchor in nodes.csv; make that both or target, or drop the row");
      } else {
        same_node(row, set_.nodes[known->second], faults);
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
    if (targets.count(i) > 0) {
      role = NodeRole::kTarget;
    } else {
      role = role == NodeRole::kTarget ? NodeRole::kNeither : NodeRole::kAnchor;
    }
  }
  finish(faults);
}

void SetReader::same_node(const Row& row, const EvalNode& node, FaultLog& faults) {
  for (const std::string_view column : row.columns) {
    const RowCell& cell = row[column];
    if (cell.text.empty() || column == "id" || column == "name") continue;
    bool same = false;
    std::string stated;
    if (column == "country_iso2") {
      const KnownCountry known = [this](CountryCode code) { return borders_.knows(code); };
      const auto code = accept(parse_country(cell.text, known), row, column, faults);
      same = !code || *code == node.country;
      stated = std::string{node.country.view()};
    } else if (column == "uncertainty_km") {
      const auto km = uncertainty_of(row, faults);
      same = !km || *km == node.uncertainty_km;
      stated = short_number(node.uncertainty_km);
    } else {
      const bool lat = column == "lat";
      const double most = lat ? 90.0 : 180.0;
      const auto degrees = accept(parse_number(cell.text, -most, most), row, column, faults);
      const double known = lat ? node.place.lat_deg() : node.place.lon_deg();
      same = !degrees || std::abs(std::remainder(*degrees - known, 360.0)) < kSameDegrees;
      stated = short_number(known);
    }
    if (same) continue;
    faults.add(cell.line, column,
               shown(cell.text) + ", but nodes.csv has " + stated + " for " + shown(node.id) +
                   "; make them the same, or leave the column out");
  }
}

std::optional<NodeRole> SetReader::role_of(const Row& row, FaultLog& faults) {
  if (std::find(row.columns.begin(), row.columns.end(), "role") == row.columns.end()) return NodeRole::kBoth;
  const RowCell& cell = row["role"];
  if (cell.text.empty() || cell.text == "both") return NodeRole::kBoth;
  if (cell.text == "anchor") return NodeRole::kAnchor;
  if (cell.text == "target") return NodeRole::kTarget;
  faults.add(cell.line, "role",
             shown(cell.text) +
                 " is none of anchor, target and both; empty is both. If the column means "
                 "something else, call it something else");
  return std::nullopt;
}

std::optional<double> SetReader::uncertainty_of(const Row& row, FaultLog& faults) {
  const bool stated =
      std::find(row.columns.begin(), row.columns.end(), "uncertainty_km") != row.columns.end();
  if (!stated || row["uncertainty_km"].text.empty()) return 0.0;
  return accept(parse_number(row["uncertainty_km"].text, 0.0, kUncertaintyMaxKm), row, "uncertainty_km",
                faults);
}

bool SetReader::add_node(const Row& row, bool faulty, FaultLog& faults) {
  const auto id = accept(parse_name(row["id"].text), row, "id", faults);
  const auto name = accept(parse_text(row["name"].text), row, "name", faults);
  const auto lat = accept(parse_number(row["lat"].text, -90.0, 90.0), row, "lat", faults);
  const auto lon = accept(parse_number(row["lon"].text, -180.0, 180.0), row, "lon", faults);
  const KnownCountry known = [this](CountryCode code) { return borders_.knows(code); };
  const auto country = accept(parse_country(row["country_iso2"].text, known), row, "country_iso2", faults);
  const auto role = role_of(row, faults);
  const auto uncertainty = uncertainty_of(row, faults);
  if (!id || !name || !lat || !lon || !country || !role || !uncertainty) return false;
  if (set_.nodes.size() == limits_.nodes) {
    if (!full_)
      faults.add(row.line, "", "more than " + std::to_string(limits_.nodes) + " nodes; leave some out");
    full_ = true;
    return false;
  }
  if (!numbers_.emplace(*id, set_.nodes.size()).second) {
    faults.add(row["id"].line, "id", shown(*id) + " stands twice; keep one of the rows");
    return false;
  }
  const auto place = LatLon::from_degrees({.lat = *lat, .lon = *lon});
  set_.nodes.push_back({*id, *name, place.value(), *country, faulty, *role, NodeDoubt::kNone, *uncertainty});
  return true;
}

}  // namespace chiploc
