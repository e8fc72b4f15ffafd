#include "tests/adversary/outsider.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "proto/crypto/digest.hpp"
#include "server/config/toml_reader.hpp"
#include "server/lab/relay_config.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc::adversary {
namespace {

using nlohmann::json;

Result<json, std::string> read_json(const std::filesystem::path& file) {
  std::ifstream in{file};
  json rows = json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!rows.is_array())
    return Fail{file.string() + ": holds no rows; is this the state folder of a running lab?"};
  return rows;
}

/// 32 bytes from hex, or nullopt.
std::optional<ByteArray<32>> key_of(const std::string& hex) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  ByteArray<32> key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

}  // namespace

Result<Target, std::string> target_from_text(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string kind = text.substr(0, equals);
  Target target;
  target.kind = kind == "anchor" ? TargetKind::kAnchor : TargetKind::kAgent;
  target.name = equals == std::string::npos ? "" : text.substr(equals + 1);
  const auto address = endpoint_from_text(target.name);
  if ((kind != "anchor" && kind != "agent") || !address || address->port == 0)
    return Fail{"\"" + text + "\" is no target; write agent=192.0.2.1:7400 or anchor=[2001:db8::1]:7411"};
  target.address = *address;
  return target;
}

Result<Outsider, std::string> from_lab(const std::filesystem::path& state, bool insider) {
  Outsider out;
  const auto relay = load_relay_config(state / "relay.toml");
  if (!relay) return Fail{relay.error().front()};
  const auto anchors = read_json(state / "registry" / "anchors.json");
  if (!anchors) return Fail{anchors.error()};
  const auto chips = read_json(state / "registry" / "chips.json");
  if (!chips) return Fail{chips.error()};

  std::map<std::string, AnchorId> anchor_of;
  for (const json& row : *anchors) {
    const auto key = key_of(row.value("public_key", ""));
    if (!key) return Fail{std::string{"anchors.json: an anchor without an Ed25519 key"}};
    const AnchorId id = anchor_id_of(*key);
    anchor_of[row.value("name", "")] = id;
    out.anchors.push_back(id);
  }
  std::map<std::string, ChipId> chip_of;
  for (const json& row : *chips) {
    const auto id = ChipId::from_hex_text(row.value("id", ""));
    if (!id) return Fail{std::string{"chips.json: a chip without an id"}};
    chip_of[row.value("serial", "")] = *id;
    out.chips.push_back(*id);
  }
  for (const RelayEndpoint& endpoint : relay->endpoints) {
    Target target;
    target.name = endpoint.site.name;
    target.address = *endpoint_from_text(endpoint.real.text());
    if (const auto anchor = anchor_of.find(target.name); anchor != anchor_of.end()) {
      target.kind = TargetKind::kAnchor;
      target.anchor = anchor->second;
    } else {
      target.kind = TargetKind::kAgent;
      // A clone has its original's id.
      const std::string serial = target.name.substr(0, target.name.rfind("-clone"));
      if (const auto chip = chip_of.find(serial); chip != chip_of.end()) target.chip = chip->second;
      const auto file = state / "agents" / target.name / "agent.toml";
      TomlReader config = TomlReader::load(file);
      for (TomlSection& section : config.sections("coordinator")) {
        const auto key = key_of(section.text("public_key"));
        if (!key) return Fail{file.string() + ": names no coordinator"};
        out.coordinator = coordinator_id_of(*key);
      }
    }
    out.targets.push_back(target);
  }
  if (out.targets.empty()) return Fail{(state / "relay.toml").string() + ": no endpoints"};

  TomlReader cli = TomlReader::load(state / "cli.toml");
  TomlSection top = cli.top();
  out.grpc = top.text("server", "");
  out.server_name = top.text("server_name", "chiplocd");
  out.ca = state / "ca.pem";
  if (insider) {
    for (const auto& [name, id] : anchor_of) out.tls_name = name;
    out.tls = state / "anchors" / out.tls_name;
    out.database = state / "chiplocd" / "chiploc.db";
  }
  return out;
}

}  // namespace chiploc::adversary
