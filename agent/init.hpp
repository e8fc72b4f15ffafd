#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/exit_code.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/device_id.hpp"
#include "proto/crypto/key_store.hpp"

namespace chiploc {

/// What `chiploc-agent init` was asked for, checked.
struct AgentInitOptions {
  std::filesystem::path dir = "agent";
  std::string state_dir;  ///< empty: "state" in the folder
  std::string serial;
  std::string model;
  std::string firmware_version;      ///< empty, like the next two: as the sample has it
  std::string firmware_measurement;  ///< SHA-256 in hex
  std::string debug_state;
  std::optional<DeviceId> chip;  ///< nullopt: 16 random bytes
  std::vector<std::string> listen;
  std::vector<std::string> coordinators;  ///< raw Ed25519 keys in hex
  struct Rendezvous {
    std::string address;     ///< IP:PORT
    std::string public_key;  ///< raw Ed25519 in hex
  };
  std::vector<Rendezvous> rendezvous;
  std::string inbound;  ///< IP:PORT where anchors reach a chip that does not knock; empty: it knocks

  SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256;
  KeyOptions key;  ///< uri empty: a key is made in the folder

  std::string licence;
  /// Who certifies the chip at once. Empty: nobody; a request is written for the maker.
  std::string maker;
  bool trial = false;  ///< a maker of this chip alone, whose key is forgotten
  std::filesystem::path maker_certificate;
  std::filesystem::path maker_key;
  int days = 365;
};

/// Reads what stands behind `init`. Fails with a sentence that names the option.
[[nodiscard]] Result<AgentInitOptions, std::string> parse_agent_init(std::span<const char* const> arguments);

/// Makes the folder, whole or not at all: agent.toml, the chip's key (mode 0600; or it stays where the URI
/// says), chip.csr for the chip's maker, and an empty state folder. With a maker's key or --trial also
/// chip.pem and the rows that `chiploc import` takes: chips.csv, and makers.csv for a trial. Then what to do
/// next, on standard output. Ends with kFine, or kCannotStart and a sentence on standard error.
[[nodiscard]] AgentExit run_agent_init(const AgentInitOptions& options, WallTime now);

/// `chiploc-agent init ...`: the arguments behind that word.
[[nodiscard]] AgentExit agent_init_command(std::span<const char* const> arguments);

/// deploy/agent.toml.
[[nodiscard]] std::string_view sample_agent_toml();

}  // namespace chiploc
