// "What is my day": one screen.
#include "server/cli/commands.hpp"
#include "server/cli/summary_text.hpp"
#include "server/service/summary_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

class Summary : public RemoteCommand {
 public:
  Summary()
      : RemoteCommand{
            {.path = "summary",
             .text = "The day on one screen: what changed, what is overdue, runs out or waits",
             .footer =
                 R"(Chips that were never measured are counted apart, whatever their status: nothing is known of them. + and - are changes
to a status and from it since then.

Examples:
  chiploc summary
  chiploc summary --since 7d --soon 30 -o json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}
  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--since", since_,
                    "Changes from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d (default: 24h)");
    line.add_option("--soon", soon_, "What runs out within so many days; 1 to 366")
        ->capture_default_str()
        ->check(CLI::Range(1, 366));
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::GetSummaryRequest request;
    if (!since_.empty()) {
      const auto time = parse_moment(since_, context.now);
      if (!time) return Fail{CliFault{ExitCode::kUsage, "--since: " + time.error()}};
      request.set_since_unix_ns(time->since_epoch.count());
    }
    request.set_soon_days(soon_);
    const auto answer = context.client.summary(request);
    if (!answer) return Fail{answer.error()};
    if (context.format == OutputFormat::kTable) {
      write_summary(context.out, *answer, soon_, context.out_colour);
    } else {
      write_json(context.out, context.format, json_of(*answer));
    }
    return ExitCode::kFine;
  }
  std::string since_;
  std::uint32_t soon_ = 14;
};

}  // namespace

std::unique_ptr<Command> summary_command() { return std::make_unique<Summary>(); }

}  // namespace chiploc
