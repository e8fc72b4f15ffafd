// Where the page is, and a way in.
#include "server/cli/commands.hpp"
#include "server/service/answer_json.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

class Page : public RemoteCommand {
 public:
  Page()
      : RemoteCommand{
            {.path = "page",
             .text = "Where the coordinator's page is, and a code to sign in there",
             .footer =
                 R"(The code stands for your certificate: whoever enters it first may at the page what you may here, for eight hours at most,
and no longer than the certificate counts. It is good once, for five minutes. People with an account at an OpenID provider
need none.

Examples:
  chiploc page
  chiploc page -o json)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

 private:
  CommandResult ask(CommandContext& context) override {
    const auto answer = context.client.sign_in_code();
    if (!answer) return Fail{answer.error()};
    if (context.format != OutputFormat::kTable) {
      write_json(context.out, context.format, json_of(*answer));
      return ExitCode::kFine;
    }
    context.out << "page   " << printable(answer->page_address()) << "\ncode   " << printable(answer->code())
                << "\nuntil  " << short_time(answer->expires_unix_ns()) << ", and good once\n";
    return ExitCode::kFine;
  }
};

}  // namespace

std::unique_ptr<Command> page_command() { return std::make_unique<Page>(); }

}  // namespace chiploc
