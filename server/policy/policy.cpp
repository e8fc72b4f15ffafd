#include "server/policy/policy.hpp"

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

}  // namespace

v1::Policy to_record(const Policy& policy) {
  v1::Policy out;
  out.set_format(kFormat);
  out.set_version(policy.version);
  out.set_speed_name(policy.speed_name);
  out.set_speed_km_s(policy.speed.km_s());
  out.set_fault_budget(policy.fault_budget);
  out.set_lifetime_ns(policy.lifetime.count());
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
  if (out.lifetime < kLifetimeMin || out.lifetime > kLifetimeMax)
    return Fail{std::string{"policy.lifetime_ns: out of range"}};
  if (out.version.size() > kVersionMax) return Fail{std::string{"policy.version: too long"}};
  return out;
}

ByteVector policy_bytes(const Policy& policy) { return canonical_bytes(to_record(policy)); }

Digest digest_of(const Policy& policy) { return sha256(policy_bytes(policy)); }

std::vector<std::string> differences(const Policy& from, const Policy& to) {
  std::vector<std::string> out;
  const auto differ = [&out](const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) out.push_back(what + " " + a + " -> " + b);
  };
  differ("speed", from.speed_name, to.speed_name);
  differ("faults", std::to_string(from.fault_budget), std::to_string(to.fault_budget));
  differ("verdict_lifetime_s", seconds_text(from.lifetime), seconds_text(to.lifetime));
  return out;
}

}  // namespace chiploc
