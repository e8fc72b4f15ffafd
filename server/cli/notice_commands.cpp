// What other systems were told: the delivery log, sinks, tests, exports.
#include <algorithm>
#include <thread>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/service/notice_json.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr unsigned kNoticePage = 500;
const std::vector<OutputFormat> kNoticeFormats{OutputFormat::kTable, OutputFormat::kJson,
                                               OutputFormat::kNdjson, OutputFormat::kCsv};

Colour notice_colour(v1::NoticeState state) {
  switch (state) {
    case v1::NOTICE_SENT:
      return Colour::kGreen;
    case v1::NOTICE_DEAD:
      return Colour::kRed;
    case v1::NOTICE_WAITING:
      return Colour::kYellow;
    default:
      return Colour::kDim;
  }
}

Result<std::int64_t, CliFault> since_of(const std::string& text, WallTime now) {
  if (text.empty()) return std::int64_t{0};
  const auto time = parse_moment(text, now);
  if (!time) return Fail{CliFault{ExitCode::kUsage, "--since: " + time.error()}};
  return std::int64_t{time->since_epoch.count()};
}

std::vector<Column> attempt_columns() {
  return {{"at", "AT", ""},
          {"delivery", "DELIVERY", "", true},
          {"notice_id", "", ""},
          {"kind", "KIND", ""},
          {"subject", "SUBJECT", ""},
          {"sink", "SINK", ""},
          {"attempt", "TRY", "", true},
          {"http_status", "", ""},
          {"took_ms", "", ""},
          {"state", "STATE", ""},
          {"now", "NOW", ""},
          {"text", "WHAT WAS SAID", ""}};
}

std::vector<Cell> attempt_cells(const v1::NoticeAttempt& attempt) {
  const std::string now = notice_state_name(attempt.now());
  return {{short_time(attempt.at_unix_ns())},
          {std::to_string(attempt.delivery())},
          {""},
          {attempt.kind().empty() ? "-" : printable(attempt.kind())},
          {attempt.subject().empty() ? "-" : printable(attempt.subject())},
          {printable(attempt.sink())},
          {attempt.attempt() == 0 ? "-" : std::to_string(attempt.attempt())},
          {""},
          {""},
          {notice_state_name(attempt.state()), notice_colour(attempt.state())},
          {now.empty() ? "-" : now, notice_colour(attempt.now())},
          {printable(attempt.text())}};
}

class NoticeLog : public RemoteCommand {
 public:
  NoticeLog()
      : RemoteCommand{
            {.path = "notice log",
             .text = "Every attempt to tell other systems, newest first (registrars, auditors, admins)",
             .footer =
                 R"(With --dead what was given up, the oldest first, with what the receiver said last; with --muted what a mute kept back, and
which. Either is sent with: chiploc notice resend DELIVERY

Examples:
  chiploc notice log --since 1d
  chiploc notice log --sink siem --dead
  chiploc notice log --notice 0dffa4a31c88056e589ba28ee8a7348c -o json)",
             .formats = kNoticeFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--sink", sink_, "Only of this sink");
    line.add_option("--notice", notice_, "Only of the notice with this id, as receivers get it");
    line.add_option("--since", since_, "Only from then on: 2026-11-30, 2026-11-30T12:30, 2h, 7d");
    CLI::Option* dead = line.add_flag("--dead", dead_, "Only what was given up and waits for a person");
    line.add_flag("--muted", muted_, "Only what a mute kept back")->excludes(dead);
    line.add_option("--limit", limit_, "At most so many; 0: all")->check(is_whole())->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListNoticesRequest request;
    request.set_sink(sink_);
    request.set_notice(notice_);
    request.set_dead(dead_);
    request.set_muted(muted_);
    const auto since = since_of(since_, context.now);
    if (!since) return Fail{since.error()};
    request.set_since_unix_ns(*since);
    RecordWriter writer{context.out, context.format, attempt_columns(), context.out_colour};
    unsigned shown = 0;
    do {
      request.set_page_size(limit_ == 0 ? kNoticePage : std::min(limit_ - shown, kNoticePage));
      const auto page = context.client.list_notices(request);
      if (!page) return Fail{page.error()};
      for (const auto& attempt : page->attempts()) writer.add(attempt_cells(attempt), json_of(attempt));
      shown += static_cast<unsigned>(page->attempts_size());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && (limit_ == 0 || shown < limit_));
    writer.finish(dead_ ? "no dead letters" : muted_ ? "nothing was muted" : "nothing was sent");
    if (!request.page_token().empty())
      context.err << "showing " << shown << "; there are more, --limit 0 shows all\n";
    return ExitCode::kFine;
  }

