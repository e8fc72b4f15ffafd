#include <algorithm>
#include <utility>

#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/list_options.hpp"
#include "server/cli/past_policies.hpp"
#include "server/cli/status_text.hpp"
#include "server/cli/verdict_map.hpp"
#include "server/cli/verdict_text.hpp"

namespace chiploc {
namespace {

constexpr unsigned kChipPage = 1000;
constexpr unsigned kRegionPage = 100;
const std::vector<OutputFormat> kFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                         OutputFormat::kCsv};

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
          {"rounds", "ROUNDS", "", true},
          {"eccn", "", ""},
          {"order", "", ""},
          {"delivery", "", ""},
          {"site", "", ""}};
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
          {std::to_string(chip.rounds())},
          {""},
          {""},
          {""},
          {""}};
}

void write_chip(std::ostream& out, const v1::Chip& chip, bool colour, const StatusNotes& notes) {
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
  if (!chip.eccn().empty()) line("eccn", chip.eccn());
  if (!chip.delivery().empty())
    line("delivery", chip.delivery() + " of order " + chip.order() + " to " + chip.site());
  line("reach", chip.reach());
  if (chip.has_status()) write_status(out, chip.status(), chip.serial(), colour, notes);
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
  if (chip.last_knock_unix_ns() != 0 || chip.reach() == "knock") {
    std::string knock = short_time(chip.last_knock_unix_ns());
    if (chip.last_knock_unix_ns() == 0) knock = "none since chiplocd started";
    if (chip.knocks_every_ns() > 0)
      knock += ", about every " + number_text(static_cast<double>(chip.knocks_every_ns()) / 1e9, 0) + " s";
    line("last knock", knock);
  }
  if (chip.last_proof_unix_ns() != 0)
    line("last proof", short_time(chip.last_proof_unix_ns()) + " of its key, with a knock");
  for (const auto& last : chip.last_of_state()) {
    std::string state = state_name(last.state());
    state.resize(std::max<std::size_t>(state.size(), 11), ' ');
    line("last", state + short_time(last.decided_unix_ns()) + "  " + hex_of(last.verdict_id()));
  }
  out << '\n' << chip.certificate_pem();
  for (const std::string& issuer : chip.issuers_pem()) out << issuer;
}

const std::map<std::string, v1::ChipOrder> kOrders{{"id", v1::CHIP_ORDER_UNSPECIFIED},
                                                   {"serial", v1::BY_SERIAL},
                                                   {"licence", v1::BY_LICENCE},
                                                   {"decided", v1::BY_DECIDED},
                                                   {"expires", v1::BY_EXPIRES}};

std::vector<std::string> order_names() {
  std::vector<std::string> names;
  for (const auto& [name, order] : kOrders) names.push_back(name);
  return names;
}

/// Where its latest verdict says that it may be; no geometry where nothing was measured or the role sees none.
Json chip_feature(const v1::Chip& chip, WallTime now) {
  Json properties = chip_record(chip, now);
  Json geometry = nullptr;
  const auto& verdict = chip.last_verdict();
  properties["state"] = chip.has_last_verdict() ? Json(state_name(verdict.state())) : Json(nullptr);
  for (const char* part : {"decided_at", "expires_at"})
    properties[part] = chip.has_last_verdict() ? properties["last_verdict"][part] : Json(nullptr);
  if (!verdict.region_geojson().empty()) {
    Json region = Json::parse(verdict.region_geojson(), nullptr, /*allow_exceptions=*/false);
    if (!region.is_discarded()) geometry = std::move(region);
  }
  properties.erase("last_verdict");
  return {{"type", "Feature"}, {"geometry", std::move(geometry)}, {"properties", std::move(properties)}};
}

