// JSON, CSV and GeoJSON.
#include "server/reports/forms.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "server/picture/land.hpp"
#include "server/tables/csv_cell.hpp"

namespace chiploc {
namespace {

using Sorted = nlohmann::json;  // an object's keys come out sorted

Sorted json_of(const Leaf& leaf) {
  if (const auto* text = std::get_if<std::string>(&leaf)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&leaf)) return *number;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&leaf)) return *texts;
  return nullptr;
}

Sorted json_of(const std::vector<ReportFact>& facts) {
  Sorted out = Sorted::object();
  for (const ReportFact& fact : facts) out[fact.key] = json_of(fact.value);
  return out;
}

Sorted json_of(const ReportPart& part) {
  Sorted out = json_of(part.facts);
  for (const ReportTable& table : part.tables) {
    Sorted rows = Sorted::array();
    for (const auto& row : table.rows) rows.push_back(json_of(row));
    out[table.key] = std::move(rows);
  }
  return out;
}

/// Bytes that are no UTF-8 cannot come from the registry; should they, the form stays one that readers take.
std::string dumped(const Sorted& value) {
  return value.dump(-1, ' ', false, Sorted::error_handler_t::replace);
}

std::string csv_cell(std::string_view text) {
  const std::string cell = harmless_cell(text);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

template <class CellOf>
std::string csv_line(const std::vector<ReportFact>& facts, const CellOf& cell_of) {
  std::string line;
  for (const ReportFact& fact : facts) line += (&fact == &facts.front() ? "" : ",") + cell_of(fact);
  return line + "\n";
}

/// A box as the coordinates of a polygon, counter-clockwise; cut in two at the antimeridian.
Sorted box_geometry(const LandBox& box) {
  const auto ring = [&](double west, double east) {
    return Sorted::array({Sorted::array({Sorted::array({west, box.south}), Sorted::array({east, box.south}),
                                         Sorted::array({east, box.north}), Sorted::array({west, box.north}),
                                         Sorted::array({west, box.south})})});
  };
  Sorted out = Sorted::object();
  if (box.west <= box.east) {
    out["type"] = "Polygon";
    out["coordinates"] = ring(box.west, box.east);
  } else {
    out["type"] = "MultiPolygon";
    out["coordinates"] = Sorted::array({ring(box.west, 180.0), ring(-180.0, box.east)});
  }
  return out;
}

Sorted feature(Sorted geometry, Sorted properties) {
  return {{"type", "Feature"}, {"geometry", std::move(geometry)}, {"properties", std::move(properties)}};
}

}  // namespace

bool write_json_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                     const ByteSink& sink) {
  sink("{\"chips\":[");
  bool first = true;
  const bool read = chips([&](const ReportedChip& chip) {
    sink((first ? "" : ",") + dumped(json_of(facts_of(chip, report.head.as_of))));
    first = false;
  });
  Sorted parts = Sorted::object();
  for (const ReportPart& part : report.parts) parts[part.key] = json_of(part);
  sink("],\"parts\":" + dumped(parts) + ",\"report\":" + dumped(json_of(facts_of(report.head))) +
       ",\"totals\":" + dumped(json_of(part_of(totals))) + "}\n");
  return read;
}

bool write_csv_form(const Report& report, const EachChip& chips, const ByteSink& sink) {
  const ReportedChip none{};
  sink(csv_line(facts_of(none, report.head.as_of), [](const ReportFact& fact) { return fact.key; }));
  return chips([&](const ReportedChip& chip) {
    sink(csv_line(facts_of(chip, report.head.as_of),
                  [](const ReportFact& fact) { return csv_cell(text_of(fact.value)); }));
  });
}

bool write_geojson_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                        const ByteSink& sink) {
  sink("{\"type\":\"FeatureCollection\",\"report\":" + dumped(json_of(facts_of(report.head))) +
       ",\"features\":[");
  bool first = true;
  const auto add = [&](const Sorted& one) {
    sink((first ? "" : ",") + dumped(one));
    first = false;
  };
  for (const auto& [code, place] : totals.places) {
    const auto box = land_box(code);
    add(feature(box ? box_geometry(*box) : Sorted{},
                {{"role", "country"},
                 {"country", code},
                 {"shape", "the box around the country's land: coarse on purpose"},
                 {"chips", place.chips},
                 {"contradicted_or_disputed", place.contradicted}}));
  }
  const bool read = chips([&](const ReportedChip& chip) {
    Sorted properties = json_of(facts_of(chip, report.head.as_of));
    properties["role"] = "chip";
    add(feature(nullptr, std::move(properties)));
  });
  sink("]}\n");
  return read;
}

}  // namespace chiploc
