#include "server/cli/import_text.hpp"

#include <cmath>
#include <cstdio>
#include <string>

#include "proto/base/joined.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/registry_kinds.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

std::string kind_text(v1::ImportKind kind) {
  const RegistryKind* known = registry_kind(kind);
  return known == nullptr ? "record" : std::string{word_of(*known)};
}

std::string record_text(v1::ImportKind kind, const std::string& key) {
  return key.empty() ? kind_text(kind) : kind_text(kind) + " " + printable(key);
}

std::string degrees(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);  // 0.1 m, as the area itself is kept
  return text;
}

std::string lat_lon_text(const v1::Position& place) {
  return degrees(place.lat_deg()) + ", " + degrees(place.lon_deg());
}

template <class Codes>
std::string codes_text(const Codes& codes, const char* none) {
  return codes.empty() ? none : joined(codes, " ", printable);
}

class Sections {
 public:
  Sections(std::ostream& out, bool colour) : out_{out}, colour_{colour} {}

  void write(const char* title, std::vector<std::string> columns, const std::vector<std::vector<Cell>>& rows,
             std::size_t given, std::size_t total, const std::string& remark = {}) {
    if (total == 0) return;
    out_ << title << ":\n";
    std::vector<Column> heads;
    for (std::string& column : columns) heads.push_back({"", std::move(column), ""});
    write_table(out_, heads, rows, colour_, 2);
    if (total > given) out_ << "  and " << total - given << " more" << remark << '\n';
  }

 private:
  std::ostream& out_;
  bool colour_;
};

std::vector<std::vector<Cell>> change_rows(const v1::ImportResponse& response) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& change : response.changes()) {
    std::string record = record_text(change.kind(), change.key()) + (change.added() ? " (new)" : "");
    for (const auto& field : change.fields()) {
      rows.push_back({{record},
                      {printable(field.field())},
                      {field.old_value().empty() ? "-" : printable(field.old_value())},
                      {field.new_value().empty() ? "-" : printable(field.new_value())}});
      record.clear();  // once a record
    }
    if (!record.empty()) rows.push_back({{record}, {""}, {""}, {""}});
  }
  return rows;
}

/// Which changes are not listed.
std::string left_out_text(const v1::ImportResponse& response) {
  if (response.changes_left_out() == 0) return ", all of them new";
  return ", " + std::to_string(response.changes_left_out()) +
         " of them changes of registered records; import fewer at a time to see each";
}

std::string unchecked_text(std::uint32_t unchecked) {
  return unchecked == 0 ? std::string{}
                        : ", " + std::to_string(unchecked) + " of them too many to be looked at";
}

template <class Counted>
std::size_t size_of(const Counted& list) {
  return static_cast<std::size_t>(list.size());
}

}  // namespace

void write_import_text(std::ostream& out, const v1::ImportResponse& response, bool dry_run, bool colour) {
  Sections sections{out, colour};
  if (dry_run) {
    sections.write("changes", {"RECORD", "FIELD", "OLD", "NEW"}, change_rows(response),
                   size_of(response.changes()), response.changes_total(), left_out_text(response));
    std::vector<std::vector<Cell>> rows;
    for (const auto& area : response.areas()) {
      rows.push_back({{printable(area.territory())},
                      {km2_text(area.area_km2())},
                      {codes_text(area.countries(), "sea")},
                      {lat_lon_text(area.centre())},
                      {degrees(area.south()) + " to " + degrees(area.north()) + ", " + degrees(area.west()) +
                       " to " + degrees(area.east())}});
    }
    sections.write("areas", {"TERRITORY", "KM2", "COUNTRIES", "CENTRE (LAT, LON)", "BOX (LAT, LON)"}, rows,
                   size_of(response.areas()), response.areas_total(),
                   unchecked_text(response.areas_unchecked()));
    rows.clear();
    for (const auto& anchor : response.anchors()) {
      rows.push_back({{printable(anchor.anchor())},
                      {lat_lon_text(anchor.place())},
                      {anchor.country().empty() ? "sea" : printable(anchor.country())}});
    }
    sections.write("anchors", {"ANCHOR", "PLACE (LAT, LON)", "COUNTRY"}, rows, size_of(response.anchors()),
                   response.anchors_total());
    rows.clear();
    for (const auto& licence : response.licences()) {
      rows.push_back({{printable(licence.licence())},
                      {codes_text(licence.exempts(), "-")},
                      {codes_text(licence.within(), "-")},
                      {codes_text(licence.prohibited_inside(), "-")},
                      {printable(licence.standing())}});
    }
    sections.write("licences that meet what is prohibited",
                   {"LICENCE", "NAMES", "HAS AREAS IN", "PROHIBITED IN ITS COUNTRIES", "STANDING"}, rows,
                   size_of(response.licences()), response.licences_total());
    if (response.licences_unchecked() > 0)
      out << "  of " << response.licences_unchecked()
          << " licences not all areas were looked at; import fewer at a time\n";
  }
  std::vector<std::vector<Cell>> rows;
  for (const auto& warning : response.warnings()) {
    rows.push_back(
        {{record_text(warning.kind(), warning.key())}, {printable(warning.problem()), Colour::kYellow}});
  }
  sections.write("warnings", {"RECORD", "PROBLEM"}, rows, size_of(response.warnings()),
                 response.warnings_total());
  if (!dry_run && response.areas_unchecked() > 0)
    out << response.areas_unchecked() << " areas were too many to be looked at\n";
}

}  // namespace chiploc
