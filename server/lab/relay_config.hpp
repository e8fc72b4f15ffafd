#pragma once
// relay.toml: what the relay process is told. The lab writes it; a person may write one too.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/network_model.hpp"
#include "server/lab/relay.hpp"

namespace chiploc {

/// A pair whose round trip is stated instead of modelled, or to which something is added.
struct PairOverride {
  std::string a;
  std::string b;
  std::optional<Nanoseconds> round_trip{};
  PathExtra extra{};
};

struct RelayConfig {
  std::filesystem::path control;  ///< unix socket
  NetworkOptions network;
  std::vector<RelayEndpoint> endpoints;
  std::vector<PairOverride> pairs;
};

/// Fails with every fault, each `FILE:LINE: key: problem; what to do`.
[[nodiscard]] Result<RelayConfig, std::vector<std::string>> load_relay_config(
    const std::filesystem::path& file);

/// The file's text, such that load_relay_config() reads back the same.
[[nodiscard]] std::string relay_config_text(const RelayConfig& config);

/// The paths between all endpoints, pairs applied.
[[nodiscard]] RelayPaths relay_paths_of(const RelayConfig& config);

/// A process's whole life: binds, serves the control socket, forwards until SIGTERM, SIGINT or `stop`, then
/// prints its counters and timing error to standard error. Returns the exit code (0, 69 cannot start, 78 bad
/// file).
int run_relay(const std::filesystem::path& config_file);

}  // namespace chiploc
