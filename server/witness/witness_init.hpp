#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/crypto/keys.hpp"
#include "server/evidence/checkpoint.hpp"

namespace chiploc {

/// What `chiploc-witness init` was asked for, as it was typed.
struct WitnessInitOptions {
  std::string name;
  std::filesystem::path dir = "witness";
  std::filesystem::path state_dir{};  ///< empty: "state" in the folder
};
struct WitnessInitFault {
  bool usage = false;  ///< an option is wrong; else the disk, or a folder that is there
  std::string text;
};
struct WitnessInitReport {
  std::string vkey;  ///< the verifier key, for the logs
  std::string text;  ///< for the person: files, and what to do next
};
/// Makes the folder, whole or not at all: witness.key (0600), witness.vkey, witness.toml; and a state folder that says whose it
/// is and that nothing was cosigned. Nothing that is there is overwritten.
[[nodiscard]] Result<WitnessInitReport, WitnessInitFault> init_witness(const WitnessInitOptions& options);

/// What signs as this witness. Fails with a sentence: another algorithm than Ed25519. The key outlives it.
[[nodiscard]] Result<NoteSigner, std::string> witness_signer(const std::string& name, const Signer& key);

/// deploy/witness.toml.
[[nodiscard]] std::string_view sample_witness_toml();

}  // namespace chiploc
