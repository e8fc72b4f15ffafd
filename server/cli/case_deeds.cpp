// What persons say of a case: case open, assign, comment, evidence, dispute, decide, resolve and reopen.
#include <fstream>
#include <sstream>
#include <utility>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/cli/case_text.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/service/case_json.hpp"

namespace chiploc {
namespace {

const std::vector<OutputFormat> kDeedFormats{OutputFormat::kTable, OutputFormat::kJson,
                                             OutputFormat::kNdjson};

/// SHA-256 of a file; the file itself stays where it is.
Result<std::string, CliFault> digest_of_file(const char* option, const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream content;
  if (in) content << in.rdbuf();
  if (!in || !content)
    return Fail{CliFault{ExitCode::kNotFound, std::string{option} + ": " + path +
                                                  " cannot be read; check the path and its permissions"}};
  const std::string bytes = content.str();
  return string_of(sha256(bytes_of(bytes)).bytes);
}

/// How a case stands after something was done, and what that was, where people read.
void show_changed(CommandContext& context, const v1::Case& changed, const std::string& done) {
  if (context.format != OutputFormat::kTable)
    return write_json(context.out, context.format, json_of(changed));
  context.out << printable(changed.name()) << ": " << done << ", on record\n";
  RecordWriter writer{context.out, context.format, case_columns(), context.out_colour};
  writer.add(case_cells(changed), json_of(changed));
  writer.finish("");
}

/// A command that has something happen to one case, and shows how that stands after it.
class CaseDeed : public RemoteCommand {
 public:
  using RemoteCommand::RemoteCommand;
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("case", name_, "Its name: C-17")->required()].names = NameHint::kCases;
    add_own_options(line, hints);
  }

 protected:
  /// Sends it, and says `done` where people read.
  template <class Request, class Response>
  CommandResult send(CommandContext& context, Request request,
                     Client::Answer<Response> (Client::*call)(const Request&), const std::string& done) {
    request.set_name(name_);
    const std::string look = "whether it was done, 'chiploc case show " + name_ + "' says";
    on_interrupt_say(look);
    const auto answer = (context.client.*call)(request);
    if (!answer) {
      CliFault fault = answer.error();
      if (fault.answer_lost) fault.text += "; " + look;
      return Fail{std::move(fault)};
    }
    show_changed(context, answer->changed(), done);
    return ExitCode::kFine;
  }
  std::string name_;

 private:
  virtual void add_own_options(CLI::App& line, CompletionHints& hints) = 0;
};

class CaseOpen final : public RemoteCommand {
 public:
  CaseOpen()
      : RemoteCommand{
            {.path = "case open",
             .text = "State that somebody else than the licensed end user has chips (auditors, admins)",
             .footer =
                 R"(The other kinds of cases follow from rounds; who uses a chip no round can tell. The statement opens a case, or is added to
the one that is open for the order at that site. Of a file its SHA-256 is kept; the file stays with you.

Examples:
  chiploc case open another-user --chip SN-17 --user "Other Ltd" --reason "a visit on 2026-12-01"
  chiploc case open another-user --order O-9 --site fra-1 --user "Other Ltd" --reason "an invoice" --evidence invoice.pdf)",
             .formats = kDeedFormats}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> kinds{"another-user"};
    CLI::Option* kind = line.add_option("kind", kind_, "another-user");
    kind->required()->transform(CLI::IsMember(kinds, CLI::ignore_case));
    hints[kind].choices = kinds;
    CLI::Option* chip = line.add_option("--chip", chip_, "Serial number, or id from four digits on");
    hints[chip].names = NameHint::kChips;
    CLI::Option* order = line.add_option("--order", order_, "All chips of an order at a site");
    hints[order->excludes(chip)].names = NameHint::kOrders;
    CLI::Option* site = line.add_option("--site", site_, "Which, where the order's chips are at several");
    hints[site->needs(order)].names = NameHint::kSites;
    hints[line.add_option("--user", user_, "Who has them")->required()].names = NameHint::kEntities;
    line.add_option("--reason", reason_, "Where that is known from; kept with it")->required();
    hints[line.add_option("--evidence", evidence_, "A file; its SHA-256 is kept, the file stays with you")]
        .files = true;
  }

 private:
  CommandResult ask(CommandContext& context) override {
    if (chip_.empty() == order_.empty())
      return Fail{CliFault{ExitCode::kUsage, "--chip or --order: name one of them"}};
    v1::StateUserRequest request;
    request.set_chip(chip_);
    request.set_order(order_);
    request.set_site(site_);
    request.set_user(user_);
    request.set_reason(reason_);
    if (!evidence_.empty()) {
      auto digest = digest_of_file("--evidence", evidence_);
      if (!digest) return Fail{digest.error()};
      request.set_evidence_sha256(std::move(*digest));
    }
    const std::string look = "whether it was done, 'chiploc case list --kind another_user' says";
    on_interrupt_say(look);
    const auto answer = context.client.state_user(request);
    if (!answer) {
      CliFault fault = answer.error();
      if (fault.answer_lost) fault.text += "; " + look;
      return Fail{std::move(fault)};
    }
    show_changed(context, answer->changed(), "another user is stated");
    return ExitCode::kFine;
  }
  std::string kind_, chip_, order_, site_, user_, reason_, evidence_;
};

