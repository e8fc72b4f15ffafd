#include "server/cli/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "server/config/toml_reader.hpp"

namespace chiploc {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return value == nullptr ? "" : value;
}

constexpr const char* kMakeConfig =
    "chiploc pki issue ROLE NAME (chiplocd init --admin NAME for the first admin)";

}  // namespace

std::string server_problem(const std::string& server) {
  const std::size_t colon = server.rfind(':');
  const bool bare_v6 =
      std::count(server.begin(), server.end(), ':') > 1 && server.find(']') == std::string::npos;
  if (bare_v6) return "\"" + server + "\" has no port, or no brackets; write [" + server + "]:7443";
  if (colon == std::string::npos || server.back() == ']')
    return "\"" + server + "\" has no port; write " + server + ":7443, or the port that chiplocd serves";
  const std::string port = server.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (colon == 0) return "\"" + server + "\" has no host; write HOST:PORT";
  if (!digits || std::stoul(port) == 0 || std::stoul(port) > 65'535)
    return "\"" + server + "\" has no port from 1 to 65535 behind its colon; write HOST:PORT";
  return {};
}

namespace {

/// Metadata of gRPC is visible ASCII; the coordinator takes 200 bytes (kReasonMax).
std::string why_problem(const std::string& why) {
  constexpr std::size_t kMost = 200;
  const bool plain = std::all_of(why.begin(), why.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  return plain && why.size() <= kMost ? "" : "is no reason that can be sent: at most 200 characters of ASCII";
}

struct FileValues {
  bool exists = false;
  std::string server, server_from, server_name;
  std::filesystem::path ca, certificate, tls_key;
};

Result<FileValues, CliFault> read_file(const ConfigFile& file) {
  FileValues values;
  std::error_code ignored;
  if (!file.named && !std::filesystem::exists(file.path, ignored)) return values;
  values.exists = true;
  TomlReader reader = TomlReader::load(file.path, kMakeConfig);
  TomlSection top = reader.top();
  const auto path = [&](std::string_view key) {
    const std::string text = top.text(key, "");
    return text.empty() ? std::filesystem::path{} : reader.folder() / text;
  };
  values.server = top.text("server", "");
  values.server_from = top.where("server");
  if (const std::string problem = values.server.empty() ? "" : server_problem(values.server);
      !problem.empty())
    top.fault("server", problem);
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
  if (const std::string problem = server_problem(settings.server); !problem.empty())
    return Fail{CliFault{ExitCode::kUsage, "--server " + problem}};
  settings.server_from = flags.server.empty() && !values.server.empty() ? values.server_from : "--server";
  settings.server_name = text(flags.server_name, values.server_name, "chiplocd");
  settings.tls = {either(flags.ca, values.ca), either(flags.certificate, values.certificate),
                  either(flags.tls_key, values.tls_key)};
  settings.why = flags.why;
  if (const std::string problem = why_problem(flags.why); !problem.empty())
    return Fail{CliFault{ExitCode::kUsage, "--why " + problem}};
  const std::string where = file ? file->path.string() : "cli.toml (no home folder to look in)";
  const auto missing = [&](const char* key, const char* flag) {
    std::string problem = std::string{key} + ": not given; set it in " + where + " or pass " + flag;
    if (!values.exists) {
      problem = std::string{key} + ": not given, and there is no " + where +
                "; name another cli.toml with --config or " +
                "CHIPLOC_CONFIG, or have one made: " + kMakeConfig + "; or pass " + flag;
    }
    return Fail{CliFault{ExitCode::kBadConfig, std::move(problem)}};
  };
  if (settings.tls.ca.empty()) return missing("ca", "--ca");
  if (settings.tls.certificate.empty()) return missing("certificate", "--certificate");
  if (settings.tls.key.empty()) return missing("tls_key", "--tls-key");
  return settings;
}

}  // namespace chiploc
