// log fsck, audit, show and proof: the evidence log as a folder, without any coordinator.
#include <fstream>
#include <iterator>

#include "proto/base/time_text.hpp"
#include "server/cli/commands.hpp"
#include "server/evidence/leaf.hpp"
#include "server/evidence/log_audit.hpp"
#include "server/evidence/log_folder.hpp"
#include "server/service/json_view.hpp"
#include "server/text/moments.hpp"
#include "server/text/number_check.hpp"

namespace chiploc {
namespace {

constexpr const char* kWhere = R"(
FOLDER is the log's, or a copy of all that chiplocd serves below /log. KEY is the log's verifier key, or a file with it, kept from
when you trusted it; chiplocd serves it as /log/key.
)";
const std::vector<OutputFormat> kLogFormats{OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson};

CliFault fault_of(const LogFault& fault) {
  switch (fault.code) {
    case LogFault::Code::kNotFound:
    case LogFault::Code::kNoSuch:
      return {ExitCode::kNotFound, fault.text};
    case LogFault::Code::kDamaged:
      return {ExitCode::kNotProved, fault.text};
    default:
      return {ExitCode::kInternal, fault.text};
  }
}

/// A command on a log's folder.
class LogCommand : public Command {
 public:
  using Command::Command;
  void add_options(CLI::App& line, CompletionHints& hints) override {
    hints[line.add_option("folder", folder_, "The log's folder")->required()].folders = true;
    hints[line.add_option("--key", key_, "Its verifier key, or a file with it")->required()].files = true;
  }
  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) final {
    const auto key = verifier_key();
    if (!key) return Fail{key.error()};
    return look(output, *key);
  }

 protected:
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] Result<LogFolder, CliFault> opened(const NoteKey& key) const {
    auto log = LogFolder::open(folder_, key);
    if (!log) return Fail{fault_of(log.error())};
    return *std::move(log);
  }

 private:
  virtual CommandResult look(CommandOutput& output, const NoteKey& key) = 0;
  [[nodiscard]] Result<NoteKey, CliFault> verifier_key() const {
    std::string text = key_;
    if (std::ifstream in{key_, std::ios::binary}; in) {
      constexpr std::size_t kMost = 4'096;
      text.assign(std::istreambuf_iterator<char>{in}, {});
      if (text.size() > kMost)
        return Fail{CliFault{ExitCode::kBadConfig, key_ + ": has more than a verifier key"}};
      while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    }
    auto key = parse_vkey(text);
    if (!key) return Fail{CliFault{ExitCode::kBadConfig, "--key: is no verifier key: " + key.error()}};
    return *std::move(key);
  }
  std::string folder_, key_;
};

class LogFsck : public LogCommand {
 public:
  LogFsck()
      : LogCommand{
            {.path = "log fsck",
             .text = "Whether a log's files are what its signed checkpoint says, to the bit",
             .footer = std::string{"Reads all of it: each entry against its hash, each tile against those "
                                   "below, the root against the checkpoint.\n"} +
                       kWhere + R"(
Exit codes: 0 all is right, 18 not, 66 no log there, 78 the key is none.

Examples:
  chiploc log fsck /var/lib/chiplocd/evidence-log --key log.vkey)",
             .formats = kLogFormats}} {}

 private:
  CommandResult look(CommandOutput& output, const NoteKey& key) override {
    const auto head = log_file(folder(), kCheckpointFile);
    if (!head) return Fail{fault_of(head.error())};
    const LogCheck check = check_log(folder(), key);
    const ExitCode code = check.problems.empty() ? ExitCode::kFine : ExitCode::kNotProved;
    if (output.format != OutputFormat::kTable) {
      Json problems = Json::array();
      for (const std::string& one : check.problems) problems.push_back(printable(one));
      write_json(output.out, output.format,
                 {{"log", key.name},
                  {"entries", check.size},
                  {"right", check.problems.empty()},
                  {"problems", problems}});
      return code;
    }
    for (const std::string& one : check.problems) output.out << printable(one) << "\n";
    output.out << printable(key.name) << ": " << check.size << " entries, "
               << (check.problems.empty() ? "all right" : "NOT right") << "\n";
    return code;
  }
};

