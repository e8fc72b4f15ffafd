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
  unsigned fault_budget = 1;  ///< 1: no single perspective condemns or clears
  /// What a clearance has to withstand beyond that, and an accusation beyond a clearance. Sums, so that an accusation
  /// cannot be asked for less than a clearance, nor either for less than fault_budget.
  unsigned more_to_clear = 0;
  unsigned more_to_accuse = 0;
  Nanoseconds lifetime = std::chrono::hours{24};  ///< nothing stays green because nothing was measured
  std::string version{};                          ///< for people (policy_file.hpp); decides nothing

  /// Perspectives that may be wrong and VERIFIED or CLEARED stands; and OUTSIDE, PROHIBITED or INVALID.
  [[nodiscard]] unsigned faults_to_clear() const { return fault_budget + more_to_clear; }
  [[nodiscard]] unsigned faults_to_accuse() const { return faults_to_clear() + more_to_accuse; }
  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Most of Policy::faults_to_accuse(), and so of all three; least and most of Policy::lifetime.
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

/// "wrong perspectives that a verdict withstands: a clearance 2, an accusation 3"; empty where one number is for all.
[[nodiscard]] std::string kinds_text(const Policy& policy);

/// Where `to` decides by something else than `from`, a phrase each: "faults 1 -> 2". Empty: nowhere.
[[nodiscard]] std::vector<std::string> differences(const Policy& from, const Policy& to);

}  // namespace chiploc