class CaseAssign final : public CaseDeed {
 public:
  CaseAssign()
      : CaseDeed{
            {.path = "case assign",
             .text = "Give a case to a person, or to nobody (auditors, admins)",
             .footer = "Examples:\n  chiploc case assign C-17 --to ann\n  chiploc case assign C-17 --to \"\"",
             .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--to", to_, "The person's name; empty: nobody")->required();
  }
  CommandResult ask(CommandContext& context) override {
    v1::AssignCaseRequest request;
    request.set_assignee(to_);
    return send(context, request, &Client::assign_case,
                to_.empty() ? "is nobody's" : "is " + printable(to_) + "'s");
  }
  std::string to_;
};

class CaseComment final : public CaseDeed {
 public:
  CaseComment()
      : CaseDeed{{.path = "case comment",
                  .text = "Add a comment to a case (verifiers, registrars, auditors, admins)",
                  .footer = "Example:\n  chiploc case comment C-17 \"called the site, they look into it\"",
                  .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("text", text_, "What it says")->required();
  }
  CommandResult ask(CommandContext& context) override {
    v1::CommentCaseRequest request;
    request.set_text(text_);
    return send(context, request, &Client::comment_case, "commented");
  }
  std::string text_;
};

class CaseEvidence final : public CaseDeed {
 public:
  CaseEvidence()
      : CaseDeed{{.path = "case evidence",
                  .text = "Link a file or a verdict to a case (verifiers, registrars, auditors, admins)",
                  .footer = R"(Of a file its SHA-256 is kept; the file stays with you.

Examples:
  chiploc case evidence C-17 --file invoice.pdf --note "invoice of the carrier"
  chiploc case evidence C-17 --verdict 9f3a0c11d2e4f5061728394a5b6c7d8e --note "the first one outside")",
                  .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("--file", file_, "A file")].files = true;
    line.add_option("--verdict", verdict_, "A verdict's whole id");
    line.add_option("--note", note_, "What it shows")->required();
  }
  CommandResult ask(CommandContext& context) override {
    v1::AddCaseEvidenceRequest request;
    request.set_note(note_);
    if (!file_.empty()) {
      auto digest = digest_of_file("--file", file_);
      if (!digest) return Fail{digest.error()};
      request.set_file_sha256(std::move(*digest));
    }
    if (!verdict_.empty()) {
      const auto raw = from_hex(verdict_);
      if (!raw) return Fail{CliFault{ExitCode::kUsage, "--verdict: is no id of 32 hex digits"}};
      request.set_verdict_id(string_of(*raw));
    }
    if (file_.empty() && verdict_.empty())
      return Fail{CliFault{ExitCode::kUsage, "name --file or --verdict, or both"}};
    return send(context, request, &Client::add_case_evidence, "evidence added");
  }
  std::string file_, verdict_, note_;
};

class CaseDispute final : public CaseDeed {
 public:
  CaseDispute()
      : CaseDeed{
            {.path = "case dispute",
             .text = "Say that a case is not as it looks (registrars, admins; holders of their own)",
             .footer =
                 R"(Once for each time that it is opened. Its chips are disputed until it is decided, or its time is over (dispute_most_hours of
[status]). With --remeasure rounds of the chips that it shows are asked for at once.

Examples:
  chiploc case dispute C-17 --statement "an anchor was moved" --evidence photo.jpg --remeasure)",
             .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& hints) override {
    line.add_option("--statement", statement_, "What is said against it")->required();
    hints[line.add_option("--evidence", evidence_, "A file; its SHA-256 is kept, the file stays with you")]
        .files = true;
    line.add_flag("--remeasure", remeasure_, "Ask for rounds of its chips");
  }
  CommandResult ask(CommandContext& context) override {
    v1::DisputeCaseRequest request;
    request.set_statement(statement_);
    request.set_remeasure(remeasure_);
    if (!evidence_.empty()) {
      auto digest = digest_of_file("--evidence", evidence_);
      if (!digest) return Fail{digest.error()};
      request.set_evidence_sha256(std::move(*digest));
    }
    return send(context, request, &Client::dispute_case, "disputed");
  }
  std::string statement_, evidence_;
  bool remeasure_ = false;
};

