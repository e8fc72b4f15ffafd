#include "server/main/anchor_setup.hpp"

#include <iostream>

#include "proto/crypto/key_store.hpp"
#include "server/anchor/program.hpp"
#include "server/net/tls_identity.hpp"

namespace chiploc {

void add_anchor_init(CLI::App& app, AnchorInitOptions& words) {
  CLI::App* const init = app.add_subcommand(
      "init",
      "makes a new anchor's folder: keys (mode 0600), request, configuration, and its row for import");
  init->add_option("--dir", words.dir, "the new folder; nothing that is there is overwritten")
      ->capture_default_str();
  init->add_option(
      "--state-dir", words.state_dir,
      "where reports wait (default: state in that folder; under the unit: /var/lib/chiploc-anchor)");
  init->add_option("--name", words.name, "its name, as its certificate and the registry have it")->required();
  init->add_option("--coordinator", words.coordinator, "HOST:PORT of chiplocd")->required();
  init->add_option("--server-name", words.server_name, "the name in the coordinator's certificate")
      ->capture_default_str();
  init->add_option("--position", words.position, "LAT,LON in degrees (WGS 84): where the machine stands")
      ->required();
  init->add_option("--uncertainty-km", words.uncertainty_km, "how far from there it may stand, 0 to 1000")
      ->required();
  init->add_option("--operator", words.operator_name, "who runs it")->required();
  init->add_option("--network", words.network, "whose network it stands in, such as AS64496")->required();
  init->add_option("--address", words.address, "IP:PORT where agents and other anchors reach it")->required();
  init->add_option("--listen", words.listen,
                   "IP:PORT to bind; may be repeated (default: the address's port on all addresses)");
  init->add_flag("!--no-rendezvous", words.rendezvous, "agents may not knock here");
  init->footer(
      "example: chiploc-anchor init --name fra1 --coordinator 192.0.2.1:7443 --position 50.12,8.68\n"
      "           --uncertainty-km 0.5 --operator 'Example Net' --network AS64496 --address 192.0.2.2:7411\n\n"
      "exit codes: 0 made, 64 usage, 69 not made: the folder is there already, or the disk");
}

int run_anchor_init(const AnchorInitOptions& words) {
  const auto made = init_anchor(words);
  if (!made) {
    constexpr int kUsage = 64;
    constexpr int kCannotStart = 69;
    std::cerr << "chiploc-anchor init: " << made.error().text << "\n";
    return made.error().usage ? kUsage : kCannotStart;
  }
  std::cout << *made;
  return 0;
}

Result<std::string, std::string> anchor_identity(const AnchorConfig& config, bool json) {
  const auto key = open_anchor_key(config);
  if (!key) return Fail{key.error()};
  const auto raw = (*key)->public_key().raw_ed25519();
  const auto id = anchor_id_of((*key)->public_key());
  if (!raw || !id) return Fail{"anchor.key: " + (id ? std::string{"is no Ed25519 key"} : id.error().text)};
  IdentityText out;
  out.add("role", "anchor");
  out.add("name", config.name);
  out.add("anchor_id", id->hex());
  out.add("public_key", to_hex(*raw));
  add_tls_identity(out, config.tls.certificate);
  out.add_lines("for agent.toml, if agents knock here; the address is the registered one:",
                "[[rendezvous]]\naddress = \"IP:PORT\"\npublic_key = \"" + to_hex(*raw) + "\"\n");
  return json ? out.json() : out.text();
}

std::optional<std::string> missing_certificate(const AnchorConfig& config) {
  for (const auto& file : {config.tls.certificate, config.tls.ca}) {
    std::error_code unknown;
    if (std::filesystem::status(file, unknown).type() != std::filesystem::file_type::not_found) continue;
    return file.string() +
           ": is not there: the anchor has no certificate yet. Who keeps the authority makes one of " +
           (file.parent_path() / "tls.csr").string() + ": chiploc pki issue anchor " + config.name +
           " --dir CA --request tls.csr --out DIR; put tls.pem and ca.pem of that DIR where anchor.toml names them";
  }
  return std::nullopt;
}

}  // namespace chiploc
