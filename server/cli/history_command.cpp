#include <algorithm>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/service/registry_kinds.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

std::vector<std::string> kind_words() {
  std::vector<std::string> out;
  for (const RegistryKind& known : kRegistryKinds) out.emplace_back(word_of(known));
  return out;
}

class RegistryHistory : public RemoteCommand {
 public:
  RegistryHistory()
      : RemoteCommand{
            {.path = "registry history",
             .text = "What imports and removals changed, newest first (registrars, auditors, admins)",
             .footer =
                 R"(A record that came or went stands whole, as JSON, under NEW or OLD; certificates and drawings by their SHA-256. What
was imported before version 9 of the database left no history.

Examples:
  chiploc registry history --since 7d
  chiploc registry history licence L-7
  chiploc registry history chip SN-0001 -o json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                         OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    CLI::Option* kind = line.add_option("kind", kind_, "Only of this kind: " + joined(kind_words(), ", "));
    kind->transform(CLI::IsMember(kind_words(), CLI::ignore_case));
    hints[kind].choices = kind_words();
    line.add_option("name", name_,
                    "Only of this record, there or gone: its name or id, or a chip's serial number");
    line.add_option("--since", since_, "Only from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string kind_, name_, since_;
  unsigned limit_ = 0;
};

CommandResult RegistryHistory::ask(CommandContext& context) {
  constexpr unsigned kPage = 1'000;
  v1::ListRegistryChangesRequest request;
  for (const RegistryKind& known : kRegistryKinds) {
    if (word_of(known) == kind_) request.set_kind(known.kind);
  }
  request.set_name(name_);
  if (!since_.empty()) {
    const auto time = parse_moment(since_, context.now);
    if (!time) return Fail{CliFault{ExitCode::kUsage, "--since: " + time.error()}};
    request.set_since_unix_ns(time->since_epoch.count());
  }
  RecordWriter writer{context.out,
                      context.format,
                      {{"version", "VERSION", "", true},
                       {"at", "AT", ""},
                       {"by", "BY", ""},
                       {"certificate_sha256", "", ""},
                       {"reason", "REASON", ""},
                       {"kind", "KIND", ""},
                       {"key", "RECORD", ""},
                       {"field", "FIELD", ""},
                       {"old", "OLD", ""},
                       {"new", "NEW", ""}},
                      context.out_colour};
  unsigned shown = 0;
  while (limit_ == 0 || shown < limit_) {
    request.set_page_size(limit_ == 0 ? kPage : std::min(limit_ - shown, kPage));
    const auto page = context.client.registry_changes(request);
    if (!page) return Fail{page.error()};
    for (const auto& change : page->changes()) {
      Json record = json_of(change);
      const auto cell = [&](const char* key) {
        return Cell{record[key].is_null() ? "-" : printable(csv_value(record[key]))};
      };
      std::vector<Cell> cells{cell("version"), {short_time(change.at_unix_ns())},
                              cell("by"),      {""},
                              cell("reason"),  cell("kind"),
                              cell("key"),     cell("field"),
                              cell("old"),     cell("new")};
      writer.add(std::move(cells), std::move(record));
      ++shown;
    }
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) break;
  }
  writer.finish("nothing changed");
  if (!request.page_token().empty())
    context.err << "showing the newest " << shown << "; --limit 0 shows all\n";
  return ExitCode::kFine;
}

}  // namespace

std::unique_ptr<Command> history_command() { return std::make_unique<RegistryHistory>(); }

}  // namespace chiploc
