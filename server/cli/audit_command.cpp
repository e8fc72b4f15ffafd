// audit list: who looked at what is sealed.
#include "server/cli/commands.hpp"
#include "server/service/audit_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

/// "GetVerdict" of "chiploc.v1.OperatorService.GetVerdict".
std::string short_method(const std::string& method) { return method.substr(method.rfind('.') + 1); }

class AuditList : public RemoteCommand {
 public:
  AuditList()
      : RemoteCommand{{.path = "audit list",
                       .text = "Who looked at what is sealed, when and why, newest first (auditors, admins)",
                       .footer = R"(An entry is on disk before its answer leaves. Entries are never removed.

Examples:
  chiploc audit list
  chiploc audit list --name ann --since 7d
  chiploc audit list --limit 0 -o ndjson)",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--name", name_, "Of this person alone, as records name them");
    line.add_option("--since", since_, "Only from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    line.add_option("--limit", limit_, "At most so many; 0: all")->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListAuditRequest request;
    request.set_name(name_);
    if (!since_.empty()) {
      const auto since = parse_moment(since_, context.now);
      if (!since) return Fail{CliFault{ExitCode::kUsage, "--since: " + since.error()}};
      request.set_since_unix_ns(since->since_epoch.count());
    }
    RecordWriter writer{context.out,
                        context.format,
                        {{"number", "NUMBER", "", true},
                         {"at", "AT", ""},
                         {"name", "WHO", ""},
                         {"role", "ROLE", ""},
                         {"reason", "WHY", ""},
                         {"method", "CALL", ""},
                         {"subject", "ABOUT", ""},
                         {"records", "RECORDS", "", true},
                         {"issuer", "", ""},
                         {"account", "", ""},
                         {"certificate_sha256", "", ""}},
                        context.out_colour};
    constexpr std::size_t kPageMost = 1'000;
    std::size_t shown = 0;
    do {
      request.set_page_size(static_cast<std::uint32_t>(
          limit_ == 0 ? kPageMost : std::min<std::size_t>(kPageMost, limit_ - shown)));
      const auto page = context.client.audit(request);
      if (!page) return Fail{page.error()};
      for (const v1::AuditRecord& one : page->entries()) {
        writer.add({{std::to_string(one.number())},
                    {short_time(one.at_unix_ns())},
                    {printable(one.name())},
                    {printable(one.role())},
                    {one.reason().empty() ? "-" : printable(one.reason())},
                    {printable(short_method(one.method()))},
                    {printable(one.subject())},
                    {std::to_string(one.records())},
                    {""},
                    {""},
                    {""}},
                   json_of(one));
        ++shown;
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && (limit_ == 0 || shown < limit_));
    writer.finish("none: nobody has looked at anything that is sealed");
    return ExitCode::kFine;
  }

  std::string name_, since_;
  std::size_t limit_ = 100;
};

}  // namespace

CommandList audit_commands() {
  CommandList list;
  list.push_back(std::make_unique<AuditList>());
  return list;
}

}  // namespace chiploc
