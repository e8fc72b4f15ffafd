// policy show, policy check, policy diff; and how a policy's file is read.
#include "server/cli/policy_commands.hpp"

#include <fstream>
#include <sstream>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/policy/policy_file.hpp"
#include "server/service/policy_json.hpp"

namespace chiploc {

Result<v1::PolicyFile, CliFault> read_policy_file(const std::string& path) {
  constexpr std::uintmax_t kMost = std::uintmax_t{64} << 10;  // the coordinator takes no more
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  std::ifstream in{path, std::ios::binary};
  if (failed || !in)
    return Fail{CliFault{ExitCode::kNotFound, path + ": cannot be read; check the path and its permissions"}};
  if (size > kMost)
    return Fail{CliFault{ExitCode::kUsage, path + ": larger than 64 KiB; leave comments out"}};
  std::ostringstream content;
  content << in.rdbuf();
  v1::PolicyFile file;
  // The name is shown in faults, and must fit its field.
  file.set_name(std::filesystem::path{path}.filename().string().substr(0, 128));
  file.set_content(content.str());
  return file;
}

CliFault policy_file_fault(CliFault refusal, const v1::PolicyFile& file) {
  // The coordinator's words for it are those of policy check, and so is the code.
  if (refusal.code == ExitCode::kUsage && refusal.text.starts_with(file.name() + ":"))
    refusal.code = ExitCode::kBadConfig;
  return refusal;
}

namespace {

const std::vector<OutputFormat> kObjectFormats{OutputFormat::kTable, OutputFormat::kJson,
                                               OutputFormat::kNdjson};

/// A policy of a file, or all that is wrong with it.
Result<PolicyFile, CliFault> policy_in(const std::string& path) {
  const auto file = read_policy_file(path);
  if (!file) return Fail{file.error()};
  PolicyFile read = parse_policy(file->content(), path);
  if (read.faults.empty()) return read;
  std::string text;
  for (const std::string& fault : read.faults) text += (text.empty() ? "" : "\n") + fault;
  return Fail{CliFault{ExitCode::kBadConfig, std::move(text)}};
}

/// What chiplocd.toml says for whatever section a policy lacks.
Result<PolicyRules, CliFault> configured_of(const v1::GetPolicyResponse& answer) {
  std::string text;
  for (const auto& section : answer.sections()) text += section.configured() + '\n';
  PolicyFile read = parse_policy(text, "chiplocd.toml of the coordinator");
  if (read.faults.empty()) return std::move(read.rules);
  return Fail{CliFault{ExitCode::kInternal,
                       "the coordinator's chiplocd.toml cannot be read; is it newer than this program? (" +
                           read.faults.front() + ")"}};
}

std::string sha256_text(const Policy& policy) { return to_hex(digest_of(policy).bytes); }

/// What kinds of verdicts have to withstand, where it is not the same for all.
void write_kinds(std::ostream& out, std::string_view before, const Policy& policy) {
  if (const std::string text = kinds_text(policy); !text.empty()) out << before << text << '\n';
}

class PolicyShow : public RemoteCommand {
 public:
  PolicyShow()
      : RemoteCommand{
            {.path = "policy show",
             .text = "The policy in force, as a file",
             .footer =
                 R"(First the text that was activated, then what it leaves to chiplocd.toml, section by section: put in force, the whole would
change nothing today, and chiplocd.toml could change nothing more. What the file leaves out is measuring (pings, deadlines):
no state follows from it. Who has chips, an entity's certificate, is shown [policy] alone.

Examples:
  chiploc policy show > policy.toml
  chiploc policy show -o json | jq -r .sha256)",
             .formats = kObjectFormats}} {}

