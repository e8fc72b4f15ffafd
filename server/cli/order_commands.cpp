// Lists of models, entities, sites, orders, deliveries and conditions, and one of them shown.
#include <algorithm>
#include <utility>

#include "server/cli/case_text.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/case_json.hpp"
#include "server/service/record_json.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr unsigned kRecordPage = 1'000;
const std::vector<OutputFormat> kListFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                             OutputFormat::kCsv};

/// What one noun's list is called and shows.
struct ListHead {
  v1::ImportKind kind;
  const char* noun;
  const char* text;
  const char* example;
  std::vector<Column> columns;  ///< a name is a key of the record's JSON
  std::vector<std::string_view> filters;
};

const std::vector<ListHead>& list_heads() {
  static const std::vector<ListHead> kHeads{
      {v1::MODELS,
       "model",
       "Models of chips and their export classification",
       "  chiploc model list --maker Acme",
       {{"model", "MODEL", ""}, {"maker", "MAKER", ""}, {"eccn", "ECCN", ""}, {"note", "NOTE", ""}},
       {"maker"}},
      {v1::ENTITIES,
       "entity",
       "Exporters, buyers, end users and operators, and who is watched",
       "  chiploc entity list --watched",
       {{"entity", "ENTITY", ""},
        {"roles", "ROLES", ""},
        {"country", "COUNTRY", ""},
        {"watch_since", "WATCHED SINCE", ""},
        {"watch_reason", "WHY", ""},
        {"orders", "ORDERS", "", true},
        {"licences", "LICENCES", "", true},
        {"sites", "", ""}},
       {"watched"}},
      {v1::SITES,
       "site",
       "Sites that chips are delivered to",
       "  chiploc site list --entity \"Example Hosting\"",
       {{"site", "SITE", ""},
        {"operator", "OPERATOR", ""},
        {"place", "PLACE", ""},
        {"address", "ADDRESS", ""},
        {"deliveries", "DELIVERIES", "", true},
        {"chips", "CHIPS", "", true}},
       {"entity"}},
      {v1::ORDERS,
       "order",
       "Orders and how much of them was delivered",
       "  chiploc order list --licence L-7\n  chiploc order list --watched -o csv",
       {{"order", "ORDER", ""},
        {"licence", "LICENCE", ""},
        {"exporter", "EXPORTER", ""},
        {"buyer", "BUYER", ""},
        {"end_user", "END USER", ""},
        {"operator", "OPERATOR", ""},
        {"placed", "PLACED", ""},
        {"quantity", "QUANTITY", "", true},
        {"delivered", "DELIVERED", "", true},
        {"chips", "CHIPS", "", true}},
       {"licence", "entity", "watched"}},
      {v1::DELIVERIES,
       "delivery",
       "Deliveries of orders to sites",
       "  chiploc delivery list --order O-7",
       {{"delivery", "DELIVERY", ""},
        {"order", "ORDER", ""},
        {"site", "SITE", ""},
        {"date", "DATE", ""},
        {"quantity", "QUANTITY", "", true},
        {"chips", "CHIPS", "", true},
        {"override_reason", "CAME IN ON HOLD BECAUSE", ""}},
       {"licence", "order", "site", "entity"}},
      {v1::CONDITIONS,
       "condition",
       "Conditions of licences, and what shows that they are met",
       "  chiploc condition list --unmet --due-before 2027-01-01",
       {{"condition", "CONDITION", ""},
        {"licence", "LICENCE", ""},
        {"kind", "KIND", ""},
        {"share_percent", "SHARE %", "", true},
        {"due", "DUE", ""},
        {"met", "MET", ""},
        {"evidence", "EVIDENCE", ""},
        {"evidence_sha256", "", ""}},
       {"licence", "due_before", "unmet"}}};
  return kHeads;
}

std::vector<Json> records_of(const v1::ListRecordsResponse& page) {
  std::vector<Json> out;
  const auto add = [&](const auto& records) {
    for (const auto& record : records) out.push_back(json_of(record));
  };
  add(page.models());
  add(page.entities());
  add(page.sites());
  add(page.orders());
  add(page.deliveries());
  add(page.conditions());
  return out;
}

