#include "server/cli/settings.hpp"

#include <cstdlib>
#include <string_view>

#include "server/config/toml_reader.hpp"

namespace chiploc {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return value == nullptr ? "" : value;
}

struct FileValues {
  std::string server, server_name;
  std::filesystem::path ca, certificate, tls_key;
};

Result<FileValues, CliFault> read_file(const ConfigFile& file) {
  FileValues values;
  std::error_code ignored;
  if (!file.named && !std::filesystem::exists(file.path, ignored)) return values;
  TomlReader reader = TomlReader::load(file.path);
  TomlSection top = reader.top();
  const auto path = [&](std::string_view key) {
    const std::string text = top.text(key, "");
    return text.empty() ? std::filesystem::path{} : reader.folder() / text;
  };
  values.server = top.text("server", "");
  values.server_name = top.text("server_name", "");
  values.ca = path("ca");
  values.certificate = path("certificate");
  values.tls_key = path("tls_key");
  std::string faults;
  for (const std::string& fault : reader.finish()) faults += (faults.empty() ? "" : "\n") + fault;
  if (!faults.empty()) return Fail{CliFault{ExitCode::kBadConfig, faults}};
  return values;
}

std::filesystem::path either(const std::string& flag, const std::filesystem::path& file) {
  return flag.empty() ? file : std::filesystem::path{flag};
}

}  // namespace

std::optional<ConfigFile> find_config_file(const std::string& flag) {
  if (!flag.empty()) return ConfigFile{flag, true};
  if (const std::string named = environment("CHIPLOC_CONFIG"); !named.empty()) return ConfigFile{named, true};
  std::filesystem::path folder = environment("XDG_CONFIG_HOME");
  if (folder.empty()) {
    const std::string home = environment("HOME");
    if (home.empty()) return std::nullopt;
    folder = std::filesystem::path{home} / ".config";
  }
  return ConfigFile{folder / "chiploc" / "cli.toml", false};
}

Result<Settings, CliFault> load_settings(const ConnectionFlags& flags) {
  const auto file = find_config_file(flags.config);
  FileValues values;
  if (file) {
    auto read = read_file(*file);
    if (!read) return Fail{read.error()};
    values = *read;
  }
  const auto text = [](const std::string& flag, const std::string& in_file, const char* otherwise) {
    if (!flag.empty()) return flag;
    return in_file.empty() ? std::string{otherwise} : in_file;
  };
  Settings settings;
  settings.server = text(flags.server, values.server, "127.0.0.1:7443");
  settings.server_name = text(flags.server_name, values.server_name, "chiplocd");
  settings.tls = {either(flags.ca, values.ca), either(flags.certificate, values.certificate),
                  either(flags.tls_key, values.tls_key)};
  const std::string where = file ? file->path.string() : "a file named by --config";
  const auto missing = [&](const char* key, const char* flag) {
    return Fail{CliFault{ExitCode::kBadConfig,
                         std::string{key} + ": not given; set it in " + where + " or pass " + flag}};
  };
  if (settings.tls.ca.empty()) return missing("ca", "--ca");
  if (settings.tls.certificate.empty()) return missing("certificate", "--certificate");
  if (settings.tls.key.empty()) return missing("tls_key", "--tls-key");
  return settings;
}

}  // namespace chiploc