 private:
  CommandResult ask(CommandContext& context) override {
    const auto answer = context.client.policy();
    if (!answer) return Fail{answer.error()};
    if (context.format == OutputFormat::kTable) {
      context.out << "# sha256 " << hex_of(answer->sha256()) << "\n# " << printable(answer->version())
                  << '\n';
      // Of a policy that this program cannot read the words would be those of another.
      if (const PolicyFile read = parse_policy(answer->toml(), "the policy in force"); read.faults.empty())
        write_kinds(context.out, "# ", read.policy);
      context.out << "# "
                  << (answer->number() == 0
                          ? "as chiplocd.toml has it"
                          : "policy " + std::to_string(answer->number()) + ", in force since " +
                                short_time(answer->activated_unix_ns()))
                  << '\n'
                  << printable_lines(answer->toml());
      if (!answer->toml().ends_with('\n')) context.out << '\n';
      for (const auto& section : answer->sections()) {
        if (!section.activated())
          context.out << "\n# as chiplocd.toml has it\n" << printable_lines(section.configured());
      }
    } else {
      write_json(context.out, context.format, json_of(*answer));
    }
    return ExitCode::kFine;
  }
};

class PolicyCheck : public Command {
 public:
  PolicyCheck()
      : Command{{.path = "policy check",
                 .text = "Whether a file is a policy; asks no coordinator",
                 .footer = R"(Exit code 78 with every fault of the file, by line.

Examples:
  chiploc policy check fibre.toml)",
                 .formats = kObjectFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("file", file_, "File with [policy] and other sections of chiplocd.toml")
              ->required()]
        .files = true;
  }

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    const auto policy = policy_in(file_);
    if (!policy) return Fail{policy.error()};
    if (output.format == OutputFormat::kTable) {
      output.out << printable(file_) << " is a policy: " << policy->policy.version << "\nsha256 "
                 << sha256_text(policy->policy) << '\n';
      write_kinds(output.out, "", policy->policy);
      for (const RuleSection section : kRuleSections) {
        if (!policy->has.contains(section))
          output.out << "leaves [" << name_of(section) << "] to chiplocd.toml\n";
      }
      if (policy->has.contains(RuleSection::kStatus) || policy->has.contains(RuleSection::kScheduler)) {
        for (const std::string& line : flag_budget_text(policy->rules)) output.out << line << '\n';
      }
    } else {
      write_json(output.out, output.format,
                 {{"sha256", sha256_text(policy->policy)},
                  {"version", policy->policy.version},
                  {"policy", policy_text(*policy)}});
    }
    return ExitCode::kFine;
  }

 private:
  std::string file_;
};

class PolicyDiff : public RemoteCommand {
 public:
  PolicyDiff()
      : RemoteCommand{{.path = "policy diff",
                       .text = "Where a policy decides otherwise than the one in force",
                       .footer = R"(What would follow from it: chiploc policy replay FILE

Examples:
  chiploc policy diff fibre.toml)",
                       .formats = kObjectFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("file", file_, "File with [policy] and other sections of chiplocd.toml")
              ->required()]
        .files = true;
  }

 private:
  CommandResult ask(CommandContext& context) override {
    const auto policy = policy_in(file_);
    if (!policy) return Fail{policy.error()};
    const auto answer = context.client.policy();
    if (!answer) return Fail{answer.error()};
    const PolicyFile current = parse_policy(answer->toml(), "the policy in force");
    if (!current.faults.empty()) {
      return Fail{CliFault{ExitCode::kInternal,
                           "the coordinator's policy cannot be read; is it newer than this program? (" +
                               current.faults.front() + ")"}};
    }
    const auto configured = configured_of(*answer);
    if (!configured) return Fail{configured.error()};
    auto lines = differences(current.policy, policy->policy);
    for (std::string& line : differences(in_force(*configured, current.rules, current.has),
                                         in_force(*configured, policy->rules, policy->has)))
      lines.push_back(std::move(line));
    if (context.format == OutputFormat::kTable) {
      if (lines.empty()) context.out << "they decide alike\n";
      for (const std::string& line : lines) context.out << line << '\n';
    } else {
      write_json(context.out, context.format,
                 {{"in_force_sha256", hex_of(answer->sha256())},
                  {"sha256", sha256_text(policy->policy)},
                  {"differences", lines}});
    }
    return ExitCode::kFine;
  }

  std::string file_;
};

