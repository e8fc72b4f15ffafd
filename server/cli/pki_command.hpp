#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "server/cli/command.hpp"
#include "server/pki/folder.hpp"

namespace chiploc {

/// What all of `chiploc pki` have: which authority, and for those that sign how its key is opened.
class PkiCommand : public Command {
 public:
  using Command::Command;
  void add_options(CLI::App& line, CompletionHints& hints) override;

 protected:
  void add_passphrase_file(CLI::App& line, CompletionHints& hints);
  [[nodiscard]] std::filesystem::path folder() const;
  /// By --passphrase-file, else by asking at the terminal.
  [[nodiscard]] KeyAccess access() const;
  [[nodiscard]] const std::string& passphrase_file() const { return passphrase_file_; }

 private:
  std::string folder_ = "pki";
  std::string passphrase_file_;
};

/// "DIR" of "DIR/", so that names beside it can be made.
[[nodiscard]] std::filesystem::path without_slash(const std::string& folder);
[[nodiscard]] Fail<CliFault> cli_fault(const PkiFault& fault);
[[nodiscard]] const std::vector<OutputFormat>& object_formats();
inline constexpr int kDaysMax = 36'500;

/// Where a list that was signed anew has to be before it counts.
[[nodiscard]] std::string list_remark(const std::filesystem::path& list);

/// pki issue, pki renew: in a file of their own.
[[nodiscard]] CommandList pki_issue_commands();

}  // namespace chiploc
