#include "server/coordinator/config.hpp"

#include <algorithm>

#include "server/config/toml_reader.hpp"
#include "server/evidence/note.hpp"
#include "server/net/endpoint.hpp"
#include "server/policy/policy_file.hpp"
#include "server/policy/rules_file.hpp"

namespace chiploc {
namespace {

std::int64_t as_ms(Nanoseconds d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

void read_policy(TomlSection policy, CoordinatorOptions& out) {
  const RoundOptions round;
  const PolicyKeys keys = read_policy_keys(policy, {.pings = round.pings,
                                                    .ping_interval = round.ping_interval,
                                                    .prepare_deadline = round.prepare_deadline,
                                                    .deadline = round.deadline,
                                                    .linger = round.linger,
                                                    .knock_interval = round.knock_interval,
                                                    .knock_wait = round.knock_wait,
                                                    .anchors_per_round = kAnchorsMax});
  out.policy = keys.policy;
  RoundOptions& r = out.round;
  r.pings = keys.measuring.pings;
  r.ping_interval = keys.measuring.ping_interval;
  r.prepare_deadline = keys.measuring.prepare_deadline;
  r.deadline = keys.measuring.deadline;
  r.linger = keys.measuring.linger;
  r.knock_interval = keys.measuring.knock_interval;
  r.knock_wait = keys.measuring.knock_wait;
  if (const Nanoseconds usual = usual_knock_wait(r); r.knock_wait < usual) {
    policy.fault(
        "knock_wait_ms",
        "is shorter than agents may let pass that knock every knock_interval_ms: twice that, and a second "
        "for a KNOCK that is lost; make it " +
            std::to_string(as_ms(usual)) + " or more, or knock_interval_ms shorter");
  }
  if (const Nanoseconds least = least_deadline(r, ChipReach::kInbound); r.deadline < least) {
    policy.fault(
        "round_deadline_ms",
        "is too short for an honest chip to answer in: OPEN is repeated for 1 s, anchors wait linger_ms and "
        "finish ahead; make it " +
            std::to_string(as_ms(least)) + " or more, or linger_ms shorter");
  }
  r = fit_to_deadline(r, r.deadline);
  out.anchors_per_round = keys.measuring.anchors_per_round;
}

/// Where browsers find the page, by the address alone; empty: it does not say, as where it stands for every address.
std::string origin_of(std::string address) {
  if (address.starts_with("0.0.0.0:") || address.starts_with("[::]:")) return {};
  if (address.ends_with(":443")) address.resize(address.size() - 4);
  std::string origin = "https://" + address;
  return refusal_of_origin(origin).empty() ? origin : std::string{};
}

/// How much at once. A stream has a connection, and whoever watches a stream: what could never be reached is a fault where it
/// stands, and follows the other limit where it does not.
void read_http_limits(TomlSection http, HttpConfig& out) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto count = [&](const char* key, std::size_t otherwise) {
    return static_cast<std::size_t>(
        http.integer(key, {.min = 1, .max = kMost, .otherwise = static_cast<std::int64_t>(otherwise)}));
  };
  const auto within = [&](const char* key, std::size_t usual, const char* whole, std::size_t most) {
    const std::size_t value = count(key, std::min(usual, most));
    if (value > most)
      http.fault(key, std::to_string(value) + " is more than http." + whole + " has room for (" +
                          std::to_string(most) + "); raise that too");
    return value;
  };
  HttpLimits& limits = out.limits;
  limits.connections = count("connections", limits.connections);
  limits.connections_address = count("connections_per_address", limits.connections_address);
  limits.streams = within("streams", limits.streams, "connections", limits.connections);
  out.watching.watchers = limits.streams;
  out.watching.by_caller = within("watchers_per_caller", out.watching.by_caller, "streams", limits.streams);
  const auto rate = [&](const char* per_second, const char* burst, RateLimit& limit) {
    limit.per_second = static_cast<double>(count(per_second, static_cast<std::size_t>(limit.per_second)));
    limit.burst = static_cast<double>(count(burst, static_cast<std::size_t>(limit.burst)));
  };
  rate("requests_per_caller", "burst_per_caller", out.rates.by_caller);
  rate("requests_per_address", "burst_per_address", out.rates.by_address);
}

void read_http(TomlReader& file, const std::string& grpc, HttpConfig& out) {
  TomlSection http = file.section("http");
  read_http_limits(http, out);
  out.address = http.text("address", "");
  if (!out.address.empty() && !endpoint_from_text(out.address))
    http.fault("address", "'" + out.address + "' is no address; write IP:PORT, e.g. 127.0.0.1:7480");
  if (!out.address.empty() && out.address == grpc)
    http.fault("address", "is coordinator.grpc's; give HTTP a port of its own");
  if (const std::string page = http.text("page", ""); !page.empty()) {
    out.page = file.folder() / page;
    out.page_at = http.where("page");
    if (out.address.empty()) http.fault("page", "is served by HTTP; give http.address, or remove the key");
  }
  out.oidc = read_oidc(file);
  if (out.oidc && out.address.empty())
    http.fault("address", "people with tokens of [oidc] come by HTTP; give an address, or remove [oidc]");
  out.public_url = http.text("public_url", "");
  if (!out.public_url.empty()) {
    if (const std::string refusal = refusal_of_origin(out.public_url); !refusal.empty())
      http.fault("public_url", refusal);
    if (out.address.empty())
      http.fault("public_url", "is where HTTP is reached; give http.address too, or remove it");
    return;
  }
  out.public_url = origin_of(out.address);
  const bool people_sign_in = !out.page.empty() || (out.oidc && out.oidc->login);
  if (people_sign_in && out.public_url.empty() && endpoint_from_text(out.address))
    http.fault("address", "'" + out.address +
                              "' does not say where browsers find the page; give http.public_url, "
                              "e.g. https://HOST:7480");
}

void read_enrol(TomlReader& file, const HttpConfig& http, EnrolConfig& out) {
  TomlSection enrol = file.section("enrol");
  if (const std::string folder = enrol.text("authority", ""); !folder.empty()) {
    out.authority = file.folder() / folder;
    if (http.address.empty())
      enrol.fault("authority", "newcomers come by HTTP; give http.address, or remove the key");
  }
  if (const std::string secret = enrol.text("passphrase_file", ""); !secret.empty())
    out.passphrase_file = file.folder() / secret;
  constexpr std::int64_t kDaysMost = 3'650;
  out.days = static_cast<int>(enrol.integer("days", {.min = 1, .max = kDaysMost, .otherwise = out.days}));
}

void read_log(TomlReader& file, const std::filesystem::path& database, LogConfig& out) {
  TomlSection log = file.section("log");
  const std::string folder = log.text("folder", "");
  out.folder = folder.empty() ? database.parent_path() / "evidence-log" : file.folder() / folder;
  out.origin = log.text("origin", "");
  if (const std::string policy = log.text("witnesses", ""); !policy.empty())
    out.witnesses = file.folder() / policy;
  if (const std::string ca = log.text("witness_ca", ""); !ca.empty()) out.witness_ca = file.folder() / ca;
  if (!out.witness_ca.empty() && out.witnesses.empty())
    log.fault("witness_ca", "is for asking witnesses; name them by log.witnesses, or remove the key");
  if (!out.origin.empty() && !is_note_name(out.origin))
    log.fault("origin",
              "'" + out.origin +
                  "' is no name of a log; write one without spaces and plus, e.g. HOST/evidence, and never "
                  "change it");
}

DaemonConfigResult read(TomlReader file) {
  DaemonConfigResult out;
  DaemonConfig& c = out.config;
  TomlSection coordinator = file.section("coordinator");
  c.grpc_address = coordinator.text("grpc");
  if (const auto endpoint = endpoint_from_text(c.grpc_address); !c.grpc_address.empty() && !endpoint) {
    coordinator.fault("grpc", "'" + c.grpc_address + "' is no address; write IP:PORT, e.g. 127.0.0.1:7443");
  }
  c.key.uri = coordinator.text("key");
  c.key.base_folder = file.folder();
  c.key.providers = coordinator.texts("key_providers", false);
  c.key.properties = coordinator.text("key_properties", "");
  if (const std::string pin = coordinator.text("key_pin_file", ""); !pin.empty())
    c.key.pin_file = file.folder() / pin;
  c.database = coordinator.path("database");
  TomlSection tls = file.section("tls");
  c.tls = TlsFiles{.ca = tls.path("ca"), .certificate = tls.path("certificate"), .key = tls.path("key")};
  if (const std::string list = tls.text("revocations", ""); !list.empty())
    c.revocations = file.folder() / list;
  read_policy(file.section("policy"), c.coordinator);
  c.rules = read_rules(file).rules;
  c.coordinator.schedule = c.rules.scheduler;
  c.coordinator.retention = c.rules.retention;
  TomlSection limits = file.section("limits");
  c.coordinator.rounds_max =
      static_cast<std::size_t>(limits.integer("rounds", {.min = 1, .max = 100'000, .otherwise = 1024}));
  c.coordinator.mesh_peers = static_cast<std::size_t>(
      limits.integer("mesh_peers", {.min = 2, .max = 512, .otherwise = kMeshPeersMax}));
  const auto days = std::chrono::duration_cast<std::chrono::hours>(c.mutes.mute_most).count() / 24;
  c.mutes.mute_most =
      std::chrono::hours{24 * limits.integer("mute_days", {.min = 1, .max = 366, .otherwise = days})};
  c.notices = read_notice_sinks(file);
  read_http(file, c.grpc_address, c.http);
  read_enrol(file, c.http, c.enrol);
  read_log(file, c.database, c.log);
  out.faults = file.finish();
  return out;
}

}  // namespace

DaemonConfigResult load_daemon_config(const std::filesystem::path& file) {
  return read(TomlReader::load(file, "chiplocd init"));
}

DaemonConfigResult parse_daemon_config(std::string_view text, const std::filesystem::path& name) {
  return read(TomlReader::parse(text, name));
}

}  // namespace chiploc
