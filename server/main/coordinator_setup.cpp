#include "server/main/coordinator_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "proto/base/bytes.hpp"
#include "proto/crypto/digest.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/net/endpoint.hpp"
#include "server/net/listen.hpp"
#include "server/net/tls_identity.hpp"

namespace chiploc {

CLI::App& add_coordinator_init(CLI::App& app, CoordinatorInitOptions& words) {
  CLI::App& init = *app.add_subcommand(
      "init",
      "make a new coordinator's folder: keys (mode 0600), request for its certificate, configuration");
  init.add_option("--dir", words.dir, "the new folder; nothing that is there is overwritten")
      ->capture_default_str();
  init.add_option("--state-dir", words.state_dir,
                  "the database's folder (default: that folder; under the unit: /var/lib/chiplocd)");
  init.add_option("--listen", words.listen, "IP:PORT for anchors and people; 0.0.0.0:7443 for all addresses")
      ->capture_default_str();
  init.add_option("--host", words.hosts,
                  "a name or address that its certificate is to have beside \"chiplocd\"; may be repeated")
      ->allow_extra_args(false);
  init.add_option("--faults", words.faults,
                  "perspectives (operators, networks) that may be wrong without changing a verdict; as the "
                  "sample has it (1), or 0 while all anchors are your own");
  init.add_option(
      "--authority", words.authority,
      "an authority's folder on this machine, made if it is not there: it certifies the coordinator at "
      "once (default: none, a request is made)");
  init.add_option("--passphrase-file", words.passphrase_file,
                  "the first line is the passphrase of the authority's key (default: it has none)");
  init.add_option("--admin", words.admin,
                  "an admin: a folder of that name gets key, certificate and cli.toml");
  init.footer(
      "examples: chiplocd init --listen 192.0.2.1:7443\n"
      "          chiplocd init --listen 0.0.0.0:7443 --authority ca --admin ada\n\n"
      "exit codes: 0 made, 64 usage, 69 not made: the folder is there already, or the disk");
  return init;
}

int run_coordinator_init(const CoordinatorInitOptions& words) {
  const auto made = init_coordinator(words, wall_now());
  if (!made) {
    constexpr int kUsage = 64;
    constexpr int kCannotStart = 69;
    std::cerr << "chiplocd init: " << made.error().text << "\n";
    return made.error().usage ? kUsage : kCannotStart;
  }
  std::cout << *made;
  return 0;
}

namespace {

/// Why this user may not use a path so; empty if they may. `how`: R_OK, W_OK, X_OK.
std::string access_fault(const std::filesystem::path& path, int how) {
  if (::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0) return {};
  const int error = errno;
  std::string text = path.string() + " cannot be written by user " + std::to_string(::geteuid()) + ": " +
                     std::strerror(error);
  if (error == EACCES) text += "; give it to the user that chiplocd runs as, or check as that user";
  if (error == EROFS) text += "; name a place on another disk";
  return text;
}

std::string database_fault(const std::filesystem::path& database) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = database.has_parent_path() ? database.parent_path() : fs::path{"."};
  const fs::file_status at = fs::status(folder, failed);
  if (at.type() == fs::file_type::not_found)
    return "the folder " + folder.string() + " is not there; make it, or name another";
  if (fs::exists(at) && !fs::is_directory(at))
    return folder.string() + " is no folder; name a file in a folder";
  if (std::string fault = access_fault(folder, W_OK | X_OK); !fault.empty()) return fault;
  const fs::file_status file = fs::status(database, failed);
  if (fs::is_directory(file)) return database.string() + " is a folder; name a file in it";
  return fs::exists(file) ? access_fault(database, R_OK | W_OK) : std::string{};
}

}  // namespace

DeliveryDesk::Dice notice_dice() {
  return [] {
    ByteArray<4> raw{};
    random_bytes_or_abort(raw);
    return static_cast<double>(ByteReader{raw}.u32()) / 4'294'967'295.0;
  };
}

std::vector<std::string> start_faults(const DaemonConfig& config) {
  std::vector<std::string> faults;
  // load_daemon_config has read it. A port that is taken is no fault here: chiplocd itself may run already.
  if (const auto endpoint = endpoint_from_text(config.grpc_address)) {
    if (const auto fault = local_address_fault(*endpoint)) faults.push_back("coordinator.grpc: " + *fault);
  }
  if (const auto endpoint = endpoint_from_text(config.http.address)) {
    if (const auto fault = local_address_fault(*endpoint)) faults.push_back("http.address: " + *fault);
  }
  if (std::string fault = database_fault(config.database); !fault.empty())
    faults.push_back("coordinator.database: " + fault);
  return faults;
}

std::string coordinator_identity(const PublicKey& key, const TlsFiles& tls, bool json) {
  const auto raw = key.raw_ed25519();
  const auto id = coordinator_id_of(key);
  const std::string hex = raw ? to_hex(*raw) : "";
  IdentityText out;
  out.add("role", "coordinator");
  if (id) out.add("coordinator_id", id->hex());
  out.add("public_key", hex);
  add_tls_identity(out, tls.certificate);
  out.add_lines("for agent.toml:", "[[coordinator]]\nname = \"coordinator\"\npublic_key = \"" + hex + "\"\n");
  return json ? out.json() : out.text();
}

}  // namespace chiploc
