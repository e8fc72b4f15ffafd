// What keeps notices back for a time: mute list, add and end.
#include <utility>

#include "server/cli/commands.hpp"
#include "server/service/notice_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

const std::vector<OutputFormat> kMuteFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                             OutputFormat::kCsv};
constexpr unsigned kMutePage = 500;

/// "order O-1, kind case.updated".
std::string scope_text(const v1::Mute& mute) {
  const v1::MuteScope& scope = mute.scope();
  std::string out;
  for (const auto& [what, value] : {std::pair{"order", &scope.order()},
                                    {"site", &scope.site()},
                                    {"licence", &scope.licence()},
                                    {"chip", &scope.chip()},
                                    {"case", &scope.case_kind()},
                                    {"kind", &scope.kind()}}) {
    if (!value->empty()) out += (out.empty() ? "" : ", ") + std::string{what} + " " + printable(*value);
  }
  return mute.unreadable() ? "(damaged: it keeps nothing back)" : out;
}

void write_mutes(CommandContext& context, const std::vector<v1::Mute>& mutes) {
  RecordWriter writer{context.out,
                      context.format,
                      {{"number", "MUTE", "", true},
                       {"scope", "NOTICES OF", ""},
                       {"until", "UNTIL", ""},
                       {"author", "BY", ""},
                       {"reason", "REASON", ""},
                       {"hidden", "HIDDEN", "", true},
                       {"ended_at", "ENDED", ""},
                       {"ended_by", "", ""},
                       {"from", "", ""},
                       {"in_force", "", ""},
                       {"unreadable", "", ""},
                       {"certificate_sha256", "", ""}},
                      context.out_colour};
  for (const v1::Mute& mute : mutes) {
    Json record = json_of(mute);
    if (context.format == OutputFormat::kCsv) record["scope"] = scope_text(mute);
    writer.add(
        {{std::to_string(mute.number())},
         {scope_text(mute)},
         {short_time(mute.until_unix_ns()), mute.in_force() ? Colour::kNone : Colour::kDim},
         {printable(mute.author())},
         {printable(mute.reason())},
         {std::to_string(mute.hidden())},
         {mute.ended_unix_ns() == 0 ? "-"
                                    : short_time(mute.ended_unix_ns()) + " by " + printable(mute.ended_by())},
         {""},
         {""},
         {""},
         {""},
         {""}},
        record);
  }
  writer.finish("no mute is in force");
}

class MuteList : public RemoteCommand {
 public:
  MuteList()
      : RemoteCommand{
            {.path = "mute list",
             .text = "What keeps notices back, newest first (registrars, auditors, admins)",
             .footer = "What each has hidden: chiploc notice log --muted\n\nExamples:\n  chiploc mute list\n"
                       "  chiploc mute list --all -o csv",
             .formats = kMuteFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_flag("--all", all_, "Those that are over too");
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListMutesRequest request;
    request.set_all(all_);
    request.set_page_size(kMutePage);
    std::vector<v1::Mute> mutes;
    do {
      const auto page = context.client.list_mutes(request);
      if (!page) return Fail{page.error()};
      mutes.insert(mutes.end(), page->mutes().begin(), page->mutes().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    write_mutes(context, mutes);
    return ExitCode::kFine;
  }

  bool all_ = false;
};

class MuteAdd : public RemoteCommand {
 public:
  MuteAdd()
      : RemoteCommand{
            {.path = "mute add",
             .text = "Keep notices of something back for a time, on record (registrars, admins)",
             .footer =
                 R"(Everything that is stated has to fit. Notices alone: no status, case or hold changes, and every list shows them as before.
That a case was resolved or an order released is told all the same. What was hidden: chiploc notice log --muted

Examples:
  chiploc mute add --order O-17 --until 7d --reason "they move the rack, ticket 4711"
  chiploc mute add --chip SN-0007 --kind chip.status_changed --until 2026-12-24 --reason "new cooling")",
             .formats = kMuteFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const auto name = [&](const char* flag, std::string& into, const char* text, NameHint names) {
      hints[line.add_option(flag, into, text)].names = names;
    };
    name("--order", order_, "Of this order", NameHint::kOrders);
    name("--site", site_, "Of this site", NameHint::kSites);
    name("--licence", licence_, "Of this licence", NameHint::kLicences);
    name("--chip", chip_, "Of this chip alone", NameHint::kChips);
    const std::vector<std::string> kinds{"case.opened",   "case.updated", "case.disputed",
                                         "case.reopened", "order.held",   "chip.status_changed"};
    CLI::Option* kind = line.add_option("--kind", kind_, "Of this kind: case.updated, ..");
    kind->check(CLI::IsMember(kinds));
    hints[kind].choices = kinds;
    const std::vector<std::string> cases{"elsewhere", "another_user", "tampering", "spoofing",
                                         "blocking",  "misleading",   "unproven"};
    CLI::Option* case_kind = line.add_option("--case", case_kind_, "Of cases of this kind: elsewhere, ..");
    case_kind->check(CLI::IsMember(cases));
    hints[case_kind].choices = cases;
    line.add_option("--until", until_, "The end: 2026-12-24, 2026-12-24T12:30, or 7d for in seven days")
        ->required();
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::AddMuteRequest request;
    v1::MuteScope& scope = *request.mutable_scope();
    scope.set_kind(kind_);
    scope.set_case_kind(case_kind_);
    scope.set_order(order_);
    scope.set_licence(licence_);
    scope.set_site(site_);
    scope.set_chip(chip_);
    const auto until = parse_coming_moment(until_, context.now);
    if (!until) return Fail{CliFault{ExitCode::kUsage, "--until: " + until.error()}};
    request.set_until_unix_ns(until->since_epoch.count());
    request.set_reason(reason_);
    const auto answer = context.client.add_mute(request);
    if (!answer) return Fail{answer.error()};
    write_mutes(context, {answer->mute()});
    return ExitCode::kFine;
  }

  std::string order_, site_, licence_, chip_, kind_, case_kind_, until_, reason_;
};

class MuteEnd : public RemoteCommand {
 public:
  MuteEnd()
      : RemoteCommand{
            {.path = "mute end",
             .text = "End a mute before its time (registrars, admins)",
             .footer =
                 R"(What it has hidden stays hidden; to have one of these sent: chiploc notice log --muted

Examples:
  chiploc mute end 3)",
             .formats = kMuteFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("mute", number_, "Its number, as chiploc mute list shows it")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::EndMuteRequest request;
    request.set_number(number_);
    const auto answer = context.client.end_mute(request);
    if (!answer) return Fail{answer.error()};
    write_mutes(context, {answer->mute()});
    return ExitCode::kFine;
  }

  std::uint64_t number_ = 0;
};

}  // namespace

CommandList mute_commands() {
  CommandList list;
  list.push_back(std::make_unique<MuteList>());
  list.push_back(std::make_unique<MuteAdd>());
  list.push_back(std::make_unique<MuteEnd>());
  return list;
}

}  // namespace chiploc
