#include "server/witness/witness_config.hpp"

#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "server/config/toml_reader.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

/// What a log signs with: any type that we judge but a witness's own Ed25519.
bool is_key_of_log(const NoteKey& key) {
  return note_algorithm(key.type) != nullptr &&
         key.type != static_cast<std::uint8_t>(NoteSignatureType::kCosignature);
}

void read_log(TomlSection& log, std::vector<NoteKey>& out) {
  const std::string text = log.text("key");
  if (text.empty()) return;
  auto key = parse_vkey(text);
  if (!key) return log.fault("key", "is no verifier key: " + key.error());
  if (!is_key_of_log(*key))
    return log.fault("key", "is of a type that no log signs with; ask the log for its own");
  if (std::find(out.begin(), out.end(), *key) != out.end())
    return log.fault("key", "stands here twice; once is enough");
  if (out.size() == WitnessDesk::kKeysMax)
    return log.fault("key", "is one more than " + std::to_string(WitnessDesk::kKeysMax) + " keys");
  out.push_back(*std::move(key));
}

}  // namespace

Result<WitnessConfig, std::vector<std::string>> load_witness_config(const std::filesystem::path& file) {
  TomlReader reader = TomlReader::load(file, "chiploc-witness init");
  WitnessConfig config;

  TomlSection witness = reader.section("witness");
  config.name = witness.text("name");
  if (!config.name.empty() && !is_note_name(config.name))
    witness.fault("name", "\"" + log_text(config.name) +
                              "\" is no name of a cosigner; use 1 to 255 bytes without blanks and without +");
  config.key.uri = witness.text("key");
  config.key.base_folder = reader.folder();
  config.state_dir = witness.path("state_dir", "state");
  config.address = witness.text("address");
  config.address_from = witness.where("address");
  if (!config.address.empty() && !endpoint_from_text(config.address))
    witness.fault("address",
                  "\"" + log_text(config.address) +
                      "\" is no address and port; write \"192.0.2.1:7445\" or \"[2001:db8::1]:7445\"");
  config.certificate = witness.path("certificate");
  config.tls_key = witness.path("tls_key");

  for (TomlSection& log : reader.sections("log")) read_log(log, config.logs);

  TomlSection limits = reader.section("limits");
  const auto number = [&limits](std::string_view key, std::size_t usual, std::int64_t most) {
    return limits.integer(key, {.min = 1, .max = most, .otherwise = static_cast<std::int64_t>(usual)});
  };
  WitnessLimits& to = config.limits;
  to.connections = static_cast<std::size_t>(number("connections", to.connections, 100'000));
  to.connections_per_address =
      static_cast<std::size_t>(number("connections_per_address", to.connections_per_address, 100'000));
  to.requests_per_second =
      static_cast<std::uint32_t>(number("requests_per_second", to.requests_per_second, 100'000));
  to.requests_per_second_and_address = static_cast<std::uint32_t>(
      number("requests_per_second_and_address", to.requests_per_second_and_address, 100'000));
  to.waiting = static_cast<std::size_t>(number("waiting", to.waiting, 100'000));
  if (to.requests_per_second_and_address > to.requests_per_second)
    limits.fault("requests_per_second_and_address",
                 "is more than requests_per_second, which is for all; lower it");

  auto faults = reader.finish();
  if (!faults.empty()) return Fail{std::move(faults)};
  return config;
}

}  // namespace chiploc
