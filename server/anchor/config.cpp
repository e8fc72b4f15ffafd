#include "server/anchor/config.hpp"

#include "server/config/toml_reader.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

/// "host:port" for gRPC: a name or an address, and a port from 1 to 65535.
bool is_host_and_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
    return false;
  const int number = std::stoi(port);
  return number >= 1 && number <= 65535;
}

std::vector<Endpoint> read_listen(TomlSection& section) {
  std::vector<Endpoint> out;
  for (const std::string& text : section.texts("listen", true)) {
    const auto endpoint = endpoint_from_text(text);
    if (endpoint) {
      out.push_back(*endpoint);
    } else {
      section.fault(
          "listen",
          "\"" + text + "\" is no address and port; write \"192.0.2.1:7411\" or \"[2001:db8::1]:7411\"");
    }
  }
  return out;
}

}  // namespace

Result<AnchorConfig, std::vector<std::string>> load_anchor_config(const std::filesystem::path& file) {
  TomlReader reader = TomlReader::load(file, "chiploc-anchor init");
  AnchorConfig config;

  TomlSection anchor = reader.section("anchor");
  config.name = anchor.text("name");
  if (config.name.size() > 64)
    anchor.fault("name", "is longer than 64 bytes, which a certificate's CN cannot hold; shorten it");
  config.listen = read_listen(anchor);
  config.key.uri = anchor.text("key");
  config.key.base_folder = reader.folder();
  config.state_dir = anchor.path("state_dir", "state");

  TomlSection coordinator = reader.section("coordinator");
  config.coordinator_address = coordinator.text("address");
  config.coordinator_address_from = coordinator.where("address");
  if (!config.coordinator_address.empty() && !is_host_and_port(config.coordinator_address)) {
    coordinator.fault("address", "\"" + config.coordinator_address +
                                     "\" is no host and port; write \"chiplocd.example:7443\"");
  }
  config.server_name = coordinator.text("server_name", "chiplocd");
  config.tls = {coordinator.path("ca"), coordinator.path("certificate"), coordinator.path("tls_key")};

  const auto milliseconds = [](TomlSection& section, std::string_view key, Nanoseconds otherwise,
                               std::int64_t min, std::int64_t max) -> Nanoseconds {
    const auto usual = std::chrono::duration_cast<std::chrono::milliseconds>(otherwise).count();
    return std::chrono::milliseconds{section.integer(key, {.min = min, .max = max, .otherwise = usual})};
  };
  TomlSection mesh = reader.section("mesh");
  config.mesh_interval = milliseconds(mesh, "interval_ms", config.mesh_interval, 40, 3'600'000);
  config.mesh_report_interval =
      milliseconds(mesh, "report_interval_ms", config.mesh_report_interval, 1'000, 86'400'000);

  const std::string stamps = reader.section("timing").choice("stamps", {"kernel", "kernel-receive", "user"});
  config.stamps = StampMode::kUser;
  if (stamps == "kernel") config.stamps = StampMode::kKernel;
  if (stamps == "kernel-receive") config.stamps = StampMode::kKernelReceive;

  TomlSection runtime = reader.section("runtime");
  config.realtime.priority =
      static_cast<int>(runtime.integer("realtime_priority", {.min = 0, .max = 99, .otherwise = 0}));
  config.realtime.cpu = static_cast<int>(runtime.integer("cpu", {.min = -1, .max = 1023, .otherwise = -1}));

  TomlSection limits = reader.section("limits");
  config.rounds =
      static_cast<std::size_t>(limits.integer("rounds", {.min = 1, .max = 1'000'000, .otherwise = 4096}));
  config.spool_messages = static_cast<std::size_t>(
      limits.integer("spool_messages", {.min = 2, .max = 100'000'000, .otherwise = 100'000}));

  auto faults = reader.finish();
  if (!faults.empty()) return Fail{std::move(faults)};
  return config;
}

}  // namespace chiploc