class ChipList : public RemoteCommand {
 public:
  ChipList()
      : RemoteCommand{{.path = "chip list",
                       .text = "Chips with their latest verdicts",
                       .footer = R"(Examples:
  chiploc chip list --state silent,invalid
  chiploc chip list --expired --sort expires --limit 20
  chiploc chip list --holder Acme --since 7d -o geojson > chips.geojson
  chiploc chip list --licence L-7 -o csv > chips.csv)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv, OutputFormat::kGeojson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    list_.add_to(line, hints, "a latest verdict");
    hints[line.add_option("--order", order_, "Only those that this order brought")].names = NameHint::kOrders;
    hints[line.add_option("--site", site_, "Only those that were delivered to this site")].names =
        NameHint::kSites;
    hints[line.add_option("--entity", entity_,
                          "Only those of its orders, of licences whose end user it is, and at its sites")]
        .names = NameHint::kEntities;
    CLI::Option* sort = line.add_option(
        "--sort", sort_, "By id, serial, licence, decided (newest first) or expires (soonest first)");
    sort->transform(CLI::IsMember(order_names(), CLI::ignore_case))->capture_default_str();
    hints[sort].choices = order_names();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  ListOptions list_;
  std::string sort_ = "id", order_, site_, entity_;
};

CommandResult ChipList::ask(CommandContext& context) {
  const bool map = context.format == OutputFormat::kGeojson;
  const unsigned most = map ? kRegionPage : kChipPage;
  v1::ListChipsRequest request;
  if (const auto filled = list_.fill(request, context.now); !filled) return Fail{filled.error()};
  request.set_order(kOrders.at(sort_));
  request.set_of_order(order_);
  request.set_site(site_);
  request.set_entity(entity_);
  request.set_with_regions(map);
  RecordWriter writer{context.out, map ? OutputFormat::kNdjson : context.format, chip_columns(),
                      context.out_colour};
  Json features = Json::array();
  std::uint64_t shown = 0, total = 0;
  while (list_.limit == 0 || shown < list_.limit) {
    request.set_page_size(
        list_.limit == 0 ? most : static_cast<unsigned>(std::min<std::uint64_t>(list_.limit - shown, most)));
    const auto page = context.client.list_chips(request);
    if (!page) return Fail{page.error()};
    for (const auto& chip : page->chips()) {
      if (map) {
        features.push_back(chip_feature(chip, context.now));
      } else {
        writer.add(chip_cells(chip, context.now), chip_record(chip, context.now));
      }
    }
    shown += static_cast<std::uint64_t>(page->chips_size());
    if (request.page_token().empty()) total = page->total();
    request.set_with_total(false);
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  if (map) {
    write_json(context.out, context.format, feature_collection(std::move(features)));
  } else {
    writer.finish("no such chips here; import some with: chiploc import");
  }
  if (!request.page_token().empty()) list_.say_cut(context.err, shown, total, false);
  return ExitCode::kFine;
}

class ChipShow : public RemoteCommand {
 public:
  ChipShow()
      : RemoteCommand{{.path = "chip show",
                       .text = "One chip and its latest verdict",
                       .footer = R"(Examples:
  chiploc chip show 9f3a
  chiploc chip show SN-0007 -o json)",
                       .formats = kFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override { add_chip_argument(line, hints, chip_); }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string chip_;
};

CommandResult ChipShow::ask(CommandContext& context) {
  v1::GetChipRequest request;
  request.set_chip(chip_);
  const auto answer = context.client.chip(request);
  if (!answer) return Fail{answer.error()};
  const v1::Chip& chip = answer->chip();
  const auto notes = status_notes(context.client, chip);
  if (!notes) return Fail{notes.error()};
  switch (context.format) {
    case OutputFormat::kJson:
    case OutputFormat::kNdjson: {
      Json record = chip_answer(*answer, context.now);
      if (chip.has_status()) record["status"]["past_policies"] = notes->past_policies;
      write_json(context.out, context.format, record);
      break;
    }
    case OutputFormat::kCsv: {
      RecordWriter writer{context.out, context.format, chip_columns(), false};
      writer.add({}, chip_record(chip, context.now));
      break;
    }
    case OutputFormat::kTable:
    case OutputFormat::kGeojson:
      write_chip(context.out, chip, context.out_colour, *notes);
      if (!chip.has_last_verdict()) {
        context.out << "\nnever measured; measure it with: chiploc verify " << hex_of(chip.chip_id()) << '\n';
        break;
      }
      context.out << '\n';
      if (expired(chip.last_verdict(), context.now)) context.out << "The latest verdict has expired.\n";
      write_verdict(context.out, chip.last_verdict(), context.out_colour);
      if (!answer->requested_by().name().empty())
        context.out << "  requested by " << requester_text(answer->requested_by()) << '\n';
      break;
  }
  return ExitCode::kFine;
}

class RestartCounters : public RemoteCommand {
 public:
  RestartCounters()
      : RemoteCommand{
            {.path = "chip restart-counters",
             .text = "Let the counters of a chip's present key begin anew, on record (admins)",
             .footer =
                 R"(For a chip that lost its counters, say with its firmware's storage. Until its next round a copy of its key with
old counters would be taken too, so ask who says that they are lost. A new key needs none of this.

Example:
  chiploc chip restart-counters 9f3a --reason "flash replaced, ticket 4711")",
             .formats = kFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    add_chip_argument(line, hints, chip_);
    line.add_option("--reason", reason_, "Why; kept in the journal and shown with the next verdict")
        ->required();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string chip_;
  std::string reason_;
};

CommandResult RestartCounters::ask(CommandContext& context) {
  v1::RestartCountersRequest request;
  request.set_chip(chip_);
  request.set_reason(reason_);
  const std::string look = "whether the counters began anew, 'chiploc chip show " + chip_ + "' says";
  on_interrupt_say(look);
  const auto answer = context.client.restart_counters(request);
  if (!answer && answer.error().answer_lost)
    return Fail{CliFault{answer.error().code, answer.error().text + "; " + look}};
  if (!answer) return Fail{answer.error()};
  const auto& start = answer->start();
  if (context.format == OutputFormat::kTable) {
    context.out << "counters of chip " << hex_of(answer->device_id()) << " begin anew; until now boot count "
                << start.before().boot_count() << ", round counter " << start.before().round_counter()
                << '\n';
    return ExitCode::kFine;
  }
  const Json record = json_of(*answer);
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

}  // namespace

CommandList chip_commands() {
  CommandList list;
  list.push_back(std::make_unique<ChipList>());
  list.push_back(std::make_unique<ChipShow>());
  list.push_back(std::make_unique<RestartCounters>());
  return list;
}

}  // namespace chiploc
