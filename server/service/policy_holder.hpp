#pragma once
// The policy in force, shared by whoever answers people and whoever begins rounds.

#include <cstdint>
#include <string>
#include <utility>

#include "proto/base/result.hpp"
#include "server/follow_up/follow_up.hpp"
#include "server/policy/policy.hpp"
#include "server/policy/rules.hpp"
#include "server/service/guarded.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

struct PolicyInForce {
  Policy policy;
  std::string toml;          ///< as somebody wrote it
  std::uint64_t number = 0;  ///< of its activation; 0: the one of chiplocd.toml
  WallTime since{};          ///< of its activation
  PolicyRules rules{};       ///< in force: of the sections that it has, else `configured`
  RuleSections has{};        ///< sections of its own
  PolicyRules configured{};  ///< as chiplocd.toml has them
};

/// The one that was activated last, or `configured` where none was. Fails with a sentence for the start where the
/// last one cannot be read: nothing is judged by another policy than the one that was decided upon.
[[nodiscard]] Result<PolicyInForce, std::string> policy_in_force(const Policy& configured,
                                                                 const PolicyRules& configured_rules,
                                                                 StoreReader& store);

/// The one place that says which policy is in force: whoever decides by it asks here, each time, or is told by
/// RoundStarter::adopt. Thread-safe.
class PolicyHolder {
 public:
  explicit PolicyHolder(PolicyInForce initial) : current_{std::move(initial)} {}
  [[nodiscard]] PolicyInForce get() const {
    return current_.with([](const PolicyInForce& current) { return current; });
  }
  [[nodiscard]] StatusKeeping status() const {
    return current_.with([](const PolicyInForce& current) { return current.rules.status; });
  }
  [[nodiscard]] FollowRules follow() const {
    return current_.with([](const PolicyInForce& current) {
      return FollowRules{current.rules.orders, current.rules.cases,
                         current.rules.scheduler.tiers.transshipment};
    });
  }
  [[nodiscard]] NoticeRetention notices() const {
    return current_.with([](const PolicyInForce& current) { return current.rules.notices; });
  }
  /// An older one than the present is ignored: a late caller cannot turn time back.
  void replace(PolicyInForce next) {
    current_.with([&](PolicyInForce& current) {
      if (next.number >= current.number) current = std::move(next);
    });
  }

 private:
  Guarded<PolicyInForce> current_;
};

}  // namespace chiploc