class RecordList : public RemoteCommand {
 public:
  explicit RecordList(const ListHead& of)
      : RemoteCommand{{.path = std::string{of.noun} + " list",
                       .text = of.text,
                       .footer = std::string{"Examples:\n  chiploc "} + of.noun + " list\n" + of.example,
                       .formats = kListFormats}},
        of_{of} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const auto wanted = [&](std::string_view filter) {
      return std::find(of_.filters.begin(), of_.filters.end(), filter) != of_.filters.end();
    };
    const auto named = [&](const char* filter, const char* flag, std::string& into, const char* text,
                           NameHint names) {
      if (wanted(filter)) hints[line.add_option(flag, into, text)].names = names;
    };
    named("maker", "--maker", maker_, "Only of this maker", NameHint::kMakers);
    named("licence", "--licence", licence_, "Only under this licence", NameHint::kLicences);
    named("order", "--order", order_, "Only of this order", NameHint::kOrders);
    named("site", "--site", site_, "Only to this site", NameHint::kSites);
    named("entity", "--entity", entity_, "Only with this entity, in any role", NameHint::kEntities);
    if (wanted("watched"))
      line.add_flag("--watched", watched_,
                    of_.kind == v1::ENTITIES ? "Only those on the watch list"
                                             : "Only those that name a watched entity");
    if (wanted("due_before"))
      line.add_option("--due-before", due_before_, "Only those due before this day: 2027-01-31");
    if (wanted("unmet")) line.add_flag("--unmet", unmet_, "Only those that are not met");
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  const ListHead& of_;
  std::string maker_, licence_, order_, site_, entity_, due_before_;
  bool watched_ = false, unmet_ = false;
  unsigned limit_ = 0;
};

CommandResult RecordList::ask(CommandContext& context) {
  v1::ListRecordsRequest request;
  request.set_kind(of_.kind);
  request.set_maker(maker_);
  request.set_licence(licence_);
  request.set_order(order_);
  request.set_site(site_);
  request.set_entity(entity_);
  request.set_watched(watched_);
  request.set_due_before(due_before_);
  request.set_unmet(unmet_);
  request.set_with_total(limit_ > 0);
  RecordWriter writer{context.out, context.format, of_.columns, context.out_colour};
  unsigned shown = 0;
  std::uint64_t total = 0;
  while (limit_ == 0 || shown < limit_) {
    request.set_page_size(limit_ == 0 ? kRecordPage : std::min(limit_ - shown, kRecordPage));
    const auto page = context.client.records(request);
    if (!page) return Fail{page.error()};
    for (Json& record : records_of(*page)) {
      std::vector<Cell> cells;
      for (const Column& column : of_.columns) cells.push_back({printable(csv_value(record[column.name]))});
      writer.add(std::move(cells), std::move(record));
      ++shown;
    }
    if (request.page_token().empty()) total = page->total();
    request.set_with_total(false);
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  const std::string noun = of_.noun;
  writer.finish("no such " + noun + " here; import some with: chiploc import");
  if (!request.page_token().empty())
    context.err << "showing " << shown << " of " << total << "; --limit 0 shows all\n";
  return ExitCode::kFine;
}

/// A record's fields as lines; lists have a line of their own for each entry.
void write_lines(std::ostream& out, const Json& record) {
  constexpr std::size_t kWidth = 15;
  for (const auto& [key, value] : record.items()) {
    std::string label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    label.resize(std::max(label.size() + 1, kWidth), ' ');
    if (value.is_null()) continue;
    if (!value.is_array()) {
      out << label << printable(csv_value(value)) << '\n';
      continue;
    }
    for (const auto& entry : value) out << label << printable(csv_value(entry)) << '\n';
  }
}

/// A record in the context's format.
void write_shown(CommandContext& context, const ListHead& of, const Json& record) {
  if (context.format == OutputFormat::kTable) return write_lines(context.out, record);
  if (context.format != OutputFormat::kCsv) return write_json(context.out, context.format, record);
  RecordWriter writer{context.out, context.format, of.columns, false};
  writer.add({}, record);
  writer.finish("");
}

const ListHead& head_of(v1::ImportKind kind) {
  const auto& heads = list_heads();
  return *std::find_if(heads.begin(), heads.end(), [&](const ListHead& one) { return one.kind == kind; });
}

/// Orders of an entity, deliveries of a site: the first so many.
constexpr std::uint32_t kShownBeside = 100;

/// One entity or site with the orders or deliveries that name it.
class RecordShow : public RemoteCommand {
 public:
  RecordShow(v1::ImportKind kind, NameHint names, v1::ImportKind beside, std::string text)
      : RemoteCommand{{.path = std::string{head_of(kind).noun} + " show",
                       .text = std::move(text),
                       .footer =
                           std::string{"Example:\n  chiploc "} + head_of(kind).noun + " show NAME -o json",
                       .formats = kListFormats}},
        kind_{kind},
        names_{names},
        beside_{beside} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("name", name_, "Its name, in any case of letters")->required()].names = names_;
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListRecordsRequest request;
    request.set_kind(kind_);
    request.set_name(name_);
    const auto answer = context.client.records(request);
    if (!answer) return Fail{answer.error()};
    std::vector<Json> found = records_of(*answer);
    if (found.empty())
      return Fail{CliFault{ExitCode::kInternal, "the coordinator named no record; look at its log"}};
    Json record = std::move(found.front());
    v1::ListRecordsRequest more;
    more.set_kind(beside_);
    if (kind_ == v1::ENTITIES) {
      record["chips"] = answer->entities(0).chips();
      more.set_entity(answer->entities(0).entity());
    } else {
      more.set_site(answer->sites(0).site());
    }
    more.set_page_size(kShownBeside);
    const auto others = context.client.records(more);
    if (!others) return Fail{others.error()};
    const ListHead& beside = head_of(beside_);
    Json names = Json::array();
    for (const Json& other : records_of(*others)) names.push_back(other.at(beside.noun));
    record[std::string{beside.noun} + "_ids"] = std::move(names);
    write_shown(context, head_of(kind_), record);
    return ExitCode::kFine;
  }
  v1::ImportKind kind_;
  NameHint names_;
  v1::ImportKind beside_;
  std::string name_;
};

