#include "agent/config.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "agent/endpoint.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using Need = AgentConfigReader::Need;
using Table = AgentConfigReader::Table;

constexpr std::size_t kFileMax = 1U << 20U;
constexpr int kEntriesMax = 64;  // of coordinators and of rendezvous anchors: more is a slip of the pen

/// Reads one file's tables in turn; the reader collects what is wrong.
class Loader {
 public:
  Loader(AgentConfigReader& reader, fs::path folder) : reader_{reader}, folder_{std::move(folder)} {}

  void agent(AgentConfig& out);
  void chip(AgentConfig& out);
  void key(AgentConfig& out);
  void coordinators(AgentConfig& out);
  void rendezvous(AgentConfig& out);
  void limits(AgentConfig& out);

 private:
  [[nodiscard]] fs::path resolved(const std::string& path) const {
    return path.empty() ? fs::path{} : fs::path{folder_ / path}.lexically_normal();
  }
  void check_file(std::string_view key, const fs::path& file);
  std::optional<Endpoint> endpoint(Table table, std::string_view key, const std::string& text, bool any_port);
  std::optional<ByteArray<32>> hex32(Table table, std::string_view key, const char* what);
  std::optional<PublicKey> ed25519(Table table);
  void entry_limit(std::string_view name, int count);
  std::string claim(std::string_view key);

  AgentConfigReader& reader_;
  fs::path folder_;
};

void Loader::agent(AgentConfig& out) {
  constexpr Table kAgent{"agent"};
  const auto listen = reader_.texts(kAgent, "listen");
  for (const std::string& text : listen) {
    if (const auto parsed = endpoint(kAgent, "listen", text, true)) out.listen.push_back(*parsed);
  }
  if (reader_.line_of(kAgent, "listen") != 0 && (listen.empty() || listen.size() > 2)) {
    reader_.fault(kAgent, "listen", "names " + std::to_string(listen.size()) + " addresses",
                  "name one or two, such as [\"0.0.0.0:7400\", \"[::]:7400\"]");
  }
  out.state_dir = resolved(reader_.text(kAgent, "state_dir"));
}

std::string Loader::claim(std::string_view key) {
  constexpr Table kChip{"chip"};
  std::string text = reader_.text(kChip, key);
  if (text.size() > Statement::kTextMax) {
    reader_.fault(kChip, key, "is longer than 64 bytes", "shorten it");
  } else if (std::any_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
             })) {
    reader_.fault(kChip, key, "has control characters", "remove them");
  }
  return text;
}

void Loader::chip(AgentConfig& out) {
  constexpr Table kChip{"chip"};
  out.identity.model = claim("model");
  out.identity.firmware_version = claim("firmware_version");
  if (const auto raw = hex32(kChip, "firmware_measurement", "the SHA-256 of the firmware image")) {
    out.identity.firmware_measurement.bytes = *raw;
  }
  const std::string debug = reader_.text(kChip, "debug_state");
  if (const auto state = debug_state_from_name(debug)) {
    out.identity.debug_state = *state;
  } else if (!debug.empty()) {
    reader_.fault(kChip, "debug_state", "\"" + debug + "\" is no debug state",
                  "use enabled, disabled, disabled-since-boot, disabled-permanently or "
                  "disabled-fully-and-permanently");
  }
}

void Loader::key(AgentConfig& out) {
  constexpr Table kKey{"key"};
  out.key.uri = reader_.text(kKey, "uri");
  out.key.providers = reader_.texts(kKey, "providers", Need::kOptional);
  out.key.properties = reader_.text(kKey, "properties", Need::kOptional);
  out.key.base_folder = folder_;
  out.key_line = reader_.line_of(kKey, "uri");
  constexpr std::string_view kFile = "file:";
  if (const std::string& uri = out.key.uri; uri.compare(0, kFile.size(), kFile) == 0) {
    std::string path = uri.substr(kFile.size());
    if (path.compare(0, 2, "//") == 0) path.erase(0, 2);  // file:///absolute
    check_file("uri", resolved(path));
  } else if (!uri.empty() && uri.find(':') == std::string::npos) {
    check_file("uri", resolved(uri));
  }
  out.key.pin_file = resolved(reader_.text(kKey, "pin_file", Need::kOptional));
  check_file("pin_file", out.key.pin_file);
  out.certificate = resolved(reader_.text(kKey, "certificate"));
  out.certificate_line = reader_.line_of(kKey, "certificate");
  check_file("certificate", out.certificate);
}

void Loader::check_file(std::string_view key, const fs::path& file) {
  if (file.empty()) return;
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) {
    reader_.fault({"key"}, key, file.string() + " does not exist",
                  "create it or correct the path (relative paths start from this file's folder)");
  } else if (status.type() == fs::file_type::directory) {
    reader_.fault({"key"}, key, file.string() + " is a folder", "name the file inside it");
  }
}

std::optional<Endpoint> Loader::endpoint(Table table, std::string_view key, const std::string& text,
                                         bool any_port) {
  const auto parsed = parse_endpoint(text);
  if (!parsed) {
    reader_.fault(table, key, "\"" + text + "\" is no numeric address with a port",
                  "write 192.0.2.1:7400 or [2001:db8::1]:7400");
    return std::nullopt;
  }
  if (parsed->port == 0 && !any_port) {
    reader_.fault(table, key, "port 0 cannot be reached", "name a port from 1 to 65535");
    return std::nullopt;
  }
  return parsed;
}

