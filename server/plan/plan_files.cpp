#include "server/plan/plan_files.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "server/registry/fields.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 4> kSiteColumns{"name", "lat", "lon", "licensed"};
constexpr std::array<std::string_view, 8> kPlaceColumns{"name",     "lat",     "lon",  "uncertainty_km",
                                                        "operator", "network", "cost", "people"};
constexpr std::size_t kPlaceOptional = 5;
constexpr std::size_t kFaultsShown = 20;
constexpr std::size_t kFieldBytes = 4'096;
constexpr double kCostMost = 1e12;
constexpr double kPeopleMost = 1e9;

/// The rows of one file, with what is wrong in any of them.
class RowsReader {
 public:
  RowsReader(std::string file, std::size_t rows)
      : faults_{std::move(file), kFaultsShown},
        budget_{rows, rows, kFieldBytes, "in one plan; leave some out"} {}

  void read(std::string_view text, std::span<const std::string_view> columns, std::size_t optional,
            const RowSink& sink) {
    read_csv(text, columns, budget_, faults_, sink, OtherColumns::kIgnore, optional);
  }
  /// The checked value of a row's field; nullopt after saying what is wrong with it.
  template <class T>
  std::optional<T> accept(Field<T> field, const Row& row, std::string_view column) {
    if (field) return std::move(field).value();
    faults_.add(row[column].line, column, field.error());
    return std::nullopt;
  }
  std::optional<std::string> new_name(const Row& row) {
    auto name = accept(parse_text(row["name"].text), row, "name");
    if (!name || names_.insert(*name).second) return name;
    faults_.add(row["name"].line, "name", shown(*name) + " stands twice; keep one of the rows, or rename it");
    return std::nullopt;
  }
  std::optional<LatLon> place(const Row& row) {
    const auto lat = accept(parse_number(row["lat"].text, -90.0, 90.0), row, "lat");
    const auto lon = accept(parse_number(row["lon"].text, -180.0, 180.0), row, "lon");
    return lat && lon ? LatLon::from_degrees({.lat = *lat, .lon = *lon}) : std::nullopt;
  }
  /// Of a column that may be missing or empty.
  std::optional<double> number_or(const Row& row, std::string_view column, double low, double high,
                                  double otherwise) {
    if (row[column].text.empty()) return otherwise;
    return accept(parse_number(row[column].text, low, high), row, column);
  }
  void add(std::uint32_t line, std::string_view field, std::string problem) {
    faults_.add(line, field, std::move(problem));
  }
  [[nodiscard]] bool good() const { return faults_.total() == 0; }
  PlanFaults take() {
    PlanFaults out;
    const std::uint32_t total = faults_.total();
    const auto kept = faults_.take();
    for (const RowFault& fault : kept)
      out.push_back(fault.file + ":" + std::to_string(std::max(1U, fault.line)) + ": " +
                    (fault.field.empty() ? "" : fault.field + ": ") + fault.problem);
    if (total > kept.size())
      out.push_back(kept.front().file + ":" + std::to_string(std::max(1U, kept.back().line)) + ": and " +
                    std::to_string(total - kept.size()) + " more faults in this file");
    return out;
  }

 private:
  FaultLog faults_;
  RowBudget budget_;
  std::set<std::string> names_;
};

}  // namespace

Result<std::vector<PlanSite>, PlanFaults> parse_plan_sites(std::string_view text, std::string file,
                                                           const Borders& borders, const PlanAreas& areas,
                                                           const Claim& prohibited) {
  RowsReader reader{std::move(file), kPlanSitesMost};
  const KnownCountry known = [&](CountryCode code) { return borders.knows(code); };
  std::vector<PlanSite> sites;
  reader.read(text, kSiteColumns, 0, [&](const Row& row) {
    const auto name = reader.new_name(row);
    const auto place = reader.place(row);
    const auto licensed = reader.accept(parse_places(row["licensed"].text, known), row, "licensed");
    if (!name || !place || !licensed) return;
    Claim claim = prohibited;
    claim.licensed = licensed->countries;
    for (const std::string& territory : licensed->territories) {
      const auto area = areas.find(territory);
      if (area == areas.end()) {
        reader.add(row["licensed"].line, "licensed",
                   shown(territory) + " is no territory; give its drawing with --territory " + territory +
                       "=FILE, or name countries");
        return;
      }
      claim.licensed_areas.push_back(area->second);
    }
    sites.push_back({*name, *place, std::move(claim)});
  });
  if (reader.good() && sites.empty()) reader.add(0, "", "names no site; there is nothing to plan for");
  if (!reader.good()) return Fail{reader.take()};
  return sites;
}

Result<std::vector<PlanPlace>, PlanFaults> parse_plan_places(std::string_view text, std::string file) {
  RowsReader reader{std::move(file), kPlanPlacesMost};
  std::vector<PlanPlace> places;
  reader.read(text, kPlaceColumns, kPlaceOptional, [&](const Row& row) {
    const auto name = reader.new_name(row);
    const auto place = reader.place(row);
    const auto uncertainty = reader.number_or(row, "uncertainty_km", 0.0, kUncertaintyMaxKm, 0.0);
    const auto cost = reader.number_or(row, "cost", 0.0, kCostMost, 1.0);
    const auto people = reader.number_or(row, "people", 0.0, kPeopleMost, 0.0);
    if (cost && !(*cost > 0.0)) {
      reader.add(row["cost"].line, "cost", "must be above 0, or no gain for its cost can be told");
      return;
    }
    if (!name || !place || !uncertainty || !cost || !people) return;
    places.push_back({*name, *place, Kilometers{*uncertainty}, row["operator"].text, row["network"].text,
                      *cost, static_cast<std::uint64_t>(*people)});
  });
  if (reader.good() && places.empty()) reader.add(0, "", "names no place");
  if (!reader.good()) return Fail{reader.take()};
  return places;
}

PlanFaults same_names(const std::vector<PlanPlace>& anchors, const std::vector<PlanPlace>& candidates) {
  std::set<std::string_view> names;
  for (const PlanPlace& anchor : anchors) names.insert(anchor.name);
  PlanFaults out;
  for (const PlanPlace& candidate : candidates) {
    if (names.count(candidate.name) > 0)
      out.push_back("the candidate " + shown(candidate.name) +
                    " has an anchor's name; rename it, or drop it if it stands");
  }
  if (out.size() > kFaultsShown) out.resize(kFaultsShown);
  return out;
}

}  // namespace chiploc
