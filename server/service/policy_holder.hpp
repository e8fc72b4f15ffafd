#pragma once
// The policy in force, shared by whoever answers people and whoever begins rounds.

#include <cstdint>
#include <string>
#include <utility>

#include "proto/base/result.hpp"
#include "server/policy/policy.hpp"
#include "server/service/guarded.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

struct PolicyInForce {
  Policy policy;
  std::string toml;          ///< as somebody wrote it
  std::uint64_t number = 0;  ///< of its activation; 0: the one of chiplocd.toml
  WallTime since{};          ///< of its activation
};

/// The one that was activated last, or `configured` where none was. Fails with a sentence for the start where the
/// last one cannot be read: nothing is judged by another policy than the one that was decided upon.
[[nodiscard]] Result<PolicyInForce, std::string> policy_in_force(const Policy& configured,
                                                                 StoreReader& store);

class PolicyHolder {
 public:
  explicit PolicyHolder(PolicyInForce initial) : current_{std::move(initial)} {}
  [[nodiscard]] PolicyInForce get() const {
    return current_.with([](const PolicyInForce& current) { return current; });
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
