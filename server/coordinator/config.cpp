#include "server/coordinator/config.hpp"

#include "proto/crypto/digest.hpp"
#include "server/config/toml_reader.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t as_ms(Nanoseconds d) { return std::chrono::duration_cast<milliseconds>(d).count(); }

void read_policy(TomlSection policy, CoordinatorOptions& out) {
  const RoundOptions round;
  Policy& p = out.policy;
  p.speed_name = policy.choice("speed", {"vacuum", "fibre"});
  p.speed = p.speed_name == "fibre" ? kLightInFibre : kLightInVacuum;
  p.fault_budget = static_cast<unsigned>(policy.integer("faults", {.min = 0, .max = 16, .otherwise = 1}));
  p.lifetime =
      seconds{policy.integer("verdict_lifetime_s", {.min = 60, .max = 31'536'000, .otherwise = 86'400})};
  RoundOptions& r = out.round;
  r.pings = static_cast<std::uint8_t>(
      policy.integer("pings", {.min = 2, .max = kPingsMax, .otherwise = round.pings}));
  r.ping_interval = milliseconds{
      policy.integer("ping_interval_ms", {.min = 1, .max = 10'000, .otherwise = as_ms(round.ping_interval)})};
  r.prepare_deadline = milliseconds{policy.integer(
      "prepare_deadline_ms", {.min = 100, .max = 60'000, .otherwise = as_ms(round.prepare_deadline)})};
  r.deadline = milliseconds{policy.integer(
      "round_deadline_ms", {.min = 2'000, .max = 600'000, .otherwise = as_ms(round.deadline)})};
  r.linger =
      milliseconds{policy.integer("linger_ms", {.min = 0, .max = 60'000, .otherwise = as_ms(round.linger)})};
  r.knock_interval = milliseconds{policy.integer(
      "knock_interval_ms", {.min = 100, .max = 86'400'000, .otherwise = as_ms(round.knock_interval)})};
  if (const Nanoseconds least = least_deadline(r, ChipReach::kInbound); r.deadline < least) {
    policy.fault(
        "round_deadline_ms",
        "is too short for an honest chip to answer in: OPEN is repeated for 1 s, anchors wait linger_ms and "
        "finish ahead; make it " +
            std::to_string(as_ms(least)) + " or more, or linger_ms shorter");
  }
  r = fit_to_deadline(r, r.deadline);
  out.anchors_per_round = static_cast<std::size_t>(
      policy.integer("anchors_per_round", {.min = 1, .max = kAnchorsMax, .otherwise = kAnchorsMax}));
}

/// Names what a verdict was decided by: two daemons with equal policies write equal versions.
std::string version_of(const CoordinatorOptions& o) {
  const std::string text = o.policy.speed_name + " faults=" + std::to_string(o.policy.fault_budget) +
                           " pings=" + std::to_string(o.round.pings) +
                           " lifetime_s=" + std::to_string(o.policy.lifetime.count() / 1'000'000'000);
  return "policy-1 " + text;
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
  read_policy(file.section("policy"), c.coordinator);
  TomlSection scheduler = file.section("scheduler");
  c.coordinator.scheduler_cadence =
      seconds{scheduler.integer("cadence_s", {.min = 0, .max = 31'536'000, .otherwise = 0})};
  TomlSection limits = file.section("limits");
  c.coordinator.rounds_max =
      static_cast<std::size_t>(limits.integer("rounds", {.min = 1, .max = 100'000, .otherwise = 1024}));
  c.coordinator.mesh_peers = static_cast<std::size_t>(
      limits.integer("mesh_peers", {.min = 2, .max = 512, .otherwise = kMeshPeersMax}));
  TomlSection retention = file.section("retention");
  Retention& keep = c.coordinator.retention;
  const auto as_h = [](Nanoseconds d) { return std::chrono::duration_cast<std::chrono::hours>(d).count(); };
  keep.mesh = std::chrono::hours{
      retention.integer("mesh_hours", {.min = 1, .max = 87'600, .otherwise = as_h(keep.mesh)})};
  keep.mesh_windows = static_cast<std::uint64_t>(retention.integer(
      "mesh_windows",
      {.min = 1'000, .max = 1'000'000'000, .otherwise = static_cast<std::int64_t>(keep.mesh_windows)}));
  keep.knocks = std::chrono::hours{
      24 * retention.integer("knocks_days", {.min = 1, .max = 36'500, .otherwise = as_h(keep.knocks) / 24})};
  keep.knocks_max = static_cast<std::uint64_t>(retention.integer(
      "knocks",
      {.min = 1'000, .max = 1'000'000'000, .otherwise = static_cast<std::int64_t>(keep.knocks_max)}));
  c.coordinator.policy.version = version_of(c.coordinator);
  out.faults = file.finish();
  return out;
}

}  // namespace

DaemonConfigResult load_daemon_config(const std::filesystem::path& file) {
  return read(TomlReader::load(file));
}

DaemonConfigResult parse_daemon_config(std::string_view text, const std::filesystem::path& name) {
  return read(TomlReader::parse(text, name));
}

}  // namespace chiploc
