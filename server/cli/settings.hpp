#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "proto/base/result.hpp"
#include "server/cli/exit_code.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// What flags and the environment say of the connection; each field overrides the file.
struct ConnectionFlags {
  std::string config;  ///< --config
  std::string server, server_name, ca, certificate, tls_key;
  std::string why;  ///< --why: no connection, but goes with every call
};

/// How to reach the coordinator.
struct Settings {
  std::string server;       ///< "HOST:PORT"
  std::string server_from;  ///< where that stands: "server in cli.toml:1", "--server"
  std::string server_name;  ///< the name in the coordinator's certificate
  TlsFiles tls;
  std::string
      why{};  ///< sent with each call: opens what is sealed to who may see it for a reason; empty: none
};

/// What is wrong with HOST:PORT; empty: nothing. gRPC would take port 443 where none is named, and say
/// that nobody answers there.
[[nodiscard]] std::string server_problem(const std::string& server);

/// The configuration file: the flag, else $CHIPLOC_CONFIG, else $XDG_CONFIG_HOME/chiploc/cli.toml, else
/// ~/.config/chiploc/cli.toml. nullopt if there is neither a home nor anything else to start from.
struct ConfigFile {
  std::filesystem::path path;
  bool named = false;  ///< by flag or environment: then it must exist
};
[[nodiscard]] std::optional<ConfigFile> find_config_file(const std::string& flag);

/// Flags over environment (CLI11 has put that into the flags already) over file over defaults
/// (127.0.0.1:7443, chiplocd). Relative paths of the file start from its folder, those of flags from the
/// working directory. Fails with kBadConfig; the text is FILE:LINE: key: problem; what to do, all faults one
/// a line.
[[nodiscard]] Result<Settings, CliFault> load_settings(const ConnectionFlags& flags);

}  // namespace chiploc