class CaseDecide final : public CaseDeed {
 public:
  CaseDecide()
      : CaseDeed{
            {.path = "case decide",
             .text = "Decide a dispute (auditors, admins)",
             .footer =
                 R"(--uphold: the operator is right, the case is resolved as mistaken, and what its chips are accused of is lifted.
--reject: it goes on as it was.

Example:
  chiploc case decide C-17 --uphold --reason "the anchor was 40 km off")",
             .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& /*hints*/) override {
    CLI::Option* uphold = line.add_flag("--uphold", uphold_, "The operator is right");
    line.add_flag("--reject", reject_, "The operator is not")->excludes(uphold);
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }
  CommandResult ask(CommandContext& context) override {
    if (uphold_ == reject_) return Fail{CliFault{ExitCode::kUsage, "--uphold or --reject: say one of them"}};
    v1::DecideDisputeRequest request;
    request.set_uphold(uphold_);
    request.set_reason(reason_);
    return send(context, request, &Client::decide_dispute,
                uphold_ ? "the dispute is upheld" : "the dispute is rejected");
  }
  bool uphold_ = false, reject_ = false;
  std::string reason_;
};

class CaseResolve final : public CaseDeed {
 public:
  CaseResolve()
      : CaseDeed{
            {.path = "case resolve",
             .text = "Close a case with what it was (auditors, admins)",
             .footer =
                 R"(confirmed: it is as it looked. mistaken, explained: what its chips are accused of is lifted. moved_back: every chip has proved it.

Examples:
  chiploc case resolve C-17 --as confirmed --reason "reported on 2026-12-04, ticket 4711"
  chiploc case resolve C-17 --as explained --reason "moved to the new hall, licence L-9")",
             .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> ends{"confirmed", "mistaken", "explained", "moved_back"};
    CLI::Option* as = line.add_option("--as", as_, "confirmed, mistaken, explained or moved_back");
    as->required()->transform(CLI::IsMember(ends, CLI::ignore_case));
    hints[as].choices = ends;
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }
  CommandResult ask(CommandContext& context) override {
    v1::ResolveCaseRequest request;
    request.set_how(case_end_named(as_));
    request.set_reason(reason_);
    return send(context, request, &Client::resolve_case, "resolved as " + as_);
  }
  std::string as_, reason_;
};

class CaseReopen final : public CaseDeed {
 public:
  CaseReopen()
      : CaseDeed{{.path = "case reopen",
                  .text = "Open a resolved case again (auditors, admins)",
                  .footer = "Example:\n  chiploc case reopen C-17 --reason \"a letter of the carrier\"",
                  .formats = kDeedFormats}} {}

 private:
  void add_own_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }
  CommandResult ask(CommandContext& context) override {
    v1::ReopenCaseRequest request;
    request.set_reason(reason_);
    return send(context, request, &Client::reopen_case, "open again");
  }
  std::string reason_;
};

}  // namespace

CommandList case_deed_commands() {
  CommandList list;
  list.push_back(std::make_unique<CaseOpen>());
  list.push_back(std::make_unique<CaseAssign>());
  list.push_back(std::make_unique<CaseComment>());
  list.push_back(std::make_unique<CaseEvidence>());
  list.push_back(std::make_unique<CaseDispute>());
  list.push_back(std::make_unique<CaseDecide>());
  list.push_back(std::make_unique<CaseResolve>());
  list.push_back(std::make_unique<CaseReopen>());
  return list;
}

}  // namespace chiploc
