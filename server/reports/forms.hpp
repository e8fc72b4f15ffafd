#pragma once
// A report written down: JSON, CSV, GeoJSON or PDF. The same facts give the same bytes, whenever and wherever.

#include <functional>
#include <string_view>

#include "proto/base/ids.hpp"
#include "server/reports/report.hpp"

namespace chiploc {

/// Takes the bytes as they come.
using ByteSink = std::function<void(std::string_view)>;

/// The canonical form, and the one that all others are made from: UTF-8 without blanks, the keys of each object
/// sorted, integers alone as numbers (RFC 8785). Top: chips, parts (by key), report, totals.
[[nodiscard]] bool write_json_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                                   const ByteSink& sink);
/// A row for each chip, all its facts. What the report says beside them is not in it.
[[nodiscard]] bool write_csv_form(const Report& report, const EachChip& chips, const ByteSink& sink);
/// A FeatureCollection (RFC 7946): for each country that chips are proved to be in, the box around its land, with how
/// many; then each chip, without a geometry: no report has a position.
[[nodiscard]] bool write_geojson_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                                      const ByteSink& sink);
/// Every fact of the JSON in words, with a map, page numbers, and the SHA-256 of the JSON form. A4.
[[nodiscard]] bool write_pdf_form(const Report& report, const ReportTotals& totals, const EachChip& chips,
                                  const Digest& json, const ByteSink& sink);

}  // namespace chiploc
