#include "server/coordinator/config.hpp"

#include <algorithm>
#include <sstream>

#include "proto/crypto/digest.hpp"
#include "server/config/toml_reader.hpp"
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

/// "36", or "0.01": as it may stand in the file.
std::string in_hours(Nanoseconds length) {
  std::ostringstream out;
  out << std::chrono::duration<double, std::ratio<3'600>>{length}.count();
  return out.str();
}

StatusKeeping read_status(TomlSection status) {
  StatusKeeping out;
  StatusRules& r = out.rules;
  const auto count = [&](std::string_view key, unsigned otherwise) {
    return static_cast<unsigned>(
        status.integer(key, {.min = 1, .max = kConfirmationsMax, .otherwise = otherwise}));
  };
  r.confirmations = count("confirmations", r.confirmations);
  r.confirm_within = status.hours("confirm_within_hours", r.confirm_within);
  r.restorations = count("restorations", r.restorations);
  r.unproven_after = status.hours("unproven_after_hours", r.unproven_after);
  r.silent_after = status.hours("silent_after_hours", r.silent_after);
  r.overdue_after = status.hours("overdue_after_hours", r.overdue_after);
  r.lost_proof_after = status.hours("lost_proof_after_hours", r.lost_proof_after);
  r.dispute_most = status.hours("dispute_most_hours", r.dispute_most);
  r.absence_most = status.hours("absence_most_hours", r.absence_most);
  r.absences_a_year = status.hours("absences_a_year_hours", r.absences_a_year);
  if (r.absences_a_year < r.absence_most) {
    status.fault(
        "absences_a_year_hours",
        "is less than absence_most_hours, so that no absence could be as long as that says; make it " +
            in_hours(r.absence_most) + " or more, or absence_most_hours shorter");
  }
  out.cleared_is_enough = status.boolean("cleared_is_enough", false);
  return out;
}

void read_scheduler(TomlSection scheduler, CoordinatorOptions& options) {
  ScheduleRules& rules = options.schedule;
  const auto cadence = [&](std::string_view key) {
    return seconds{scheduler.integer(key, {.min = 0, .max = 31'536'000, .otherwise = 0})};
  };
  const auto days = [&](std::string_view key, Nanoseconds otherwise) {
    const auto usual = std::chrono::duration_cast<std::chrono::hours>(otherwise).count() / 24;
    return std::chrono::hours{24 * scheduler.integer(key, {.min = 0, .max = 3'660, .otherwise = usual})};
  };
  rules.cadence = {cadence("cadence_s"), cadence("raised_cadence_s"), cadence("high_cadence_s")};
  // A longer one would never bring a round that the others do not.
  const auto sooner_than = [&](std::size_t tier, std::string_view key, std::size_t other,
                               std::string_view than) {
    if (rules.cadence[tier] <= Nanoseconds{0} || rules.cadence[other] <= Nanoseconds{0}) return;
    if (rules.cadence[tier] < rules.cadence[other]) return;
    scheduler.fault(key, "is not shorter than " + std::string{than} +
                             ", so that it would measure nothing more often; make it shorter, or 0 for none");
  };
  sooner_than(1, "raised_cadence_s", 0, "cadence_s");
  sooner_than(2, "high_cadence_s", 0, "cadence_s");
  sooner_than(2, "high_cadence_s", 1, "raised_cadence_s");
  rules.tiers.new_site = days("new_site_days", rules.tiers.new_site);
  rules.tiers.recent_change = days("recent_change_days", rules.tiers.recent_change);
  for (const std::string& text : scheduler.texts("transshipment", false)) {
    if (const auto code = CountryCode::from_text(text)) {
      rules.tiers.transshipment.push_back(*code);
    } else {
      scheduler.fault("transshipment", "'" + text + "' is no country's code; write two letters, e.g. AE");
    }
  }
  std::sort(rules.tiers.transshipment.begin(), rules.tiers.transshipment.end());
  rules.again = seconds{scheduler.integer("again_s", {.min = 1, .max = 86'400, .otherwise = 60})};
  rules.first_anchors = static_cast<std::size_t>(
      scheduler.integer("first_anchors", {.min = 0, .max = kAnchorsMax, .otherwise = 0}));
  options.rounds_per_anchor = static_cast<std::size_t>(
      scheduler.integer("rounds_per_anchor", {.min = 0, .max = 100'000, .otherwise = 0}));
}

OrderRules read_orders(TomlSection orders) {
  OrderRules out;
  const auto percent = [&](std::string_view key, unsigned otherwise) {
    return static_cast<unsigned>(orders.integer(key, {.min = 1, .max = 100, .otherwise = otherwise}));
  };
  out.hold_share = percent("hold_share_percent", out.hold_share);
  out.release_share = percent("release_share_percent", out.release_share);
  out.hold_least = static_cast<unsigned>(
      orders.integer("hold_least", {.min = 1, .max = 1'000'000, .otherwise = out.hold_least}));
  out.silent_counts = orders.boolean("silent_counts", out.silent_counts);
  out.unproven_counts = orders.boolean("unproven_counts", out.unproven_counts);
  out.lift_most = orders.hours("lift_most_hours", out.lift_most);
  if (out.release_share >= out.hold_share) {
    orders.fault(
        "release_share_percent",
        "is not below hold_share_percent, so that a chip that comes and goes makes holds come and go; make it "
        "less than " +
            std::to_string(out.hold_share));
  }
  return out;
}

CaseRules read_cases(TomlSection cases, Nanoseconds dispute_most) {
  CaseRules out;
  out.reopen_within = cases.hours("reopen_within_hours", out.reopen_within);
  out.attempt_confirmations = static_cast<unsigned>(
      cases.integer("attempt_confirmations", {.min = 1, .max = 8, .otherwise = out.attempt_confirmations}));
  out.attempt_within = cases.hours("attempt_within_hours", out.attempt_within);
  out.dispute_most = dispute_most;  // of a case and of its chips alike
  return out;
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
