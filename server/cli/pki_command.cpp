#include "server/cli/pki_command.hpp"

#include "server/cli/passphrase.hpp"

namespace chiploc {

const std::vector<OutputFormat>& object_formats() {
  static const std::vector<OutputFormat> kAll{OutputFormat::kTable, OutputFormat::kJson,
                                              OutputFormat::kNdjson};
  return kAll;
}

Fail<CliFault> cli_fault(const PkiFault& fault) {
  ExitCode code = ExitCode::kUsage;
  if (fault.code == PkiFaultCode::kBadData) code = ExitCode::kBadData;
  if (fault.code == PkiFaultCode::kNotFound) code = ExitCode::kNotFound;
  if (fault.code == PkiFaultCode::kKey) code = ExitCode::kBadConfig;
  return Fail{CliFault{code, fault.text}};
}

std::filesystem::path without_slash(const std::string& folder) {
  const std::filesystem::path path{folder};
  return path.has_filename() ? path : path.parent_path();
}

void PkiCommand::add_options(CLI::App& line, CompletionHints& hints) {
  CLI::Option* option = line.add_option("--dir", folder_, "The authority's folder")->capture_default_str();
  hints[option].folders = true;
}

void PkiCommand::add_passphrase_file(CLI::App& line, CompletionHints& hints) {
  CLI::Option* option = line.add_option("--passphrase-file", passphrase_file_,
                                        "File whose first line is the key's passphrase or PIN, mode 0600; "
                                        "else it is asked for");
  hints[option].files = true;
}

std::filesystem::path PkiCommand::folder() const { return without_slash(folder_); }

KeyAccess PkiCommand::access() const {
  return {passphrase_file_, [this]() -> std::optional<SecretText> {
            auto typed = ask_passphrase("Passphrase or PIN of the authority " + folder().string() + ": ");
            if (!typed) return std::nullopt;
            return std::move(typed).value();
          }};
}

std::string list_remark(const std::filesystem::path& list) {
  std::error_code ignored;
  return "if revocations of [tls] in chiplocd.toml names this file, it counts within two seconds (chiplocd init "
         "--authority has it so): " +
         printable(std::filesystem::absolute(list, ignored).lexically_normal().string()) +
         "\nelse take it to the coordinator, to the file that revocations names; where that is \"\" nothing is "
         "refused: name the file there first, and start chiplocd again\n";
}

}  // namespace chiploc
