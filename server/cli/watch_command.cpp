// What is committed, as it is committed.
#include <random>
#include <thread>
#include <utility>

#include "server/cli/commands.hpp"
#include "server/cli/event_text.hpp"
#include "server/cli/event_trail.hpp"
#include "server/cli/interrupt.hpp"
#include "server/cli/reader_gone.hpp"
#include "server/service/watch_json.hpp"

namespace chiploc {
namespace {

const std::map<std::string, v1::WatchKind> kKinds{
    {"verdicts", v1::WATCH_VERDICTS}, {"cases", v1::WATCH_CASES}, {"statuses", v1::WATCH_STATUSES}};

class Watch : public RemoteCommand {
 public:
  Watch()
      : RemoteCommand{
            {.path = "watch",
             .text = "Verdicts, lines of cases and changes of statuses as they are committed, until Ctrl-C",
             .footer =
                 R"(One line each: the id of the event, when, and what. When the connection ends it is made again, and goes on behind
the last event that was written: none is left out, none comes twice. Standard error says so. -o json and ndjson
also have events that only say how far one is ("event": "at").

Examples:
  chiploc watch
  chiploc watch --kinds cases,statuses
  chiploc watch --kinds verdicts --why "case C-17"
  chiploc watch --after 4711 -o ndjson >> events.ndjson)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    std::vector<std::string> names;
    for (const auto& [name, kind] : kKinds) names.push_back(name);
    CLI::Option* kinds =
        line.add_option("--kinds", kinds_, "Only these: verdicts, cases, statuses; one, a,b or repeated");
    kinds->delimiter(',')->transform(CLI::IsMember(names, CLI::ignore_case))->allow_extra_args(false);
    hints[kinds].choices = names;
    line.add_option("--after", after_, "Begin behind this event, by its id; else from now on");
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::vector<std::string> kinds_;
  std::string after_;
};

void show(CommandContext& context, const v1::WatchEvent& event) {
  if (context.format != OutputFormat::kTable) {
    write_json(context.out, context.format, watch_json(event));
  } else if (const std::string line = event_line(event, context.out_colour); !line.empty()) {
    context.out << line << '\n';
  }
  context.out.flush();
}

CommandResult Watch::ask(CommandContext& context) {
  end_when_nobody_reads();
  v1::WatchRequest request;
  for (const std::string& kind : kinds_) request.add_kinds(kKinds.at(kind));
  EventTrail trail{after_};
  bool began = false;
  std::mt19937_64 dice{std::random_device{}()};
  std::optional<Client> later;  // since the first connection ended
  std::string hindered;         // as was said last; empty: nothing does
  for (;;) {
    request.set_after(trail.after());
    const WatchEnd end = (later ? *later : context.client).watch(request, [&](const v1::WatchEvent& event) {
      const bool is_new = trail.take(event);
      if (!std::exchange(began, true) && context.format == OutputFormat::kTable)
        context.err << "chiploc: watching what comes behind event " << printable(trail.after()) << '\n';
      if (!std::exchange(hindered, {}).empty()) context.err << "chiploc: it goes on\n";
      const InterruptLater whole;  // no half of a line, and no other place than the one that is said
      if (is_new) show(context, event);
      on_interrupt_say("what comes next: chiploc watch --after " + trail.after());
      return static_cast<bool>(context.out);
    });
    if (!context.out) return ExitCode::kFine;  // run_cli says that it could not be written
    const auto wait =
        trail.wait_after(end, std::generate_canonical<double, std::numeric_limits<double>::digits>(dice));
    if (!wait) return Fail{trail.over(end)};
    if (std::exchange(hindered, end.fault.text) != end.fault.text)
      context.err << "chiploc: " << printable(end.fault.text) << "; goes on behind event "
                  << printable(trail.after()) << " as soon as it can\n";
    std::this_thread::sleep_for(*wait);
    auto again = context.client.again();
    if (!again) return Fail{again.error()};
    later.emplace(std::move(*again));
  }
}

}  // namespace

std::unique_ptr<Command> watch_command() { return std::make_unique<Watch>(); }

}  // namespace chiploc
