#include <algorithm>
#include <charconv>

#include "agent/command_line.hpp"
#include "agent/endpoint.hpp"
#include "agent/init.hpp"
#include "proto/crypto/eat.hpp"

namespace chiploc {
namespace {

using Words = AgentWords;

constexpr std::string_view kOnce[] = {"--dir",
                                      "--state-dir",
                                      "--serial",
                                      "--model",
                                      "--firmware-version",
                                      "--firmware-measurement",
                                      "--debug-state",
                                      "--chip-id",
                                      "--inbound",
                                      "--algorithm",
                                      "--key",
                                      "--key-pin-file",
                                      "--key-properties",
                                      "--licence",
                                      "--maker",
                                      "--maker-certificate",
                                      "--maker-key",
                                      "--days"};
constexpr std::string_view kOften[] = {"--coordinator-key", "--rendezvous", "--listen", "--key-provider"};
constexpr std::string_view kFlags[] = {"--trial"};

/// A name as the registry takes it: nothing that needs quoting anywhere.
Result<Done, std::string> check_name(std::string_view option, std::string_view name) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const bool good = !name.empty() && name.size() <= 64 && plain(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return plain(c) || std::string_view{"._-:/+"}.find(c) != std::string_view::npos;
                    });
  if (good) return Done{};
  return Fail{std::string{option} + " \"" + std::string{name} +
              "\" is no name; use 1 to 64 letters, digits and . _ - : / +, beginning with a letter or digit"};
}

Result<Done, std::string> check_key(std::string_view option, const std::string& hex) {
  const auto raw = from_hex(hex);
  if (raw && raw->size() == 32 && PublicKey::from_raw_ed25519(*raw)) return Done{};
  return Fail{
      std::string{option} + " \"" + hex +
      "\" is no Ed25519 public key; copy the 64 hexadecimal digits that --show-identity prints there"};
}

Result<Done, std::string> check_address(std::string_view option, const std::string& text, bool any_port) {
  const auto endpoint = parse_endpoint(text);
  if (endpoint && (any_port || endpoint->port != 0)) return Done{};
  return Fail{std::string{option} + " \"" + text +
              "\" is no numeric address with a port; write 192.0.2.1:7400 or [2001:db8::1]:7400"};
}

Result<Done, std::string> read_peers(const Words& words, AgentInitOptions& out) {
  out.coordinators = words.all("--coordinator-key");
  if (out.coordinators.empty()) {
    return Fail{
        std::string{"--coordinator-key HEX is missing: whose tickets the chip answers; chiplocd "
                    "--config FILE --show-identity prints it"}};
  }
  for (const std::string& key : out.coordinators) {
    if (const auto good = check_key("--coordinator-key", key); !good) return good;
  }
  for (const std::string& text : words.all("--rendezvous")) {
    const auto equals = text.rfind('=');
    if (equals == std::string::npos) {
      return Fail{
          "--rendezvous \"" + text +
          "\" has no key; write IP:PORT=HEX, as chiploc-anchor --config FILE --show-identity prints it"};
    }
    AgentInitOptions::Rendezvous anchor{text.substr(0, equals), text.substr(equals + 1)};
    if (const auto good = check_address("--rendezvous", anchor.address, false); !good) return good;
    if (const auto good = check_key("--rendezvous", anchor.public_key); !good) return good;
    out.rendezvous.push_back(std::move(anchor));
  }
  out.inbound = words.one("--inbound");
  if (out.inbound.empty() == out.rendezvous.empty()) {
    return Fail{
        std::string{"name either --rendezvous IP:PORT=HEX, an anchor at which the chip knocks (one or "
                    "more), or --inbound IP:PORT, where anchors reach it"}};
  }
  if (!out.inbound.empty()) {
    if (const auto good = check_address("--inbound", out.inbound, false); !good) return good;
  }
  out.listen = words.all("--listen");
  if (out.listen.size() > 2) return Fail{std::string{"--listen is given more than twice; keep two"}};
  for (const std::string& text : out.listen) {
    if (const auto good = check_address("--listen", text, true); !good) return good;
  }
  return Done{};
}

