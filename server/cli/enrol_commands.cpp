// Tokens by which newcomers get their first certificate: enrol token, list and revoke.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "server/cli/commands.hpp"
#include "server/pki/files.hpp"
#include "server/service/enrolment_json.hpp"
#include "server/text/moments.hpp"

namespace chiploc {
namespace {

const std::vector<OutputFormat> kEnrolFormats{OutputFormat::kTable, OutputFormat::kJson,
                                              OutputFormat::kNdjson, OutputFormat::kCsv};
constexpr unsigned kEnrolPage = 500;
constexpr mode_t kSecretMode = 0600;

/// "used 2026-12-01 by 192.0.2.1".
std::string end_text(const v1::Enrolment& one) {
  if (one.used_unix_ns() != 0) return short_time(one.used_unix_ns()) + " from " + printable(one.used_from());
  if (one.revoked_unix_ns() != 0)
    return short_time(one.revoked_unix_ns()) + " by " + printable(one.revoked_by());
  return "-";
}

std::string whose(const v1::Enrolment& one) {
  if (!one.holder().empty()) return printable(one.holder());
  return one.licence().empty() ? "-" : printable(one.licence());
}

class EnrolmentWriter {
 public:
  explicit EnrolmentWriter(CommandContext& context)
      : format_{context.format},
        writer_{context.out,
                context.format,
                {{"number", "ENROLMENT", "", true},
                 {"kind", "KIND", ""},
                 {"name", "NAME", ""},
                 {"holder", "HOLDER OR LICENCE", ""},
                 {"state", "STATE", ""},
                 {"made_at", "MADE", ""},
                 {"author", "BY", ""},
                 {"until", "UNTIL", ""},
                 {"used_at", "USED OR REVOKED", ""},
                 {"reason", "REASON", ""},
                 {"used_from", "", ""},
                 {"used_key_sha256", "", ""},
                 {"revoked_at", "", ""},
                 {"revoked_by", "", ""},
                 {"certificate_sha256", "", ""},
                 {"maker", "", ""},
                 {"model", "", ""},
                 {"licence", "", ""},
                 {"steps", "", ""}},
                context.out_colour} {}

  void add(const v1::Enrolment& one) {
    Json record = json_of(one);
    if (format_ == OutputFormat::kCsv) record["steps"] = one.steps_size();
    writer_.add({{std::to_string(one.number())},
                 {printable(one.kind())},
                 {printable(one.name())},
                 {whose(one)},
                 {printable(one.state()), one.state() == "open" ? Colour::kNone : Colour::kDim},
                 {short_time(one.made_unix_ns())},
                 {printable(one.author())},
                 {short_time(one.until_unix_ns())},
                 {end_text(one)},
                 {printable(one.reason())},
                 {""},
                 {""},
                 {""},
                 {""},
                 {""},
                 {""},
                 {""},
                 {""},
                 {""}},
                record);
  }
  void finish() { writer_.finish("no token of enrolment was made"); }

