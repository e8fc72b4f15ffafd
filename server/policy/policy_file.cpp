#include "server/policy/policy_file.hpp"

#include <algorithm>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "proto/wire/datagram.hpp"
#include "server/policy/rules_file.hpp"

namespace chiploc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t as_ms(Nanoseconds d) { return std::chrono::duration_cast<milliseconds>(d).count(); }
std::int64_t as_s(Nanoseconds d) { return std::chrono::duration_cast<seconds>(d).count(); }

constexpr const char* kMeasuringKeys[] = {
    "pings",     "ping_interval_ms",  "prepare_deadline_ms", "round_deadline_ms",
    "linger_ms", "knock_interval_ms", "knock_wait_ms",       "anchors_per_round"};

enum class Measuring : bool { kAllowed, kRefused };

PolicyFile read(std::string_view text, const std::filesystem::path& name, Measuring measuring) {
  TomlReader file = TomlReader::parse(text, name);
  TomlSection section = file.section("policy");
  PolicyFile out{.policy = read_policy_keys(section).policy, .has_policy = section.present()};
  RulesRead read = read_rules(file);
  out.rules = std::move(read.rules);
  out.has = std::move(read.has);
  out.policy.version =
      out.has.empty() ? version_of(out.policy) : version_of(out.policy, sha256(bytes_of(text)));
  if (measuring == Measuring::kRefused) {
    for (const char* key : kMeasuringKeys) {
      if (section.has(key))
        section.fault(key, "is about measuring, so no state follows from it; leave it to chiplocd.toml");
    }
  }
  out.faults = file.finish();
  return out;
}

}  // namespace

namespace {

/// What `key` asks for beyond `least`, which is what it asks for where it is absent.
unsigned more_faults(TomlSection& section, std::string_view key, unsigned least, const std::string& why) {
  const auto faults = section.integer(key, {.min = 0, .max = kFaultBudgetMax, .otherwise = least});
  if (faults >= least) return static_cast<unsigned>(faults) - least;
  section.fault(key, std::to_string(faults) + " is less than " + why + "; write " + std::to_string(least) +
                         " or more, or leave it out");
  return 0;
}

std::string faults_words(const Policy& policy) {
  std::string out = " faults=" + std::to_string(policy.fault_budget);
  if (policy.more_to_clear > 0) out += " faults_to_clear=" + std::to_string(policy.faults_to_clear());
  if (policy.more_to_accuse > 0) out += " faults_to_accuse=" + std::to_string(policy.faults_to_accuse());
  return out;
}

}  // namespace

PolicyKeys read_policy_keys(TomlSection& section, const MeasuringKeys& defaults) {
  PolicyKeys out;
  Policy& p = out.policy;
  p.speed_name = section.choice("speed", {"vacuum", "fibre"});
  p.speed = p.speed_name == "fibre" ? kLightInFibre : kLightInVacuum;
  p.fault_budget = static_cast<unsigned>(
      section.integer("faults", {.min = 0, .max = kFaultBudgetMax, .otherwise = p.fault_budget}));
  p.more_to_clear = more_faults(
      section, "faults_to_clear", p.fault_budget,
      "faults = " + std::to_string(p.fault_budget) + ", which is what every verdict has to withstand");
  p.more_to_accuse = more_faults(section, "faults_to_accuse", p.faults_to_clear(),
                                 "the " + std::to_string(p.faults_to_clear()) +
                                     " of a clearance: no chip is accused by less than what clears one");
  p.lifetime = seconds{
      section.integer("verdict_lifetime_s",
                      {.min = as_s(kLifetimeMin), .max = as_s(kLifetimeMax), .otherwise = as_s(p.lifetime)})};
  MeasuringKeys& m = out.measuring;
  m.pings = static_cast<std::uint8_t>(
      section.integer("pings", {.min = 2, .max = kPingsMax, .otherwise = defaults.pings}));
  const auto ms = [&section](std::string_view key, std::int64_t min, std::int64_t max,
                             Nanoseconds otherwise) {
    return milliseconds{section.integer(key, {.min = min, .max = max, .otherwise = as_ms(otherwise)})};
  };
  m.ping_interval = ms("ping_interval_ms", 1, 10'000, defaults.ping_interval);
  m.prepare_deadline = ms("prepare_deadline_ms", 100, 60'000, defaults.prepare_deadline);
  m.deadline = ms("round_deadline_ms", 2'000, 600'000, defaults.deadline);
  m.linger = ms("linger_ms", 0, 60'000, defaults.linger);
  m.knock_interval = ms("knock_interval_ms", 100, 86'400'000, defaults.knock_interval);
  m.knock_wait = ms("knock_wait_ms", 100, 2 * 86'400'000 + 1'000,
                    std::max<Nanoseconds>(defaults.knock_wait, 2 * m.knock_interval + seconds{1}));
  m.anchors_per_round = static_cast<std::size_t>(section.integer(
      "anchors_per_round",
      {.min = 1, .max = kAnchorsMax, .otherwise = static_cast<std::int64_t>(defaults.anchors_per_round)}));
  p.version = version_of(p, m.pings);
  return out;
}

std::string version_of(const Policy& policy) {
  return "policy-2 " + policy.speed_name + faults_words(policy) +
         " lifetime_s=" + std::to_string(as_s(policy.lifetime));
}

std::string version_of(const Policy& policy, unsigned pings) {
  return "policy-1 " + policy.speed_name + faults_words(policy) + " pings=" + std::to_string(pings) +
         " lifetime_s=" + std::to_string(as_s(policy.lifetime));
}

std::string version_of(const Policy& policy, const Digest& text) {
  return "policy-3 " + policy.speed_name + faults_words(policy) +
         " lifetime_s=" + std::to_string(as_s(policy.lifetime)) + " text=" + to_hex(text.bytes);
}

std::string policy_text(const Policy& policy) {
  std::string out = "[policy]\nspeed = \"" + policy.speed_name +
                    "\"\nfaults = " + std::to_string(policy.fault_budget) + '\n';
  if (policy.more_to_clear > 0) out += "faults_to_clear = " + std::to_string(policy.faults_to_clear()) + '\n';
  if (policy.more_to_accuse > 0)
    out += "faults_to_accuse = " + std::to_string(policy.faults_to_accuse()) + '\n';
  return out + "verdict_lifetime_s = " + std::to_string(as_s(policy.lifetime)) + "\n";
}

std::string policy_text(const PolicyFile& file) {
  std::string out = policy_text(file.policy);
  for (const RuleSection section : file.has) out += '\n' + section_text(file.rules, section);
  return out;
}

PolicyFile parse_policy(std::string_view text, const std::filesystem::path& name) {
  return read(text, name, Measuring::kAllowed);
}

PolicyFile parse_policy_to_activate(std::string_view text, const std::filesystem::path& name) {
  return read(text, name, Measuring::kRefused);
}

}  // namespace chiploc
