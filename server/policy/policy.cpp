#include "server/policy/policy.hpp"

#include <optional>

#include "proto/crypto/digest.hpp"
#include "proto/v1/records.pb.h"
#include "server/policy/canonical.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kVersionMax = 1'000;

std::string seconds_text(Nanoseconds d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count());
}

bool by_kind(const Policy& policy) { return policy.more_to_clear > 0 || policy.more_to_accuse > 0; }

/// What a record says beyond what its absence means; nullopt: as much or less, which would be absent.
std::optional<unsigned> more_than(unsigned absent, unsigned stored) {
  if (stored == 0) return 0;
  return stored > absent ? std::optional{stored - absent} : std::nullopt;
}

}  // namespace

v1::Policy to_record(const Policy& policy) {
  v1::Policy out;
  out.set_format(kFormat);
  out.set_version(policy.version);
  out.set_speed_name(policy.speed_name);
  out.set_speed_km_s(policy.speed.km_s());
  out.set_fault_budget(policy.fault_budget);
  out.set_lifetime_ns(policy.lifetime.count());
  if (policy.more_to_clear > 0) out.set_faults_to_clear(policy.faults_to_clear());
  if (policy.more_to_accuse > 0) out.set_faults_to_accuse(policy.faults_to_accuse());
  return out;
}

Result<Policy, std::string> policy_from(const v1::Policy& record) {
  if (record.format() != kFormat)
    return Fail{"policy.format: " + std::to_string(record.format()) + " is not known"};
  Policy out{.speed = KmPerSecond{record.speed_km_s()},
             .speed_name = record.speed_name(),
             .fault_budget = record.fault_budget(),
             .lifetime = Nanoseconds{record.lifetime_ns()},
             .version = record.version()};
  const bool vacuum = out.speed_name == "vacuum" && out.speed == kLightInVacuum;
  const bool fibre = out.speed_name == "fibre" && out.speed == kLightInFibre;
  if (!vacuum && !fibre) return Fail{std::string{"policy.speed_name: not the name of its speed"}};
  if (out.fault_budget > kFaultBudgetMax) return Fail{std::string{"policy.fault_budget: too many"}};
  if (record.faults_to_clear() > kFaultBudgetMax)
    return Fail{std::string{"policy.faults_to_clear: too many"}};
  if (record.faults_to_accuse() > kFaultBudgetMax)
    return Fail{std::string{"policy.faults_to_accuse: too many"}};
  const auto to_clear = more_than(out.fault_budget, record.faults_to_clear());
  if (!to_clear) return Fail{std::string{"policy.faults_to_clear: not more than fault_budget"}};
  out.more_to_clear = *to_clear;
  const auto to_accuse = more_than(out.faults_to_clear(), record.faults_to_accuse());
  if (!to_accuse) return Fail{std::string{"policy.faults_to_accuse: not more than a clearance's"}};
  out.more_to_accuse = *to_accuse;
  if (out.lifetime < kLifetimeMin || out.lifetime > kLifetimeMax)
    return Fail{std::string{"policy.lifetime_ns: out of range"}};
  if (out.version.size() > kVersionMax) return Fail{std::string{"policy.version: too long"}};
  return out;
}

ByteVector policy_bytes(const Policy& policy) { return canonical_bytes(to_record(policy)); }

Digest digest_of(const Policy& policy) { return sha256(policy_bytes(policy)); }

std::string kinds_text(const Policy& policy) {
  if (!by_kind(policy)) return {};
  return "wrong perspectives that a verdict withstands: a clearance " +
         std::to_string(policy.faults_to_clear()) + ", an accusation " +
         std::to_string(policy.faults_to_accuse());
}

std::vector<std::string> differences(const Policy& from, const Policy& to) {
  std::vector<std::string> out;
  const auto differ = [&out](const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) out.push_back(what + " " + a + " -> " + b);
  };
  differ("speed", from.speed_name, to.speed_name);
  differ("faults", std::to_string(from.fault_budget), std::to_string(to.fault_budget));
  if (by_kind(from) || by_kind(to)) {
    differ("faults_to_clear", std::to_string(from.faults_to_clear()), std::to_string(to.faults_to_clear()));
    differ("faults_to_accuse", std::to_string(from.faults_to_accuse()),
           std::to_string(to.faults_to_accuse()));
  }
  differ("verdict_lifetime_s", seconds_text(from.lifetime), seconds_text(to.lifetime));
  return out;
}

}  // namespace chiploc