Json unended_json(const UnendedRound& one) {
  return {{"number", one.number}, {"round", one.round}, {"entry", one.index}, {"at", utc_iso(one.at)}};
}

class LogAuditCommand : public LogCommand {
 public:
  LogAuditCommand()
      : LogCommand{
            {.path = "log audit",
             .text = "Whether rounds, imports or lines of cases were left out of a log",
             .footer =
                 std::string{"Rounds are numbered, and each intent has its end behind it: a verdict, "
                             "or why there is none. Told are numbers that nobody\nhas, and rounds that "
                             "were begun longer ago than --older-than and have no end, oldest first.\n"} +
                 kWhere + R"(
Exit codes: 0 nothing is missing, 18 something is, 66 no log there, 78 the key is none.

Examples:
  chiploc log audit /var/lib/chiplocd/evidence-log --key log.vkey
  chiploc log audit copy/ --key log.vkey --older-than 1h -o json)",
             .formats = kLogFormats}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    LogCommand::add_options(line, hints);
    line.add_option("--older-than", older_, "A round takes so long at most: 90s, 10m, 2h")
        ->capture_default_str();
  }

 private:
  CommandResult look(CommandOutput& output, const NoteKey& key) override {
    const auto since = parse_moment(older_, output.now);
    if (!since) return Fail{CliFault{ExitCode::kUsage, "--older-than: " + since.error()}};
    const auto log = opened(key);
    if (!log) return Fail{log.error()};
    if (const LogCheck check = check_log(folder(), key); !check.problems.empty())
      return Fail{CliFault{ExitCode::kNotProved, check.problems.front() + "; see chiploc log fsck"}};
    LogAudit audit;
    const auto read = log->each_entry([&audit](Bytes entry) { audit.add(string_of(entry)); });
    if (!read) return Fail{fault_of(read.error())};
    const LogAudit::Report report = audit.report(*since);
    const ExitCode code = report.all_there() ? ExitCode::kFine : ExitCode::kNotProved;
    if (output.format != OutputFormat::kTable) {
      write_json(output.out, output.format, json_of_report(key, report));
      return code;
    }
    write_text(output, key, report);
    return code;
  }

  static Json json_of_report(const NoteKey& key, const LogAudit::Report& report) {
    Json kinds = Json::object(), unended = Json::array(), missing = Json::array(), problems = Json::array();
    for (const auto& [kind, count] : report.of_kind) kinds[kind] = count;
    for (const UnendedRound& one : report.unended) unended.push_back(unended_json(one));
    for (const MissingNumbers& one : report.missing)
      missing.push_back({{"what", one.what}, {"first", one.first}, {"last", one.last}});
    for (const std::string& one : report.problems) problems.push_back(printable(one));
    return {{"log", key.name},
            {"entries", report.entries},
            {"of_kind", kinds},
            {"all_there", report.all_there()},
            {"under_way", report.under_way},
            {"unended_count", report.unended_count},
            {"unended", unended},
            {"missing_count", report.missing_count},
            {"missing", missing},
            {"problem_count", report.problem_count},
            {"problems", problems}};
  }
  static void write_text(CommandOutput& output, const NoteKey& key, const LogAudit::Report& report) {
    for (const UnendedRound& one : report.unended)
      output.out << "round " << one.number << " (" << printable(one.round) << ") was begun "
                 << age_text(output.now, one.at) << " ago, entry " << one.index << ", and has no end\n";
    for (const MissingNumbers& one : report.missing) {
      output.out << printable(one.what) << " " << one.first;
      if (one.last != one.first) output.out << " to " << one.last;
      output.out << ": there is no entry\n";
    }
    for (const std::string& one : report.problems) output.out << printable(one) << "\n";
    output.out << printable(key.name) << ": " << report.entries << " entries";
    for (const auto& [kind, count] : report.of_kind) output.out << ", " << count << " " << kind;
    output.out << "; " << report.under_way << " rounds under way, " << report.unended_count
               << " without an end, " << report.missing_count << " gaps, " << report.problem_count
               << " problems\n";
  }
  /// "2h 5m", of seconds at least.
  static std::string age_text(WallTime now, WallTime then) {
    const auto s =
        std::chrono::duration_cast<std::chrono::seconds>(now.since_epoch - then.since_epoch).count();
    if (s < 60) return std::to_string(s) + " s";
    if (s < 3'600) return std::to_string(s / 60) + " min";
    return std::to_string(s / 3'600) + " h " + std::to_string(s % 3'600 / 60) + " min";
  }

  std::string older_ = "10m";
};