std::optional<ByteArray<32>> Loader::hex32(Table table, std::string_view key, const char* what) {
  const std::string text = reader_.text(table, key);
  if (text.empty()) return std::nullopt;
  const auto digest = Digest::from_hex_text(text);
  if (!digest) {
    reader_.fault(table, key, "is not 64 hexadecimal digits", std::string{"write "} + what + " in hex");
    return std::nullopt;
  }
  return digest->bytes;
}

std::optional<PublicKey> Loader::ed25519(Table table) {
  const auto raw = hex32(table, "public_key", "the raw Ed25519 public key");
  if (!raw) return std::nullopt;
  auto key = PublicKey::from_raw_ed25519(*raw);
  if (!key) {
    reader_.fault(table, "public_key", "is no Ed25519 key (" + key.error().text + ")",
                  "copy it from the other side again");
    return std::nullopt;
  }
  return *key;
}

void Loader::entry_limit(std::string_view name, int count) {
  if (count > kEntriesMax) {
    reader_.fault({name, kEntriesMax}, "public_key", "there are more than 64 of these", "keep at most 64");
  }
}

void Loader::coordinators(AgentConfig& out) {
  const int count = reader_.count("coordinator");
  entry_limit("coordinator", count);
  if (count == 0) {
    reader_.fault({"coordinator"}, "public_key", "no coordinator may measure this chip",
                  "add a [[coordinator]] with name and public_key");
  }
  for (int i = 0; i < count; ++i) {
    const Table table{"coordinator", i};
    static_cast<void>(reader_.text(table, "name"));  // for people only
    const auto key = ed25519(table);
    if (!key) continue;
    const auto id = coordinator_id_of(*key);
    if (!id) continue;  // from_raw_ed25519 made it: it is one
    const bool twice = std::any_of(out.coordinators.begin(), out.coordinators.end(),
                                   [&](const TrustedCoordinator& c) { return c.id == *id; });
    if (twice)
      reader_.fault(table, "public_key", "is that of an earlier coordinator", "remove one of the two");
    out.coordinators.push_back({*id, *key});
  }
}

void Loader::rendezvous(AgentConfig& out) {
  const int count = reader_.count("rendezvous");
  entry_limit("rendezvous", count);
  for (int i = 0; i < count; ++i) {
    const Table table{"rendezvous", i};
    const std::string text = reader_.text(table, "address");
    const auto address = text.empty() ? std::nullopt : endpoint(table, "address", text, false);
    const auto key = ed25519(table);
    if (!address || !key) continue;
    const bool twice = std::any_of(out.rendezvous.begin(), out.rendezvous.end(),
                                   [&](const RendezvousAnchor& r) { return r.endpoint == *address; });
    if (twice) reader_.fault(table, "address", "is that of an earlier anchor", "remove one of the two");
    const bool reachable = std::any_of(out.listen.begin(), out.listen.end(),
                                       [&](const Endpoint& e) { return e.family == address->family; });
    if (!reachable && !out.listen.empty()) {
      reader_.fault(table, "address", "has another address family than every address in agent.listen",
                    "listen on an address of that family too");
    }
    if (const auto id = anchor_id_of(*key)) out.rendezvous.push_back({*id, *address});
  }
}

void Loader::limits(AgentConfig& out) {
  const auto knock = std::chrono::milliseconds{
      reader_.number({"knock"}, "mean_interval_ms", 30'000, 100, std::int64_t{24} * 3'600'000)};
  out.options.knock.mean_interval = knock;
  out.options.sessions = static_cast<std::size_t>(reader_.number({"limits"}, "sessions", 64, 1, 4096));
  out.options.clock_skew = std::chrono::seconds{reader_.number({"limits"}, "clock_skew_s", 300, 0, 86'400)};
  out.realtime.priority = static_cast<int>(reader_.number({"runtime"}, "realtime_priority", 0, 0, 99));
  out.realtime.cpu = static_cast<int>(reader_.number({"runtime"}, "cpu", -1, -1, 1023));
}

AgentConfigFault whole_file(const fs::path& file, std::string problem, std::string remedy) {
  return {file.string(), 0, "", std::move(problem), std::move(remedy)};
}

}  // namespace

Result<AgentConfig, std::vector<AgentConfigFault>> parse_agent_config(std::string_view toml,
                                                                      const std::string& file,
                                                                      const fs::path& folder) {
  AgentConfigReader reader{toml, file};
  if (reader.unreadable()) return Fail{reader.faults()};
  AgentConfig out;
  out.file = file;
  Loader loader{reader, folder};
  loader.agent(out);
  loader.chip(out);
  loader.key(out);
  loader.coordinators(out);
  loader.rendezvous(out);
  loader.limits(out);
  reader.finish();
  if (auto faults = reader.faults(); !faults.empty()) return Fail{std::move(faults)};
  return out;
}

Result<AgentConfig, std::vector<AgentConfigFault>> load_agent_config(const fs::path& file) {
  using Faults = std::vector<AgentConfigFault>;
  std::error_code error;
  if (fs::is_directory(file, error)) {
    return Fail{Faults{whole_file(file, "is a folder", "name the file inside it")}};
  }
  if (fs::status(file, error).type() == fs::file_type::not_found)
    return Fail{
        Faults{whole_file(file, "no such file", "correct the path, or make one: chiploc-agent init")}};
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad())
    return Fail{Faults{whole_file(file, "cannot be read", "give the agent's user the right to read it")}};
  if (text.str().size() > kFileMax) {
    return Fail{Faults{whole_file(file, "is larger than 1 MiB", "name the configuration file")}};
  }
  return parse_agent_config(text.str(), file.string(), file.parent_path());
}

}  // namespace chiploc
