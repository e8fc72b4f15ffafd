#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/realtime.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/key_store.hpp"
#include "server/anchor/udp_prober.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

/// anchor.toml, read and checked. Defaults stand here; every key is described in the sample of deploy/.
struct AnchorConfig {
  std::string name;
  std::vector<Endpoint> listen;
  KeyOptions key;
  std::filesystem::path state_dir;

  std::string coordinator_address;       ///< host:port
  std::string coordinator_address_from;  ///< "coordinator.address in anchor.toml:5"
  std::string server_name;
  TlsFiles tls;

  Nanoseconds mesh_interval = std::chrono::milliseconds{1000};
  Nanoseconds mesh_report_interval = std::chrono::milliseconds{10'000};
  StampMode stamps = StampMode::kKernel;
  RealtimeOptions realtime;
  std::size_t rounds = 4096;
  std::size_t spool_messages = 100'000;
};

/// All faults of the file at once, `FILE:LINE: key: problem; what to do`. Files it names are not opened.
[[nodiscard]] Result<AnchorConfig, std::vector<std::string>> load_anchor_config(
    const std::filesystem::path& file);

}  // namespace chiploc
