// What persons work on: case list and case show; what they say of it: case_deeds.cpp.
#include <algorithm>
#include <utility>

#include "server/cli/case_text.hpp"
#include "server/cli/commands.hpp"
#include "server/service/case_json.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr unsigned kCasePage = 1'000;
const std::vector<OutputFormat> kCaseFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                             OutputFormat::kCsv};
const std::vector<std::string> kCaseStates{"open", "disputed", "resolved"};
const std::vector<std::string> kCaseKindNames{"elsewhere", "another_user", "tampering", "spoofing",
                                              "blocking",  "misleading",   "unproven"};

void add_choice(CLI::App& line, CompletionHints& hints, const char* flag, std::vector<std::string>& into,
                const std::vector<std::string>& choices, const char* text) {
  CLI::Option* option = line.add_option(flag, into, text);
  option->delimiter(',')->transform(CLI::IsMember(choices, CLI::ignore_case))->allow_extra_args(false);
  hints[option].choices = choices;
}

class CaseListCommand : public RemoteCommand {
 public:
  CaseListCommand()
      : RemoteCommand{
            {.path = "case list",
             .text = "Cases that are to be worked on, the most urgent first",
             .footer =
                 R"(Without --state those that are open or disputed. What a priority is made of: chiploc case show C-17

Examples:
  chiploc case list
  chiploc case list --kind elsewhere,tampering --unassigned
  chiploc case list --state resolved --since 30d --newest -o csv
  chiploc case list --order O-7 --assignee ann)",
             .formats = kCaseFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    add_choice(line, hints, "--state", states_, kCaseStates, "Only in these states: one, a,b or repeated");
    add_choice(line, hints, "--kind", kinds_, kCaseKindNames, "Only of these kinds, likewise");
    hints[line.add_option("--order", order_, "Only of this order")].names = NameHint::kOrders;
    hints[line.add_option("--site", site_, "Only of this site")].names = NameHint::kSites;
    hints[line.add_option("--licence", licence_, "Only under this licence")].names = NameHint::kLicences;
    hints[line.add_option("--entity", entity_, "Only of orders that name this entity, in any role")].names =
        NameHint::kEntities;
    CLI::Option* assignee = line.add_option("--assignee", assignee_, "Only those of this person");
    line.add_flag("--unassigned", unassigned_, "Only those of nobody")->excludes(assignee);
    line.add_option("--since", since_,
                    "Only those opened from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    line.add_flag("--newest", newest_, "The newest first");
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::vector<std::string> states_, kinds_;
  std::string order_, site_, licence_, entity_, assignee_, since_;
  bool unassigned_ = false, newest_ = false;
  unsigned limit_ = 0;
};

CommandResult CaseListCommand::ask(CommandContext& context) {
  v1::ListCasesRequest request;
  for (const std::string& state : states_) request.add_states(case_state_named(state));
  if (states_.empty()) {
    request.add_states(v1::CASE_OPEN);
    request.add_states(v1::CASE_DISPUTED);
  }
  for (const std::string& kind : kinds_) request.add_kinds(case_kind_named(kind));
  request.set_order(order_);
  request.set_site(site_);
  request.set_licence(licence_);
  request.set_entity(entity_);
  request.set_assignee(assignee_);
  request.set_unassigned(unassigned_);
  request.set_newest_first(newest_);
  request.set_with_total(limit_ > 0);
  if (!since_.empty()) {
    const auto since = parse_moment(since_, context.now);
    if (!since) return Fail{CliFault{ExitCode::kUsage, "--since: " + since.error()}};
    request.set_since_unix_ns(since->since_epoch.count());
  }
  RecordWriter writer{context.out, context.format, case_columns(), context.out_colour};
  std::uint64_t shown = 0, total = 0;
  do {
    request.set_page_size(
        limit_ == 0 ? kCasePage : static_cast<unsigned>(std::min<std::uint64_t>(limit_ - shown, kCasePage)));
    const auto page = context.client.list_cases(request);
    if (!page) return Fail{page.error()};
    for (const v1::Case& one : page->cases()) writer.add(case_cells(one), json_of(one));
    shown += static_cast<std::uint64_t>(page->cases_size());
    if (request.page_token().empty()) total = page->total();
    request.set_with_total(false);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && (limit_ == 0 || shown < limit_));
  writer.finish("no such cases");
  if (!request.page_token().empty())
    context.err << "showing " << shown << " of " << total << "; --limit 0 shows all\n";
  return ExitCode::kFine;
}

class CaseShowCommand : public RemoteCommand {
 public:
  CaseShowCommand()
      : RemoteCommand{
            {.path = "case show",
             .text = "One case: what it is about, how urgent and why, its chips and its timeline",
             .footer = "Examples:\n  chiploc case show C-17\n  chiploc case show 17 --limit 0 -o json",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("case", name_, "Its name: C-17")->required()].names = NameHint::kCases;
    line.add_option("--limit", limit_, "At most so many entries of the timeline, the newest; 0: all")
        ->check(is_whole())
        ->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string name_;
  unsigned limit_ = 20;
};

CommandResult CaseShowCommand::ask(CommandContext& context) {
  v1::GetCaseRequest request;
  request.set_name(name_);
  request.set_page_size(limit_ == 0 ? kCasePage : std::min(limit_, kCasePage));
  auto answer = context.client.case_of(request);
  if (!answer) return Fail{answer.error()};
  auto timeline = answer->timeline();
  const auto wanted = [&] { return limit_ == 0 || static_cast<unsigned>(timeline.size()) < limit_; };
  request.set_page_token(answer->next_page_token());
  while (!request.page_token().empty() && wanted()) {
    if (limit_ > 0)
      request.set_page_size(std::min(limit_ - static_cast<unsigned>(timeline.size()), kCasePage));
    const auto more = context.client.case_of(request);
    if (!more) return Fail{more.error()};
    timeline.MergeFrom(more->timeline());
    request.set_page_token(more->next_page_token());
  }
  if (context.format == OutputFormat::kTable) {
    write_case(context.out, answer->found(), timeline);
  } else {
    write_json(context.out, context.format, json_of(answer->found(), timeline));
  }
  if (!request.page_token().empty())
    context.err << "showing the newest " << timeline.size() << " of " << answer->found().entries()
                << " entries; --limit 0 shows all\n";
  return ExitCode::kFine;
}

}  // namespace

CommandList case_commands() {
  CommandList list;
  list.push_back(std::make_unique<CaseListCommand>());
  list.push_back(std::make_unique<CaseShowCommand>());
  for (auto& command : case_deed_commands()) list.push_back(std::move(command));
  return list;
}

}  // namespace chiploc
