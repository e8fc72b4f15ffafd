#include "server/cli/replay_command.hpp"

#include <ostream>

#include "server/cli/policy_commands.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

class VerdictReplay : public RemoteCommand {
 public:
  VerdictReplay()
      : RemoteCommand{
            {.path = "verdict replay",
             .text = "Judge a stored round again, by its own policy or another (auditors, admins)",
             .footer =
                 R"(From the stored bytes alone: context, evidence, borders, calibration, policy. Exit code 0: the same record to the byte,
or, with --policy, what that policy would have said. 16: another record follows, or what is stored is not what was
judged. 17: it cannot be judged again, say because it is of before rounds kept what that takes.

Examples:
  chiploc verdict replay 9f3a
  chiploc verdict replay 9f3a --policy fibre.toml
  chiploc verdict replay 9f3a -o json | jq .differences)",
             .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    CLI::Option* verdict =
        line.add_option("verdict", verdict_, "Verdict id or a prefix of it; or a chip: its newest verdict");
    hints[verdict->required()].names = NameHint::kChips;
    hints[line.add_option("--policy", policy_, "Judge by the [policy] of this file; .toml as chiplocd's")]
        .files = true;
  }

 private:
  CommandResult ask(CommandContext& context) override;
  std::string verdict_;
  std::string policy_;
};

CommandResult VerdictReplay::ask(CommandContext& context) {
  v1::ReplayVerdictRequest request;
  request.set_verdict(verdict_);
  if (!policy_.empty()) {
    auto policy = read_policy_file(policy_);
    if (!policy) return Fail{policy.error()};
    *request.mutable_policy() = std::move(*policy);
  }
  const auto answer = context.client.replay(request);
  if (!answer) return Fail{policy_file_fault(answer.error(), request.policy())};
  if (context.format == OutputFormat::kTable) {
    write_replay(context.out, *answer);
    if (answer->has_verdict() && answer->outcome() != v1::REPLAY_SAME) {
      context.out << '\n';
      write_verdict(context.out, answer->verdict(), context.out_colour);
    }
  } else {
    write_json(context.out, context.format, json_of(*answer));
  }
  return exit_code_of(answer->outcome());
}

template <class Texts>
void write_lines(std::ostream& out, const Texts& texts) {
  for (const auto& text : texts) out << "  " << printable(text) << '\n';
}

}  // namespace

std::unique_ptr<Command> replay_command() { return std::make_unique<VerdictReplay>(); }

void write_replay(std::ostream& out, const v1::ReplayVerdictResponse& replay) {
  out << "verdict " << hex_of(replay.verdict_id());
  switch (replay.outcome()) {
    case v1::REPLAY_SAME:
      out << " follows again, to the byte: " << state_name(replay.verdict().state()) << '\n';
      break;
    case v1::REPLAY_WRONG_DIGEST:
      out << ": what is stored is not what was judged; the digest is wrong of\n";
      write_lines(out, replay.wrong_digests());
      break;
    case v1::REPLAY_DIFFERS:
      out << ": the same evidence leads to another record now\n";
      write_lines(out, replay.differences());
      break;
    case v1::REPLAY_OTHER_POLICY:
      out << (replay.differences().empty() ? ": that policy says the same\n"
                                           : ": by that policy it would differ\n");
      write_lines(out, replay.differences());
      break;
    case v1::REPLAY_CANNOT:
      out << " cannot be judged again: " << printable(replay.cannot_because()) << '\n';
      break;
    default:  // protobuf enums are open
      out << ": the coordinator is newer than this program; update it\n";
      break;
  }
  if (replay.other_software())
    out << "judged by software " << printable(replay.software_version()) << ", and now by another version\n";
}

ExitCode exit_code_of(v1::ReplayOutcome outcome) {
  switch (outcome) {
    case v1::REPLAY_SAME:
    case v1::REPLAY_OTHER_POLICY:
      return ExitCode::kFine;
    case v1::REPLAY_WRONG_DIGEST:
    case v1::REPLAY_DIFFERS:
      return ExitCode::kReplayDiffers;
    case v1::REPLAY_CANNOT:
      return ExitCode::kReplayCannot;
    default:
      return ExitCode::kInternal;  // an outcome of a newer coordinator is no success
  }
}

}  // namespace chiploc
