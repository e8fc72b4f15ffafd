#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agent/config_reader.hpp"
#include "agent/responder.hpp"
#include "proto/base/realtime.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/key_store.hpp"

namespace chiploc {

/// What agent.toml says, checked as far as the file alone and the presence of the files it names allow. Paths
/// are absolute or relative to the working directory. deploy/agent.toml shows every key.
struct AgentConfig {
  std::string file;
  std::vector<Endpoint> listen;  ///< one or two
  std::filesystem::path state_dir;
  KeyOptions key;
  std::filesystem::path certificate;
  /// The chip id is not here: it comes from the certificate.
  ChipIdentity identity;
  std::vector<TrustedCoordinator> coordinators;  ///< at least one
  std::vector<RendezvousAnchor> rendezvous;
  ResponderOptions options;
  RealtimeOptions realtime;
  /// Where key.uri and key.certificate stand, for faults that only opening them shows.
  std::uint32_t key_line = 0;
  std::uint32_t certificate_line = 0;
};

/// Reads a file. Fails with every fault in it.
[[nodiscard]] Result<AgentConfig, std::vector<AgentConfigFault>> load_agent_config(
    const std::filesystem::path& file);
/// The same from text; `folder` is what relative paths start from and `file` the name in messages.
[[nodiscard]] Result<AgentConfig, std::vector<AgentConfigFault>> parse_agent_config(
    std::string_view toml, const std::string& file, const std::filesystem::path& folder);

}  // namespace chiploc
