#pragma once
// Policies and cases for the tests of this folder.

#include <cmath>
#include <set>
#include <string>

#include "server/cost/answer.hpp"
#include "server/policy/policy_file.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

/// A policy as people write it; what is not there is the default, but for a cadence of a day.
inline PolicyFile policy_of(const std::string& text = "[scheduler]\ncadence_s = 86400\n") {
  PolicyFile read = parse_policy("[policy]\n" + text, "p.toml");
  if (!read.faults.empty()) FAIL(read.faults.front());
  return read;
}

inline PolicyFacts facts_in(const PolicyFile& file, const CostCase& wanted = {}) {
  return facts_of(file.policy, file.rules, RiskTier::kStandard, length_of(wanted));
}
inline PolicyFacts facts_in(const std::string& text, const CostCase& wanted = {}) {
  return facts_in(policy_of(text), wanted);
}

inline CostValues central() { return central_values(built_in_assumptions()); }

inline Way way_by(WayId id, const CostCase& wanted = {}, const PolicyFacts& facts = facts_in(policy_of())) {
  return way_round(id, wanted, facts, central());
}

inline Nanoseconds in_hours(double hours) { return std::chrono::seconds{std::llround(hours * 3'600.0)}; }

}  // namespace chiploc::test