class PolicyActivate : public RemoteCommand {
 public:
  PolicyActivate()
      : RemoteCommand{
            {.path = "policy activate",
             .text =
                 "Put a policy in force, for rounds that begin from now on and for all that is kept (admins)",
             .footer =
                 R"(No restart. The file is kept as it is, comments included, with who did it and why. [policy] must be in it: from the first
activation on that of chiplocd.toml says no more than how rounds are measured. [scheduler], [status], [orders], [cases] and
[retention] may be: one that is there counts, one that is not is chiplocd.toml's, and a key that is not there is the default,
as in chiplocd.toml. What would follow from [policy]: chiploc policy replay FILE
A file with faults changes nothing: exit code 78 with every fault, by line.

Examples:
  chiploc policy activate strict.toml --reason "decided on 2026-11-30, ticket 4711")",
             .formats = kObjectFormats}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("file", file_, "File with [policy] and other sections of chiplocd.toml")
              ->required()]
        .files = true;
    line.add_option("--reason", reason_, "Why; kept with it")->required();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ActivatePolicyRequest request;
    auto policy = read_policy_file(file_);
    if (!policy) return Fail{policy.error()};
    *request.mutable_policy() = std::move(*policy);
    request.set_reason(reason_);
    const auto answer = context.client.activate_policy(request);
    if (!answer) return Fail{policy_file_fault(answer.error(), request.policy())};
    if (context.format == OutputFormat::kTable) {
      context.out << "policy " << answer->number() << " is in force: " << printable(answer->version())
                  << '\n';
      if (answer->differences().empty()) context.out << "  it decides as the one before it\n";
      for (const std::string& phrase : answer->differences())
        context.out << "  " << printable(phrase) << '\n';
    } else {
      write_json(context.out, context.format, json_of(*answer));
    }
    return ExitCode::kFine;
  }

  std::string file_, reason_;
};

/// What an activation changed, in a cell. Of the first one chiplocd.toml decided before, as it was then: not on record.
std::string changed_text(const v1::PolicyRecord& record) {
  if (!record.differences().empty()) return joined(record.differences(), ", ", printable);
  return record.number() == 1 ? "the first; chiplocd.toml before" : "nothing";
}

class PolicyList : public RemoteCommand {
 public:
  PolicyList()
      : RemoteCommand{{.path = "policy list",
                       .text = "Policies that were put in force, newest first (registrars, auditors, admins)",
                       .footer = R"(Without any what chiplocd.toml says is in force.

Examples:
  chiploc policy list
  chiploc policy list -o json | jq -r '.[0].policy')",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    line.add_option("--limit", limit_, "At most so many")
        ->check(CLI::Range(1U, 1'000U))
        ->capture_default_str();
  }

 private:
  CommandResult ask(CommandContext& context) override {
    v1::ListPoliciesRequest request;
    request.set_page_size(limit_);
    const auto answer = context.client.policies(request);
    if (!answer) return Fail{answer.error()};
    RecordWriter writer{context.out,
                        context.format,
                        {{"number", "NUMBER", "", true},
                         {"at", "AT", ""},
                         {"by", "BY", ""},
                         {"reason", "REASON", ""},
                         {"differences", "CHANGED", ""},
                         {"sha256", "", ""},
                         {"certificate_sha256", "", ""}},
                        context.out_colour};
    for (const v1::PolicyRecord& record : answer->policies()) {
      writer.add({{std::to_string(record.number())},
                  {short_time(record.at_unix_ns())},
                  {printable(record.by())},
                  {printable(record.reason())},
                  {changed_text(record)},
                  {""},
                  {""}},
                 json_of(record));
    }
    writer.finish("none: the [policy] of chiplocd.toml is in force");
    return ExitCode::kFine;
  }

  unsigned limit_ = 100;
};

}  // namespace

CommandList policy_commands() {
  CommandList list;
  list.push_back(std::make_unique<PolicyShow>());
  list.push_back(std::make_unique<PolicyCheck>());
  list.push_back(std::make_unique<PolicyDiff>());
  list.push_back(policy_replay_command());
  list.push_back(std::make_unique<PolicyActivate>());
  list.push_back(std::make_unique<PolicyList>());
  return list;
}

}  // namespace chiploc
