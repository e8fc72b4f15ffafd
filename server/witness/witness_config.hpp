#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/crypto/key_store.hpp"
#include "server/evidence/note.hpp"
#include "server/witness/witness_server.hpp"

namespace chiploc {

/// witness.toml, read and checked. Every key is described in the sample of deploy/.
struct WitnessConfig {
  std::string name;  ///< of the cosigner, as in its verifier key
  KeyOptions key;
  std::filesystem::path state_dir;
  std::string address;       ///< HOST:PORT
  std::string address_from;  ///< "witness.address in witness.toml:5"
  std::filesystem::path certificate, tls_key;
  std::vector<NoteKey> logs;  ///< one name may have several keys
  WitnessLimits limits;
};

/// All faults of the file at once, `FILE:LINE: key: problem; what to do`. Files it names are not opened.
[[nodiscard]] Result<WitnessConfig, std::vector<std::string>> load_witness_config(
    const std::filesystem::path& file);

}  // namespace chiploc
