#pragma once
#include <memory>
#include <string>

#include "agent/config.hpp"
#include "agent/exit_code.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/certificate.hpp"
#include "proto/crypto/keys.hpp"

namespace chiploc {

/// The chip's key, opened, and what its certificate says.
struct DeviceIdentity {
  std::unique_ptr<Signer> key;
  ChipId chip;
  Digest certificate;  ///< SHA-256 of the DER
  DeviceId id;         ///< as the maker gave it
  Certificate issued;  ///< the chip's own
};

/// Why a program does not start: its exit code and a sentence.
struct StartFault {
  AgentExit exit{};
  std::string text;
};

/// Reads the certificate, opens the key, and checks that they belong together and that every claim of a
/// statement can be encoded. Fails with kBadConfig (certificate, mismatch, claims) or kCannotStart (key); the
/// text begins with FILE:LINE: key.
[[nodiscard]] Result<DeviceIdentity, StartFault> load_device_identity(const AgentConfig& config);

}  // namespace chiploc
