#include "server/eval/others_places.hpp"

#include <algorithm>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/eval/rtt_set_reader.hpp"
#include "server/tables/shown.hpp"

namespace chiploc {
namespace {

std::string hundredths(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

void PlaceBook::read_nodes(const OthersFile& file, const RttLimits& limits, FaultLog& faults) {
  std::vector<std::string_view> columns{"id", "name", "lat", "lon", "country_iso2"};
  const std::vector<std::string> names = header_of(file.text);
  for (const std::string_view more : {"role", "uncertainty_km"}) {
    if (has(names, more)) columns.push_back(more);
  }
  const auto cell = [&](const Row& row, std::string_view column) {
    return has(names, column) ? row[column].text : std::string{};
  };
  RowBudget budget{limits.rows, limits.rows, limits.field_bytes, "in one file; leave some nodes out"};
  read_csv(
      file.text, columns, budget, faults,
      [&](const Row& row) {
        const std::string id = row["id"].text;
        if (!by_id_.emplace(id, stated_.size()).second) {
          faults.add(row["id"].line, "id", shown(id) + " stands twice; keep one of the rows");
          return;
        }
        by_name_[row["name"].text].push_back(stated_.size());
        stated_.push_back({id, row["name"].text, row["lat"].text, row["lon"].text, row["country_iso2"].text,
                           cell(row, "role"), cell(row, "uncertainty_km"), file.name, row.line});
      },
      OtherColumns::kIgnore);
}

void PlaceBook::read_probes(const OthersFile& file, FaultLog& faults) {
  for (AtlasProbe& probe : chiploc::read_probes(file, faults)) {
    const std::size_t number = probes_.size();
    if (!probe_by_id_.emplace(std::to_string(probe.id), number).second) {
      faults.add(probe.line, "id", std::to_string(probe.id) + " stands in another file too; keep one");
      continue;
    }
    for (const std::string& address : probe.addresses) probe_by_address_.emplace(address, number);
    probes_.emplace_back(std::move(probe), file.name);
  }
}

std::optional<PlacedNode> PlaceBook::known(const Wanted& wanted) const {
  for (const std::string& text : {wanted.name, wanted.address}) {
    if (text.empty()) continue;
    if (const auto found = by_id_.find(text); found != by_id_.end()) return stated_[found->second];
    const auto named = by_name_.find(text);
    if (named != by_name_.end() && named->second.size() == 1) return stated_[named->second.front()];
  }
  const auto& index = wanted.probe ? probe_by_id_ : probe_by_address_;
  for (const std::string& text : {wanted.name, wanted.address}) {
    const auto found = index.find(text);
    if (text.empty() || found == index.end()) continue;
    const auto& [probe, file] = probes_[found->second];
    if (!probe.place || probe.country.empty()) return std::nullopt;
    const std::string id = std::to_string(probe.id);
    return PlacedNode{id,
                      "probe " + id,
                      exact_number(probe.place->lat),
                      exact_number(probe.place->lon),
                      probe.country,
                      {},
                      exact_number(kProbeUncertaintyKm),
                      file,
                      probe.line};
  }
  return std::nullopt;
}

void PlaceBook::choose_provider(const std::vector<Wanted>& wanted) {
  std::vector<std::string> names;
  for (const Wanted& one : wanted) {
    if (!one.probe && !known(one) && !regions_named(one.name, provider_).empty()) names.push_back(one.name);
  }
  candidates_.clear();
  for (const std::string_view provider : cloud_providers()) {
    if (!names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
          return !regions_named(name, provider).empty();
        }))
      candidates_.push_back(provider);
  }
}

std::optional<PlacedNode> PlaceBook::region(const std::string& name, std::string& several) const {
  auto found = regions_named(name, provider_);
  if (found.size() > 1 && !candidates_.empty()) {
    std::erase_if(found, [&](const CloudRegion* one) {
      return std::find(candidates_.begin(), candidates_.end(), one->provider) == candidates_.end();
    });
  }
  if (found.empty()) return std::nullopt;
  const CloudRegion* widest = found.front();
  for (const CloudRegion* one : found) {
    if (!same_place(*one, *found.front())) {
      several = shown(name) + " (" +
                joined(found, ", ",
                       [](const CloudRegion* region) {
                         return std::string{region->provider} + ": " + std::string{region->area};
                       }) +
                ")";
      return std::nullopt;
    }
    if (one->uncertainty_km > widest->uncertainty_km) widest = one;
  }
  const std::string id = parse_name(name) ? name : std::string{widest->name};
  return PlacedNode{id,
                    std::string{widest->area},
                    hundredths(widest->lat),
                    hundredths(widest->lon),
                    std::string{widest->country},
                    {},
                    exact_number(widest->uncertainty_km),
                    "cloud region " + std::string{widest->name},
                    0};
}

Result<std::vector<std::pair<std::size_t, std::size_t>>, std::vector<std::string>> PlaceBook::resolve(
    const OthersRows& rows, bool atlas) {
  std::vector<Wanted> wanted;
  std::map<std::pair<bool, std::pair<std::string, std::string>>, std::size_t> seen;
  const auto number_of = [&](bool probe, const std::string& name, const std::string& address) {
    const auto [at, fresh] = seen.emplace(std::pair{probe, std::pair{name, address}}, wanted.size());
    if (fresh) wanted.push_back({name, address, probe});
    return at->second;
  };
  std::vector<std::pair<std::size_t, std::size_t>> ends;
  ends.reserve(rows.rows.size());
  for (const MeasuredRow& row : rows.rows) {
    const std::size_t source = number_of(atlas, row.source, {});  // sources first: the order of nodes.csv
    ends.emplace_back(source, number_of(false, row.target, row.address));
  }
  choose_provider(wanted);
  std::vector<std::string> placeless, several;
  std::vector<std::size_t> nodes;
  std::map<std::string, std::size_t> by_id;
  for (const Wanted& one : wanted) {
    std::string ambiguous;
    auto node = known(one);
    if (!node && !one.probe) node = region(one.name, ambiguous);
    if (!node) {
      if (ambiguous.empty()) {
        placeless.push_back(shown(one.name));
      } else {
        several.push_back(ambiguous);
      }
      nodes.push_back(0);
      continue;
    }
    const auto [at, fresh] = by_id.emplace(node->id, nodes_.size());
    if (fresh) {
      used_ += by_id_.count(node->id);
      nodes_.push_back(std::move(*node));
    } else if (nodes_[at->second].origin != node->origin || nodes_[at->second].line != node->line) {
      several.push_back(shown(one.name) + " (" + nodes_[at->second].origin + ", " + node->origin + ")");
    }
    nodes.push_back(at->second);
  }
  std::vector<std::string> faults;
  if (!placeless.empty()) {
    faults.push_back(
        std::to_string(placeless.size()) + " nodes have no place: " + joined(placeless, ", ") +
        "; give --nodes FILE that has them by id or name (id, name, lat, lon, country_iso2)" +
        (atlas ? ", and --probes FILE for probes of RIPE Atlas" : ", or names of cloud regions"));
  }
  if (!several.empty()) {
    faults.push_back(std::to_string(several.size()) + " nodes may stand in several places: " +
                     joined(several, ", ") + "; name the cloud with --provider, or give --nodes FILE");
  }
  if (!faults.empty()) return Fail{std::move(faults)};
  for (auto& [source, target] : ends) {
    source = nodes[source];
    target = nodes[target];
  }
  return ends;
}

}  // namespace chiploc
