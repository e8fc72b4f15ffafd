#include "agent/identity.hpp"

#include <fstream>
#include <sstream>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/eat.hpp"
#include "proto/crypto/key_store.hpp"

namespace chiploc {

Result<DeviceIdentity, StartFault> load_device_identity(const AgentConfig& config) {
  const auto bad_certificate = [&](std::string problem, std::string remedy) {
    const AgentConfigFault fault{config.file, config.certificate_line, "key.certificate",
                                 config.certificate.string() + " " + std::move(problem), std::move(remedy)};
    return Fail{StartFault{AgentExit::kBadConfig, fault.text()}};
  };
  std::ifstream in{config.certificate, std::ios::binary};
  std::ostringstream pem;
  if (in) pem << in.rdbuf();
  if (!in) return bad_certificate("cannot be read", "give the agent's user the right to read it");
  // The first is the device's; intermediates may follow for whoever collects the file.
  const auto chain = Certificate::chain_from_pem(pem.str());
  if (!chain)
    return bad_certificate("is no certificate (" + chain.error().text + ")", "name the device certificate");
  const Certificate& device = chain->front();
  const auto chip = device.chip_id();
  const auto id = device.device_id();
  if (!chip || !id) {
    return bad_certificate("names no chip: its subject has no serialNumber of 32 to 64 hexadecimal digits",
                           "name the certificate that the chip's maker issued");
  }
  const auto certified = device.public_key();
  if (!certified)
    return bad_certificate("has an unusable key (" + certified.error().text + ")", "have it reissued");

  auto key = open_signer(config.key);
  if (!key) {
    const AgentConfigFault fault{config.file, config.key_line, "key.uri", "the key cannot be used",
                                 key.error().text};
    return Fail{StartFault{AgentExit::kCannotStart, fault.text()}};
  }
  if (!((*key)->public_key() == *certified)) {
    return bad_certificate("belongs to another key than key.uri", "name the certificate of that key");
  }

  Statement sample;  // every claim that comes from the configuration
  sample.chip = *chip;
  sample.hardware_model = config.identity.model;
  sample.firmware_version = config.identity.firmware_version;
  sample.firmware_measurement = config.identity.firmware_measurement;
  sample.debug_state = config.identity.debug_state;
  sample.transcripts = {{0, Digest{}}};
  if (!encode_claims(sample)) {
    const AgentConfigFault fault{config.file, 0, "chip",
                                 "model or firmware_version cannot be put into a statement",
                                 "use 1 to 64 bytes of UTF-8 without control characters"};
    return Fail{StartFault{AgentExit::kBadConfig, fault.text()}};
  }
  return DeviceIdentity{std::move(*key), *chip, device.fingerprint(), *id, device};
}

}  // namespace chiploc