  std::string sink_, notice_, since_;
  bool dead_ = false, muted_ = false;
  unsigned limit_ = 100;
};

class NoticeResend : public RemoteCommand {
 public:
  NoticeResend()
      : RemoteCommand{{.path = "notice resend",
                       .text = "Have a dead letter sent again, or sent what was muted (admins)",
                       .footer = R"(It goes before what waits of its subject, with the id that it has.

Examples:
  chiploc notice resend 1207)",
                       .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("delivery", delivery_, "Number of the delivery, as chiploc notice log shows it")
        ->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ResendNoticeRequest request;
    request.set_delivery(delivery_);
    const auto answer = context.client.resend_notice(request);
    if (!answer) return Fail{answer.error()};
    context.out << "delivery " << delivery_ << " is sent to " << printable(answer->sink());
    if (answer->sink_off())
      context.out << " once that is switched on: chiploc notice sink on " << printable(answer->sink());
    context.out << '\n';
    return ExitCode::kFine;
  }

  std::uint64_t delivery_ = 0;
};

class NoticeTestCommand : public RemoteCommand {
 public:
  NoticeTestCommand()
      : RemoteCommand{
            {.path = "notice test",
             .text = "Send a sink a test, and say what became of it (admins)",
             .footer =
                 R"(Exit code 0 once the receiver has taken it. 69 where its first attempt failed, or none was made within --timeout: it is
sent again then, as every notice is.

Examples:
  chiploc notice test siem)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("sink", sink_, "Sink of chiplocd.toml; whatever kinds it is told")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::TestSinkRequest request;
    request.set_sink(sink_);
    const auto sent = context.client.test_sink(request);
    if (!sent) return Fail{sent.error()};
    v1::ListNoticesRequest log;
    log.set_notice(hex_of(sent->notice_id()));
    log.set_page_size(1);
    constexpr std::chrono::milliseconds kBetween{100};
    for (std::chrono::milliseconds waited{0}; waited < context.patience; waited += kBetween) {
      const auto page = context.client.list_notices(log);
      if (!page) return Fail{page.error()};
      if (!page->attempts().empty()) return say(context, page->attempts(0));
      std::this_thread::sleep_for(kBetween);
    }
    return Fail{CliFault{
        ExitCode::kUnreachable,
        "no attempt was made yet; look again: chiploc notice log --notice " + hex_of(sent->notice_id())}};
  }
  CommandResult say(CommandContext& context, const v1::NoticeAttempt& attempt) const {
    if (context.format != OutputFormat::kTable) write_json(context.out, context.format, json_of(attempt));
    if (attempt.state() == v1::NOTICE_SENT) {
      if (context.format == OutputFormat::kTable) {
        context.out << printable(sink_) << " has taken it: " << printable(attempt.text()) << " in "
                    << attempt.took_ns() / 1'000'000 << " ms\n";
      }
      return ExitCode::kFine;
    }
    return Fail{CliFault{ExitCode::kUnreachable, printable(sink_) + " did not take it: " +
                                                     printable(attempt.text()) + "; it is sent again"}};
  }

  std::string sink_;
};

std::vector<Column> sink_columns() {
  return {{"sink", "SINK", ""},           {"configured", "", ""},
          {"receiver", "RECEIVER", ""},   {"format", "FORMAT", ""},
          {"kinds", "KINDS", ""},         {"waiting", "WAITING", "", true},
          {"dead", "DEAD", "", true},     {"oldest_waits_since", "OLDEST", ""},
          {"off_since", "OFF SINCE", ""}, {"why_off", "WHY", ""}};
}

std::vector<Cell> sink_cells(const v1::NoticeSinkStanding& sink) {
  constexpr int kAllKinds = 8;  // of Alertmanager, which chips' statuses are no alert for
  return {{printable(sink.sink())},
          {""},
          {sink.configured() ? printable(sink.receiver()) : "(no longer in chiplocd.toml)"},
          {printable(sink.format())},
          {sink.kinds_size() >= kAllKinds ? "all" : joined(sink.kinds(), ", ", printable)},
          {std::to_string(sink.waiting())},
          {std::to_string(sink.dead()), sink.dead() > 0 ? Colour::kRed : Colour::kNone},
          {sink.oldest_unix_ns() == 0 ? "-" : short_time(sink.oldest_unix_ns())},
          {sink.off_unix_ns() == 0 ? "-" : short_time(sink.off_unix_ns()), Colour::kRed},
          {printable(sink.why_off())}};
}

