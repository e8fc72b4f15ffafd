#include "server/service/policy_holder.hpp"

#include "server/policy/policy_file.hpp"

namespace chiploc {

Result<PolicyInForce, std::string> policy_in_force(const Policy& configured,
                                                   const PolicyRules& configured_rules, StoreReader& store) {
  auto kept = store.policies().policies(1);
  if (!kept) return Fail{kept.error().text};
  if (kept->empty()) {
    return PolicyInForce{.policy = configured,
                         .toml = policy_text(configured),
                         .rules = configured_rules,
                         .configured = configured_rules};
  }
  PolicyActivation& newest = kept->front();
  const std::string name = "policy " + std::to_string(newest.number);
  PolicyFile read = parse_policy_to_activate(newest.toml, name);
  if (!read.faults.empty()) {
    return Fail{"the policy in force, " + name + " of the database, cannot be read (" + read.faults.front() +
                "); start the newer chiplocd that took it"};
  }
  if (digest_of(read.policy) != newest.sha256) {
    return Fail{"the policy in force, " + name +
                " of the database, is read otherwise than when it was activated; "
                "start the chiplocd that took it, and activate it anew after the upgrade"};
  }
  return PolicyInForce{.policy = std::move(read.policy),
                       .toml = std::move(newest.toml),
                       .number = newest.number,
                       .since = newest.at,
                       .rules = in_force(configured_rules, read.rules, read.has),
                       .has = std::move(read.has),
                       .configured = configured_rules};
}

}  // namespace chiploc
