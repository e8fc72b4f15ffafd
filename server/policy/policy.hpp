#pragma once
// By what verdicts are decided. Policy, not code, says how sure is sure.

#include <string>
#include <vector>

#include "geo/units.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace chiploc::v1 {
class Policy;
}

namespace chiploc {

struct Policy {
  KmPerSecond speed = kLightInVacuum;  ///< the proof's; a slower one is an assumption that the verdict names
  std::string speed_name = "vacuum";
  unsigned fault_budget = 1;                      ///< 1: no single perspective condemns or clears
  Nanoseconds lifetime = std::chrono::hours{24};  ///< nothing stays green because nothing was measured
  std::string version{};                          ///< for people (policy_file.hpp); decides nothing
  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Most of Policy::fault_budget, and least and most of Policy::lifetime.
inline constexpr unsigned kFaultBudgetMax = 16;
inline constexpr Nanoseconds kLifetimeMin = std::chrono::seconds{60};
inline constexpr Nanoseconds kLifetimeMax = std::chrono::seconds{31'536'000};

[[nodiscard]] v1::Policy to_record(const Policy& policy);
/// Fails with what is wrong: another format, a name that is not its speed's, a number out of bounds.
[[nodiscard]] Result<Policy, std::string> policy_from(const v1::Policy& record);

/// Serialised v1::Policy: the same bytes for equal policies, whoever writes them.
[[nodiscard]] ByteVector policy_bytes(const Policy& policy);
/// SHA-256 of them.
[[nodiscard]] Digest digest_of(const Policy& policy);

/// Where `to` decides by something else than `from`, a phrase each: "faults 1 -> 2". Empty: nowhere.
[[nodiscard]] std::vector<std::string> differences(const Policy& from, const Policy& to);

}  // namespace chiploc