class OrderShow : public RemoteCommand {
 public:
  OrderShow()
      : RemoteCommand{{.path = "order show",
                       .text = "One order: what was delivered of it, where, and how its chips stand",
                       .footer = "Examples:\n  chiploc order show O-7\n  chiploc order show o-7 -o json",
                       .formats = kListFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("order", order_, "Its id, in any case of letters")->required()].names =
        NameHint::kOrders;
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string order_;
};

CommandResult OrderShow::ask(CommandContext& context) {
  v1::GetOrderRequest request;
  request.set_order(order_);
  const auto answer = context.client.order(request);
  if (!answer) return Fail{answer.error()};
  if (context.format != OutputFormat::kTable) {
    write_shown(context, head_of(v1::ORDERS), json_of(*answer));
    return ExitCode::kFine;
  }
  write_lines(context.out, json_of(answer->order()));
  for (const auto& entity : answer->watched()) {
    context.out << "watched        " << printable(entity.entity()) << " since "
                << printable(entity.watch_since()) << ": " << printable(entity.watch_reason()) << '\n';
  }
  if (answer->has_hold()) write_hold(context.out, answer->hold());
  if (answer->sites().empty()) return ExitCode::kFine;
  context.out << '\n';
  std::vector<std::vector<Cell>> rows;
  for (const auto& site : answer->sites()) {
    std::string states;
    const auto shown = json_of(site);  // the loop runs over a part of it
    for (const auto& [state, count] : shown.at("chips_by_state").items()) {
      if (count != 0) states += (states.empty() ? "" : ", ") + csv_value(count) + " " + state;
    }
    rows.push_back({{printable(site.site())},
                    {std::to_string(site.deliveries())},
                    {std::to_string(site.quantity())},
                    {std::to_string(site.chips())},
                    {states.empty() ? "none measured" : states}});
  }
  write_table(context.out,
              {{"", "SITE", ""},
               {"", "DELIVERIES", "", true},
               {"", "QUANTITY", "", true},
               {"", "CHIPS", "", true},
               {"", "LATEST VERDICTS", ""}},
              rows, context.out_colour);
  return ExitCode::kFine;
}

}  // namespace

CommandList order_commands() {
  CommandList list;
  for (const ListHead& head : list_heads()) {
    list.push_back(std::make_unique<RecordList>(head));
    if (head.kind == v1::ENTITIES)
      list.push_back(std::make_unique<RecordShow>(v1::ENTITIES, NameHint::kEntities, v1::ORDERS,
                                                  "One entity: whether it is watched, its orders and sites"));
    if (head.kind == v1::SITES)
      list.push_back(std::make_unique<RecordShow>(v1::SITES, NameHint::kSites, v1::DELIVERIES,
                                                  "One site and the deliveries that came to it"));
    if (head.kind == v1::ORDERS) list.push_back(std::make_unique<OrderShow>());
  }
  list.push_back(history_command());
  return list;
}

}  // namespace chiploc