class LogShow : public LogCommand {
 public:
  LogShow()
      : LogCommand{
            {.path = "log show",
             .text = "A log's head, or one of its entries",
             .footer = std::string{"Without INDEX: the signed checkpoint as it is. With it: the entry as it "
                                   "stands in the log. A sealed field is a salted digest.\n"} +
                       kWhere + R"(
Examples:
  chiploc log show /var/lib/chiplocd/evidence-log --key log.vkey
  chiploc log show /var/lib/chiplocd/evidence-log 17 --key log.vkey)",
             .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    LogCommand::add_options(line, hints);
    index_option_ = line.add_option("index", index_, "Which entry, from 0");
  }

 private:
  CommandResult look(CommandOutput& output, const NoteKey& key) override {
    const auto log = opened(key);
    if (!log) return Fail{log.error()};
    if (index_option_->count() == 0) {
      output.out << note_text(log->head().note);
      return ExitCode::kFine;
    }
    const auto entry = log->entry(index_);
    if (!entry) return Fail{fault_of(entry.error())};
    const std::string text{entry->begin(), entry->end()};
    if (const auto leaf = parse_leaf(text); !leaf)
      return Fail{CliFault{ExitCode::kNotProved,
                           "entry " + std::to_string(index_) + " is none of chiploc's: " + leaf.error()}};
    output.out << text;
    return ExitCode::kFine;
  }
  std::uint64_t index_ = 0;
  const CLI::Option* index_option_ = nullptr;
};

class LogProof : public LogCommand {
 public:
  LogProof()
      : LogCommand{
            {.path = "log proof",
             .text = "That an entry is in a log: a C2SP tlog-proof, which others' tools check offline",
             .footer = std::string{"The proof is under the newest checkpoint, with the cosignatures that it "
                                   "has.\n"} +
                       kWhere + R"(
Examples:
  chiploc log proof /var/lib/chiplocd/evidence-log 17 --key log.vkey > 17.tlog-proof)",
             .formats = {}}} {}
  void add_options(CLI::App& line, CompletionHints& hints) override {
    LogCommand::add_options(line, hints);
    line.add_option("index", index_, "Which entry, from 0")->required();
  }

 private:
  CommandResult look(CommandOutput& output, const NoteKey& key) override {
    const auto log = opened(key);
    if (!log) return Fail{log.error()};
    const auto proof = log->prove(index_);
    if (!proof) return Fail{fault_of(proof.error())};
    const auto entry = log->entry(index_);
    if (!entry) return Fail{fault_of(entry.error())};
    if (!proves_entry(*proof, leaf_hash(*entry)))
      return Fail{CliFault{ExitCode::kNotProved, folder() + ": entry " + std::to_string(index_) +
                                                     " is not what the tiles say; see chiploc log fsck"}};
    output.out << tlog_proof_text(*proof);
    return ExitCode::kFine;
  }
  std::uint64_t index_ = 0;
};

}  // namespace

CommandList log_commands() {
  CommandList out;
  out.push_back(std::make_unique<LogShow>());
  out.push_back(std::make_unique<LogProof>());
  out.push_back(std::make_unique<LogFsck>());
  out.push_back(std::make_unique<LogAuditCommand>());
  return out;
}

}  // namespace chiploc
