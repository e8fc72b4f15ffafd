#include <algorithm>
#include <map>
#include <utility>

#include "server/cli/commands.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

constexpr unsigned kChipPage = 1000;

template <class Repeated>
std::string spaced(const Repeated& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : " ") + printable(value);
  return out;
}

std::vector<Column> chip_columns() {
  return {{"chip_id", "CHIP", ""},
          {"device_id", "", ""},
          {"serial", "SERIAL", ""},
          {"maker", "MAKER", ""},
          {"model", "MODEL", ""},
          {"licence", "LICENCE", ""},
          {"state", "STATE", "/last_verdict/state"},
          {"decided_at", "DECIDED", "/last_verdict/decided_at"},
          {"expires_at", "EXPIRES", "/last_verdict/expires_at"},
          {"expired", "", "/expired"},
          {"rounds", "ROUNDS", "", true}};
}

Json chip_record(const v1::Chip& chip, WallTime now) {
  Json record = json_of(chip);
  record["expired"] = chip.has_last_verdict() ? Json(expired(chip.last_verdict(), now)) : Json(nullptr);
  return record;
}

std::vector<Cell> chip_cells(const v1::Chip& chip, WallTime now) {
  const bool judged = chip.has_last_verdict();
  const auto& verdict = chip.last_verdict();
  return {{hex_of(chip.chip_id())},
          {""},
          {printable(chip.serial())},
          {printable(chip.maker())},
          {printable(chip.model())},
          {printable(chip.licence())},
          judged ? state_cell(verdict, now) : Cell{"never measured", Colour::kDim},
          {judged ? short_time(verdict.decided_unix_ns()) : "-"},
          {judged ? short_time(verdict.expires_unix_ns()) : "-"},
          {""},
          {std::to_string(chip.rounds())}};
}

void write_chip(std::ostream& out, const v1::Chip& chip) {
  const auto line = [&](std::string_view label, const std::string& text) {
    out << label << std::string(13 - label.size(), ' ') << printable(text) << '\n';
  };
  line("chip", hex_of(chip.chip_id()));
  if (!chip.device_id().empty() && chip.device_id() != chip.chip_id())
    line("maker's id", hex_of(chip.device_id()));
  line("serial", chip.serial());
  line("maker", chip.maker());
  line("model", chip.model());
  line("licence", chip.licence());
  line("reach", chip.reach());
  line("rounds", std::to_string(chip.rounds()));
  if (chip.has_counters()) {
    line("counters", "boot " + std::to_string(chip.counters().boot_count()) + ", round " +
                         std::to_string(chip.counters().round_counter()));
  }
  for (const auto& start : chip.counter_starts()) {
    line("begun anew",
         short_time(start.at_unix_ns()) + " by " + start.started_by() + ": " +
             (start.reason().empty() ? "new key" : start.reason()) +
             (start.has_before() ? ", after boot " + std::to_string(start.before().boot_count()) +
                                       ", round " + std::to_string(start.before().round_counter())
                                 : ""));
  }
  out << '\n' << chip.certificate_pem();
  for (const std::string& issuer : chip.issuers_pem()) out << issuer;
}

/// "report_surplus 197, mesh_too_large 2"; the most frequent first, four at most.
std::string refused_text(const v1::Anchor& anchor) {
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (const auto& [why, count] : anchor.refused()) all.emplace_back(count, why);
  std::sort(all.begin(), all.end(), std::greater{});
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 4); ++i)
    out += (i == 0 ? "" : ", ") + all[i].second + " " + std::to_string(all[i].first);
  return all.size() > 4 ? out + ", ..." : out;
}

}  // namespace