 private:
  OutputFormat format_;
  RecordWriter writer_;
};

class EnrolToken : public RemoteCommand {
 public:
  EnrolToken()
      : RemoteCommand{
            {.path = "enrol token",
             .text =
                 "Make a token by which an anchor or a site gets its first certificate, or a chip its row (admins)",
             .footer =
                 R"(A token is good once, for --valid, for this kind and name alone; the certificate is signed by the coordinator's own authority
([enrol] of chiplocd.toml). It is told this once: the coordinator keeps its SHA-256. A site's certificate is an operator's,
and sees the rows of its holder alone. An agent's token registers one chip, whose certificate is its maker's, as a row of
'import --chips' with this serial number, maker, model and licence; the coordinator needs no authority for it.

Examples:
  chiploc enrol token anchor fra1 --reason "new anchor in Frankfurt"
  chiploc enrol token site olga --holder 'Example SA' --valid 7d --out olga.token --reason "ticket 4711"
  chiploc enrol token agent SN-0001 --maker 'Acme Silicon' --model LAB-100 --licence L-2026-1 --reason "rack 7")",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> kinds{"anchor", "site", "agent"};
    CLI::Option* kind = line.add_option("kind", kind_, "anchor, site or agent");
    kind->required()->check(CLI::IsMember(kinds));
    hints[kind].choices = kinds;
    line.add_option("name", name_,
                    "Whom it is for: the name in the certificate; of an agent the chip's serial number")
        ->required();
    hints[line.add_option("--holder", holder_, "Of a site: whose, as licences name it")].names =
        NameHint::kHolders;
    hints[line.add_option("--maker", maker_, "Of an agent: who certified the chip")].names =
        NameHint::kMakers;
    hints[line.add_option("--model", model_, "Of an agent: the chip's model")].names = NameHint::kModels;
    hints[line.add_option("--licence", licence_, "Of an agent: the licence that the chip belongs to")].names =
        NameHint::kLicences;
    line.add_option("--valid", valid_, "How long it can be used: 30m, 24h, 7d; at most 30d")
        ->capture_default_str();
    hints[line.add_option("--out", out_, "A new file of mode 0600 for the token, in place of the terminal")]
        .files = true;
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::CreateEnrolmentTokenRequest request;
    request.set_kind(kind_);
    request.set_name(name_);
    request.set_holder(holder_);
    request.set_maker(maker_);
    request.set_model(model_);
    request.set_licence(licence_);
    request.set_reason(reason_);
    const auto until = parse_coming_moment(valid_, context.now);
    if (!until) return Fail{CliFault{ExitCode::kUsage, "--valid: " + until.error()}};
    const auto valid = std::chrono::duration_cast<std::chrono::seconds>(*until - context.now);
    request.set_valid_s(static_cast<std::uint32_t>(std::clamp<std::int64_t>(valid.count(), 1, UINT32_MAX)));
    std::error_code ignored;
    if (!out_.empty() && std::filesystem::exists(out_, ignored))
      return Fail{CliFault{ExitCode::kUsage, out_ + ": is there already; name a new file with --out"}};
    const auto answer = context.client.create_enrolment_token(request);
    if (!answer) return Fail{answer.error()};
    const v1::Enrolment& one = answer->enrolment();
    if (!out_.empty()) {
      if (const auto written = replace_file(out_, answer->token() + "\n", kSecretMode); !written)
        return Fail{CliFault{ExitCode::kUsage, written.error().text +
                                                   "; the token is lost: chiploc enrol revoke " +
                                                   std::to_string(one.number())}};
    }
    if (context.format != OutputFormat::kTable) {
      Json object{{"token", out_.empty() ? Json(answer->token()) : Json(nullptr)},
                  {"file", out_.empty() ? Json(nullptr) : Json(out_)},
                  {"enrolment", json_of(one)}};
      write_json(context.out, context.format, object);
      return ExitCode::kFine;
    }
    context.out << "enrolment  " << one.number() << ": " << printable(one.kind()) << ' '
                << printable(one.name()) << "\nuntil      " << short_time(one.until_unix_ns())
                << ", and good once\ntoken      " << printable(out_.empty() ? answer->token() : "in " + out_)
                << "\n";
    return ExitCode::kFine;
  }

  std::string kind_, name_, holder_, maker_, model_, licence_, valid_ = "24h", out_, reason_;
};

class EnrolList : public RemoteCommand {
 public:
  EnrolList()
      : RemoteCommand{
            {.path = "enrol list",
             .text = "Every token that was made and what became of it, newest first (auditors, admins)",
             .footer =
                 R"(Never a token itself. -o json has every step: made, used, repeated, refused, revoked, expired.

Examples:
  chiploc enrol list
  chiploc enrol list --open
  chiploc enrol list -o json)",
             .formats = kEnrolFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_flag("--open", open_, "Those alone that can still be used");
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListEnrolmentsRequest request;
    request.set_open(open_);
    request.set_page_size(kEnrolPage);
    EnrolmentWriter writer{context};
    do {
      const auto page = context.client.list_enrolments(request);
      if (!page) return Fail{page.error()};
      for (const v1::Enrolment& one : page->enrolments()) writer.add(one);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    writer.finish();
    return ExitCode::kFine;
  }

  bool open_ = false;
};

class EnrolRevoke : public RemoteCommand {
 public:
  EnrolRevoke()
      : RemoteCommand{{.path = "enrol revoke",
                       .text = "Revoke a token that was not used yet (admins)",
                       .footer = R"(What a used one has brought is revoked with: chiploc pki revoke NAME

Examples:
  chiploc enrol revoke 3)",
                       .formats = kEnrolFormats}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("enrolment", number_, "Its number, as chiploc enrol list shows it")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::RevokeEnrolmentRequest request;
    request.set_number(number_);
    const auto answer = context.client.revoke_enrolment(request);
    if (!answer) return Fail{answer.error()};
    EnrolmentWriter writer{context};
    writer.add(answer->enrolment());
    writer.finish();
    return ExitCode::kFine;
  }

  std::uint64_t number_ = 0;
};

}  // namespace

CommandList enrol_commands() {
  CommandList list;
  list.push_back(std::make_unique<EnrolToken>());
  list.push_back(std::make_unique<EnrolList>());
  list.push_back(std::make_unique<EnrolRevoke>());
  for (auto& one : enrol_redeem_commands()) list.push_back(std::move(one));
  return list;
}

}  // namespace chiploc
