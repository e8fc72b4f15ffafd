#include <algorithm>
#include <span>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// "report_surplus 197, mesh_too_large 2"; the most frequent first, four at most.
std::string refused_text(const v1::Anchor& anchor) {
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (const auto& [why, count] : anchor.refused()) all.emplace_back(count, why);
  std::sort(all.begin(), all.end(), std::greater{});
  const auto most = std::span{all}.first(std::min<std::size_t>(all.size(), 4));
  const std::string out = joined(
      most, ", ", [](const auto& counted) { return counted.second + " " + std::to_string(counted.first); });
  return all.size() > 4 ? out + ", ..." : out;
}

class LicenceList : public RemoteCommand {
 public:
  LicenceList()
      : RemoteCommand{{.path = "licence list",
                       .text = "All licences, named and prohibited territories",
                       .footer = "Example:\n  chiploc licence list",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

 private:
  CommandResult ask(CommandContext& context) override;
};

CommandResult LicenceList::ask(CommandContext& context) {
  const auto answer = context.client.licences();
  if (!answer) return Fail{answer.error()};
  if (context.format == OutputFormat::kJson) {
    write_json(context.out, context.format, json_of(*answer));
    return ExitCode::kFine;
  }
  RecordWriter writer{context.out,
                      context.format,
                      {{"licence", "LICENCE", ""},
                       {"holder", "HOLDER", ""},
                       {"countries", "COUNTRIES", ""},
                       {"valid_from", "FROM", ""},
                       {"valid_to", "TO", ""},
                       {"chips", "CHIPS", "", true}},
                      context.out_colour};
  for (const auto& licence : answer->licences()) {
    writer.add({{printable(licence.licence())},
                {printable(licence.holder())},
                {joined(licence.countries(), " ", printable)},
                {printable(licence.valid_from())},
                {printable(licence.valid_to())},
                {std::to_string(licence.chips())}},
               json_of(licence));
  }
  writer.finish("no such licences here; import some with: chiploc import");
  if (context.format == OutputFormat::kTable) {
    const std::string prohibited = joined(answer->prohibited(), " ", printable);
    context.out << "\nprohibited territories: " << (prohibited.empty() ? "none" : prohibited) << '\n';
    for (const auto& territory : answer->territories()) {
      context.out << "territory " << printable(territory.territory()) << ": "
                  << (territory.geojson_sha256().empty() ? joined(territory.countries(), " ", printable)
                                                         : km2_text(territory.area_km2()) + " km2")
                  << '\n';
    }
  }
  return ExitCode::kFine;
}

class AnchorList : public RemoteCommand {
 public:
  AnchorList()
      : RemoteCommand{{.path = "anchor list",
                       .text = "All anchors and which are connected",
                       .footer = R"(Examples:
  chiploc anchor list
  chiploc anchor list -o geojson > anchors.geojson)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv, OutputFormat::kGeojson}}} {}

 private:
  CommandResult ask(CommandContext& context) override;
};

/// Two processes of one anchor that both run take each other's place within this: that is their reconnect wait.
constexpr std::int64_t kBackWithinNs = 30'000'000'000;

/// By the coordinator's clock, of which the latest message of any anchor tells.
bool still_twice(const v1::Anchor& anchor, const v1::ListAnchorsResponse& all) {
  if (anchor.twice_unix_ns() == 0) return false;
  return std::all_of(all.anchors().begin(), all.anchors().end(), [&](const v1::Anchor& other) {
    return other.last_seen_unix_ns() - anchor.twice_unix_ns() <= kBackWithinNs;
  });
}

Cell connected_cell(const v1::Anchor& anchor, bool twice) {
  if (twice) return {"twice", Colour::kRed};
  return anchor.connected() ? Cell{"yes", Colour::kGreen} : Cell{"no", Colour::kYellow};
}

CommandResult AnchorList::ask(CommandContext& context) {
  const auto answer = context.client.anchors();
  if (!answer) return Fail{answer.error()};
  if (context.format == OutputFormat::kGeojson) {
    Json features = Json::array();
    for (const auto& anchor : answer->anchors()) {
      Json properties = json_of(anchor);
      properties.erase("place");
      features.push_back(point_feature(anchor.place(), std::move(properties)));
    }
    write_json(context.out, context.format, feature_collection(std::move(features)));
    return ExitCode::kFine;
  }
  RecordWriter writer{context.out,
                      context.format,
                      {{"anchor", "ANCHOR", ""},
                       {"anchor_id", "", ""},
                       {"lat_deg", "PLACE", "/place/lat_deg"},
                       {"lon_deg", "", "/place/lon_deg"},
                       {"uncertainty_km", "+- KM", "", true},
                       {"operator_name", "OPERATOR", ""},
                       {"network", "NETWORK", ""},
                       {"address", "ADDRESS", ""},
                       {"rendezvous", "RENDEZVOUS", ""},
                       {"connected", "CONNECTED", ""},
                       {"software_version", "SOFTWARE", ""},
                       {"last_seen_at", "LAST SEEN", ""},
                       {"spool_dropped", "DROPPED", "", true},
                       {"refused", "REFUSED", ""},
                       {"place_problem", "PLACE PROBLEM", ""},
                       {"certificate_until", "CERTIFICATE UNTIL", ""},
                       {"twice_seen_at", "", ""}},
                      context.out_colour};
  for (const auto& anchor : answer->anchors()) {
    writer.add(
        {{printable(anchor.anchor())},
         {""},
         {place_text(anchor.place())},
         {""},
         {number_text(anchor.uncertainty_km(), 1)},
         {printable(anchor.operator_name())},
         {printable(anchor.network())},
         {printable(anchor.address())},
         {anchor.rendezvous() ? "yes" : "no"},
         connected_cell(anchor, still_twice(anchor, *answer)),
         {printable(anchor.software_version())},
         {short_time(anchor.last_seen_unix_ns())},
         {std::to_string(anchor.spool_dropped())},
         {printable(refused_text(anchor))},
         {printable(anchor.place_problem())},
         {anchor.certificate_until_unix_ns() == 0 ? "-" : short_time(anchor.certificate_until_unix_ns())},
         {""}},
        json_of(anchor));
  }
  writer.finish("no such anchors here; import some with: chiploc import");
  for (const auto& anchor : answer->anchors()) {
    if (anchor.twice_unix_ns() == 0 || context.format != OutputFormat::kTable) continue;
    std::string at;
    for (const auto& peer : anchor.twice_at()) at += (at.empty() ? " (at " : " and ") + printable(peer);
    if (!at.empty()) at += ")";
    const std::string when = short_time(anchor.twice_unix_ns());
    if (still_twice(anchor, *answer)) {
      context.err << printable(anchor.anchor()) << " runs twice: two processes with its name and key" << at
                  << " take each other's place, and rounds fail (last seen " << when
                  << "). Stop one of them, or give it a name and key of its own: chiploc-anchor init\n";
    } else {
      context.err << printable(anchor.anchor()) << " ran twice until " << when
                  << ": two processes with its name and key" << at
                  << " took each other's place, and rounds of then may have failed by it\n";
    }
  }
  return ExitCode::kFine;
}

}  // namespace

CommandList registry_commands() {
  CommandList list;
  list.push_back(std::make_unique<LicenceList>());
  list.push_back(std::make_unique<AnchorList>());
  return list;
}

}  // namespace chiploc