class NoticeSinks : public RemoteCommand {
 public:
  NoticeSinks()
      : RemoteCommand{{.path = "notice sinks",
                       .text = "Who is told, and what waits for each (registrars, auditors, admins)",
                       .footer = "Examples:\n  chiploc notice sinks\n  chiploc notice sinks -o json",
                       .formats = kNoticeFormats}} {}

 private:
  CommandResult ask(CommandContext& context) override {
    const auto answer = context.client.list_sinks();
    if (!answer) return Fail{answer.error()};
    RecordWriter writer{context.out, context.format, sink_columns(), context.out_colour};
    for (const auto& sink : answer->sinks()) writer.add(sink_cells(sink), json_of(sink));
    writer.finish("none: chiplocd.toml has no [[notices]]");
    return ExitCode::kFine;
  }
};

class NoticeSinkSwitch : public RemoteCommand {
 public:
  NoticeSinkSwitch()
      : RemoteCommand{
            {.path = "notice sink",
             .text = "Switch a sink on or off (admins)",
             .footer =
                 R"(What waits for it keeps waiting. A receiver that answers 410 switches its sink off by itself.

Examples:
  chiploc notice sink off siem --reason "moved to another host, ticket 4711"
  chiploc notice sink on siem)",
             .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> ways{"on", "off"};
    CLI::Option* way = line.add_option("way", way_, "on or off");
    way->required()->check(CLI::IsMember(ways));
    hints[way].choices = ways;
    line.add_option("sink", sink_, "Sink of chiplocd.toml")->required();
    line.add_option("--reason", reason_, "Why it is switched off; kept with it");
  }

 private:
  CommandResult ask(CommandContext& context) override {
    const bool off = way_ == "off";
    if (off == reason_.empty())
      return Fail{CliFault{ExitCode::kUsage, off ? "--reason is missing: why it is switched off"
                                                 : "--reason is for switching it off; leave it out"}};
    v1::SwitchSinkRequest request;
    request.set_sink(sink_);
    request.set_off(off);
    request.set_reason(reason_);
    const auto answer = context.client.switch_sink(request);
    if (!answer) return Fail{answer.error()};
    context.out << printable(sink_) << " is switched " << way_ << "; " << answer->sink().waiting()
                << (answer->sink().waiting() == 1 ? " notice waits\n" : " notices wait\n");
    return ExitCode::kFine;
  }

  std::string way_, sink_, reason_;
};

class NoticeExport : public RemoteCommand {
 public:
  NoticeExport()
      : RemoteCommand{
            {.path = "notice export",
             .text = "Notices as lines of JSON, oldest first, for a SIEM (registrars, auditors, admins)",
             .footer =
                 R"(A line each: an OCSF 1.3.0 finding, or the CloudEvents event that receivers get. Muted ones too: a mute hides notices from
receivers, not from who asks. They go by age: notices_days of chiplocd.toml.

Examples:
  chiploc notice export --since 1d >findings.ndjson
  chiploc notice export --form cloudevents | jq .type)",
             .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> forms{"ocsf", "cloudevents"};
    CLI::Option* form = line.add_option("--form", form_, "ocsf or cloudevents");
    form->check(CLI::IsMember(forms))->capture_default_str();
    hints[form].choices = forms;
    line.add_option("--since", since_, "Only what became so then or later: 2026-11-30, 2h, 7d");
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ExportNoticesRequest request;
    request.set_form(form_ == "ocsf" ? v1::NOTICE_OCSF : v1::NOTICE_CLOUDEVENT);
    const auto since = since_of(since_, context.now);
    if (!since) return Fail{since.error()};
    request.set_since_unix_ns(*since);
    std::uint64_t unreadable = 0;
    do {
      const auto page = context.client.export_notices(request);
      if (!page) return Fail{page.error()};
      for (const std::string& line : page->lines()) context.out << line << '\n';
      unreadable += page->unreadable();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    if (unreadable == 0) return ExitCode::kFine;
    return Fail{
        CliFault{ExitCode::kInternal, std::to_string(unreadable) +
                                          " notices of the store are damaged and were left out; look at "
                                          "chiplocd's disk"}};
  }

  std::string form_ = "ocsf", since_;
};

}  // namespace

CommandList notice_commands() {
  CommandList list;
  list.push_back(std::make_unique<NoticeLog>());
  list.push_back(std::make_unique<NoticeResend>());
  list.push_back(std::make_unique<NoticeTestCommand>());
  list.push_back(std::make_unique<NoticeSinks>());
  list.push_back(std::make_unique<NoticeSinkSwitch>());
  list.push_back(std::make_unique<NoticeExport>());
  return list;
}

}  // namespace chiploc