Result<Done, std::string> read_chip(const Words& words, AgentInitOptions& out) {
  out.serial = words.one("--serial");
  if (out.serial.empty()) return Fail{std::string{"--serial NAME is missing: the board's serial number"}};
  if (const auto good = check_name("--serial", out.serial); !good) return good;
  out.model = words.one("--model");
  if (out.model.empty()) return Fail{std::string{"--model TEXT is missing: the chip's model"}};
  out.firmware_version = words.one("--firmware-version");
  for (const std::string& text : {out.model, out.firmware_version}) {
    const bool control = std::any_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (text.size() > Statement::kTextMax || control)
      return Fail{"\"" + text + "\" is no model or version: at most 64 bytes without control characters"};
  }
  out.firmware_measurement = words.one("--firmware-measurement");
  if (!out.firmware_measurement.empty() && !Digest::from_hex_text(out.firmware_measurement))
    return Fail{std::string{"--firmware-measurement is no SHA-256; write 64 hexadecimal digits"}};
  out.debug_state = words.one("--debug-state");
  if (!out.debug_state.empty() && !debug_state_from_name(out.debug_state)) {
    return Fail{"--debug-state \"" + out.debug_state +
                "\" is none of enabled, disabled, disabled-since-boot, disabled-permanently, "
                "disabled-fully-and-permanently"};
  }
  if (const std::string id = words.one("--chip-id"); !id.empty()) {
    out.chip = DeviceId::from_text(id);
    if (!out.chip) return Fail{"--chip-id \"" + id + "\" is no chip id; write 32 to 64 hexadecimal digits"};
  }
  return Done{};
}

Result<Done, std::string> read_key(const Words& words, AgentInitOptions& out) {
  out.key.uri = words.one("--key");
  out.key.pin_file = words.one("--key-pin-file");
  out.key.properties = words.one("--key-properties");
  out.key.providers = words.all("--key-provider");
  const std::string algorithm = words.one("--algorithm");
  if (!out.key.uri.empty()) {
    if (!algorithm.empty())
      return Fail{std::string{"--algorithm is for a key that is made here; leave it out with --key"}};
    return Done{};
  }
  if (!out.key.pin_file.empty() || !out.key.properties.empty() || !out.key.providers.empty())
    return Fail{std::string{"--key-pin-file, --key-provider and --key-properties go with --key URI"}};
  if (algorithm == "ed25519")
    out.algorithm = SignatureAlgorithm::kEd25519;
  else if (algorithm == "es384")
    out.algorithm = SignatureAlgorithm::kEs384;
  else if (!algorithm.empty() && algorithm != "es256")
    return Fail{"--algorithm \"" + algorithm + "\" is none of es256, es384, ed25519"};
  return Done{};
}

Result<Done, std::string> read_maker(const Words& words, AgentInitOptions& out) {
  out.licence = words.one("--licence");
  out.maker = words.one("--maker");
  out.trial = !words.one("--trial").empty();
  out.maker_certificate = words.one("--maker-certificate");
  out.maker_key = words.one("--maker-key");
  const bool key = !out.maker_key.empty();
  if (key == out.maker_certificate.empty())
    return Fail{std::string{"--maker-certificate FILE and --maker-key FILE go together"}};
  if (key && out.trial)
    return Fail{std::string{"--trial makes a maker of its own; leave --maker-key out, or --trial"}};
  if (key && out.maker.empty())
    return Fail{std::string{"--maker NAME is missing: as makers.csv has it at the coordinator"}};
  if ((key || out.trial) && out.licence.empty())
    return Fail{std::string{"--licence ID is missing: the licence that the chip belongs to"}};
  if (!out.licence.empty()) {
    if (const auto good = check_name("--licence", out.licence); !good) return good;
    if (!key && !out.trial) {
      return Fail{std::string{
          "--licence goes with --trial or --maker-key: without a certificate there is no row yet. "
          "chiploc-agent row writes it later"}};
    }
  }
  if (const std::string days = words.one("--days"); !days.empty()) {
    const auto [end, error] = std::from_chars(days.data(), days.data() + days.size(), out.days);
    if (error != std::errc{} || end != days.data() + days.size() || out.days < 1 || out.days > 36'500)
      return Fail{"--days " + days + " is no number from 1 to 36500"};
  }
  return Done{};
}

}  // namespace

Result<AgentInitOptions, std::string> parse_agent_init(std::span<const char* const> arguments) {
  const auto words = AgentWords::read(arguments, {.once = kOnce, .often = kOften, .flags = kFlags});
  if (!words) return Fail{words.error()};
  AgentInitOptions out;
  if (const std::string dir = words->one("--dir"); !dir.empty()) out.dir = dir;
  out.state_dir = words->one("--state-dir");
  for (const auto read : {read_chip, read_peers, read_key, read_maker}) {
    if (const auto good = read(*words, out); !good) return Fail{good.error()};
  }
  return out;
}

}  // namespace chiploc