CommandResult chip_list(CommandContext& context) {
  RecordWriter writer{context.out, context.format, chip_columns(), context.out_colour};
  v1::ListChipsRequest request;
  request.set_page_size(kChipPage);
  request.set_licence(context.options.licence);
  for (const auto state : states_of(context.options.states)) request.add_states(state);
  do {
    const auto page = context.client.list_chips(request);
    if (!page) return Fail{page.error()};
    for (const auto& chip : page->chips())
      writer.add(chip_cells(chip, context.now), chip_record(chip, context.now));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  writer.finish("no chips; import some with: chiploc import");
  return ExitCode::kFine;
}

CommandResult chip_show(CommandContext& context) {
  v1::GetChipRequest request;
  request.set_chip(context.options.chip);
  const auto answer = context.client.chip(request);
  if (!answer) return Fail{answer.error()};
  const v1::Chip& chip = answer->chip();
  switch (context.format) {
    case OutputFormat::kJson:
    case OutputFormat::kNdjson:
      write_json(context.out, context.format, chip_record(chip, context.now));
      break;
    case OutputFormat::kCsv: {
      RecordWriter writer{context.out, context.format, chip_columns(), false};
      writer.add({}, chip_record(chip, context.now));
      break;
    }
    case OutputFormat::kTable:
    case OutputFormat::kGeojson:
      write_chip(context.out, chip);
      if (!chip.has_last_verdict()) {
        context.out << "\nnever measured; measure it with: chiploc verify " << hex_of(chip.chip_id()) << '\n';
        break;
      }
      context.out << '\n';
      if (expired(chip.last_verdict(), context.now)) context.out << "The latest verdict has expired.\n";
      write_verdict(context.out, chip.last_verdict(), context.out_colour);
      break;
  }
  return ExitCode::kFine;
}

CommandResult chip_restart_counters(CommandContext& context) {
  v1::RestartCountersRequest request;
  request.set_chip(context.options.chip);
  request.set_reason(context.options.reason);
  const auto answer = context.client.restart_counters(request);
  if (!answer) return Fail{answer.error()};
  const auto& start = answer->start();
  if (context.format == OutputFormat::kTable) {
    context.out << "counters of chip " << hex_of(answer->device_id()) << " begin anew; until now boot count "
                << start.before().boot_count() << ", round counter " << start.before().round_counter()
                << '\n';
    return ExitCode::kFine;
  }
  Json record = json_of(start);
  record["chip_id"] = hex_of(answer->chip_id());
  record["device_id"] = hex_of(answer->device_id());
  RecordWriter writer{context.out,
                      context.format,
                      {{"chip_id", "", ""},
                       {"device_id", "", ""},
                       {"at", "", ""},
                       {"started_by", "", ""},
                       {"reason", "", ""},
                       {"boot_count_before", "", "/before/boot_count"},
                       {"round_counter_before", "", "/before/round_counter"}},
                      false};
  if (context.format == OutputFormat::kCsv) {
    writer.add({}, record);
  } else {
    write_json(context.out, context.format, record);
  }
  return ExitCode::kFine;
}

CommandResult licence_list(CommandContext& context) {
  const auto answer = context.client.licences();
  if (!answer) return Fail{answer.error()};
  if (context.format == OutputFormat::kJson) {
    Json licences = Json::array();
    for (const auto& licence : answer->licences()) licences.push_back(json_of(licence));
    Json prohibited = Json::array();
    for (const auto& country : answer->prohibited()) prohibited.push_back(country);
    Json territories = Json::array();
    for (const auto& territory : answer->territories()) territories.push_back(json_of(territory));
    write_json(context.out, context.format,
               {{"licences", std::move(licences)},
                {"prohibited", std::move(prohibited)},
                {"territories", std::move(territories)}});
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
                {spaced(licence.countries())},
                {printable(licence.valid_from())},
                {printable(licence.valid_to())},
                {std::to_string(licence.chips())}},
               json_of(licence));
  }
  writer.finish("no licences; import some with: chiploc import");
  if (context.format == OutputFormat::kTable) {
    const std::string prohibited = spaced(answer->prohibited());
    context.out << "\nprohibited territories: " << (prohibited.empty() ? "none" : prohibited) << '\n';
    for (const auto& territory : answer->territories()) {
      context.out << "territory " << printable(territory.territory()) << ": "
                  << (territory.geojson_sha256().empty() ? spaced(territory.countries())
                                                         : km2_text(territory.area_km2()) + " km2")
                  << '\n';
    }
  }
  return ExitCode::kFine;
}

CommandResult anchor_list(CommandContext& context) {
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
                       {"place_problem", "PLACE PROBLEM", ""}},
                      context.out_colour};
  for (const auto& anchor : answer->anchors()) {
    writer.add({{printable(anchor.anchor())},
                {""},
                {place_text(anchor.place())},
                {""},
                {number_text(anchor.uncertainty_km(), 1)},
                {printable(anchor.operator_name())},
                {printable(anchor.network())},
                {printable(anchor.address())},
                {anchor.rendezvous() ? "yes" : "no"},
                anchor.connected() ? Cell{"yes", Colour::kGreen} : Cell{"no", Colour::kYellow},
                {printable(anchor.software_version())},
                {short_time(anchor.last_seen_unix_ns())},
                {std::to_string(anchor.spool_dropped())},
                {printable(refused_text(anchor))},
                {printable(anchor.place_problem())}},
               json_of(anchor));
  }
  writer.finish("no anchors; import some with: chiploc import");
  return ExitCode::kFine;
}

CommandResult coordinator_status(CommandContext& context) {
  const auto answer = context.client.status();
  if (!answer) return Fail{answer.error()};
  const Json status = json_of(*answer);
  if (context.format == OutputFormat::kJson || context.format == OutputFormat::kNdjson) {
    write_json(context.out, context.format, status);
    return ExitCode::kFine;
  }
  RecordWriter writer{
      context.out, context.format, {{"name", "NAME", ""}, {"value", "VALUE", ""}}, context.out_colour};
  const auto add = [&](const std::string& name, const Json& value) {
    writer.add({{printable(name)}, {printable(csv_value(value))}}, {{"name", name}, {"value", value}});
  };
  for (const auto& [name, value] : status.items()) {
    if (name != "counters") add(name, value);
  }
  for (const auto& [name, value] : status.at("counters").items()) add(name, value);
  writer.finish("");
  return ExitCode::kFine;
}

}  // namespace chiploc
