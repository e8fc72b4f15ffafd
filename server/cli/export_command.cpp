#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "proto/base/joined.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/interrupt.hpp"
#include "server/service/registry_kinds.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// Import takes 128 MiB at a time; a table that has more goes into several files.
constexpr std::size_t kFileMost = std::size_t{48} << 20;

/// Rows on their way into files of a folder, or into one stream.
class TableFiles {
 public:
  TableFiles(fs::path folder, std::string table) : folder_{std::move(folder)}, table_{std::move(table)} {}

  /// False: a file cannot be written; path() names it.
  bool add(const std::string& row) {
    if (size_ > 0 && size_ + row.size() > kFileMost && !end()) return false;
    if (size_ == 0 && !begin()) return false;
    out_ << (rows_in_file_ > 0 ? ",\n" : "[\n") << row;
    size_ += row.size() + 2;
    ++rows_in_file_;
    ++rows_;
    return static_cast<bool>(out_);
  }
  /// A table without rows gets no file: an empty list of what is prohibited would lift it.
  bool end() {
    if (size_ == 0) return true;
    out_ << "\n]\n";
    out_.close();
    size_ = 0;
    rows_in_file_ = 0;
    return static_cast<bool>(out_);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

 private:
  bool begin() {
    const std::string number = files_.empty() ? "" : "-" + std::to_string(files_.size() + 1);
    path_ = (folder_ / (table_ + number + ".json")).string();
    files_.push_back(path_);
    out_ = std::ofstream{path_, std::ios::binary | std::ios::trunc};
    return static_cast<bool>(out_);
  }
  fs::path folder_;
  std::string table_, path_;
  std::vector<std::string> files_;
  std::ofstream out_;
  std::size_t size_ = 0, rows_in_file_ = 0, rows_ = 0;
};

class Export : public RemoteCommand {
 public:
  Export()
      : RemoteCommand{
            {.path = "export",
             .text = "The registry as files that import takes (registrars, auditors, admins)",
             .footer =
                 R"(Imported again they change nothing. A table without records has no file; one of more than 48 MiB has several. Of a
certificate with a holder it is that holder's part.

Examples:
  chiploc export --out registry-2026-11-30
  chiploc export --table chips --table licences --out now
  chiploc export --table chips | jq length)",
             .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    std::vector<std::string> tables;
    for (const RegistryKind& known : kRegistryKinds) tables.emplace_back(known.table);
    CLI::Option* table =
        line.add_option("--table", tables_, "Only this one: " + joined(tables, ", ") + "; may be repeated");
    table->delimiter(',')->transform(CLI::IsMember(tables, CLI::ignore_case))->allow_extra_args(false);
    hints[table].choices = tables;
    hints[line.add_option("--out", folder_, "New or empty folder; else one table goes to standard output")]
        .folders = true;
  }

 private:
  /// What takes a row; an error is the sentence for a person.
  using Sink = std::function<Result<Done, std::string>(const std::string& row)>;
  CommandResult ask(CommandContext& context) override;
  CommandResult to_output(CommandContext& context, v1::ImportKind kind);
  CommandResult to_folder(CommandContext& context);
  /// Every row of a table, all of one version of the registry.
  Result<Done, CliFault> each_row(CommandContext& context, v1::ImportKind kind, const Sink& sink);

  std::vector<std::string> tables_;
  std::string folder_;
  std::optional<std::uint64_t> version_;
};

Result<Done, CliFault> Export::each_row(CommandContext& context, v1::ImportKind kind, const Sink& sink) {
  v1::ExportRequest request;
  request.set_kind(kind);
  do {
    const auto page = context.client.export_table(request);
    if (!page) return Fail{page.error()};
    if (version_.value_or(page->registry_version()) != page->registry_version()) {
      return Fail{CliFault{
          ExitCode::kUnreachable,
          "the registry changed in the middle, and what was written is of two versions; export again"}};
    }
    version_ = page->registry_version();
    for (const std::string& row : page->rows()) {
      if (const auto taken = sink(row); !taken) return Fail{CliFault{ExitCode::kUsage, taken.error()}};
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return Done{};
}

CommandResult Export::ask(CommandContext& context) {
  if (!folder_.empty()) return to_folder(context);
  if (tables_.size() != 1)
    return Fail{CliFault{ExitCode::kUsage, "name a folder with --out, or one --table for standard output"}};
  for (const RegistryKind& known : kRegistryKinds) {
    if (known.table == tables_.front()) return to_output(context, known.kind);
  }
  return ExitCode::kFine;
}

CommandResult Export::to_output(CommandContext& context, v1::ImportKind kind) {
  bool first = true;
  const auto done = each_row(context, kind, [&](const std::string& row) -> Result<Done, std::string> {
    context.out << (std::exchange(first, false) ? "[\n" : ",\n") << row;
    return Done{};
  });
  if (!done) return Fail{done.error()};
  context.out << (first ? "[]\n" : "\n]\n");
  return ExitCode::kFine;
}

CommandResult Export::to_folder(CommandContext& context) {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed || !fs::is_empty(folder_, failed) || failed) {
    return Fail{CliFault{ExitCode::kUsage, folder_ + ": " + (failed ? failed.message() : "is not empty") +
                                               "; name a new or empty folder"}};
  }
  on_interrupt_say("what was written to " + folder_ +
                   " is not the whole registry; remove it and export again");
  // Certificates are public, places and addresses are not everybody's.
  fs::permissions(folder_, fs::perms::owner_all, failed);
  std::string command = "chiploc import";
  for (const RegistryKind& known : kRegistryKinds) {
    const bool wanted = tables_.empty() ||
                        std::find(tables_.begin(), tables_.end(), std::string{known.table}) != tables_.end();
    if (!wanted) continue;
    TableFiles files{folder_, std::string{known.table}};
    const auto cannot = [&]() -> std::string {
      return files.path() + ": " + std::strerror(errno) + "; look at the disk and export again";
    };
    const auto done = each_row(context, known.kind, [&](const std::string& row) -> Result<Done, std::string> {
      if (files.add(row)) return Done{};
      return Fail{cannot()};
    });
    if (!done) return Fail{done.error()};
    if (!files.end()) return Fail{CliFault{ExitCode::kUsage, cannot()}};
    for (const std::string& file : files.files()) command += " --" + std::string{known.table} + " " + file;
    context.out << known.table << ": " << files.rows() << '\n';
  }
  context.err << "registry version " << version_.value_or(0) << "; to read it back: " << command << '\n';
  return ExitCode::kFine;
}

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<Export>(); }

}  // namespace chiploc
