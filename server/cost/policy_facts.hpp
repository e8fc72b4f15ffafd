#pragma once
// What a policy leaves to who cheats: how long what goes unseen, told by the production status machine. Pure.

#include <optional>

#include "server/policy/policy.hpp"
#include "server/policy/rules.hpp"

namespace chiploc {

/// From the last proof on: until somebody is called, and by what state.
struct Unseen {
  std::optional<Nanoseconds> time;  ///< nullopt: nobody is called within the horizon
  ChipState then = ChipState::kPending;
  /// What else calls somebody before the horizon: it is the gravest that has consequences, not the first.
  bool is_unproven = false, is_silent = false, is_accused = false;
};

struct PolicyFacts {
  Nanoseconds cadence{0};  ///< mean time between rounds of a chip; 0: none comes by itself
  Unseen dark;             ///< it answers no more
  Unseen stalls;           ///< it answers, and nothing is proved
  Unseen elsewhere;        ///< it answers, and every round proves it to be outside
  Unseen absent;           ///< it answers no more, and declares every absence that it may
  /// An honest chip, proved by every round, comes into such a state as well: there it calls nobody to anything.
  bool honest_unproven = false;
  bool honest_overdue = false;
  unsigned faults_to_clear = 1, faults_to_accuse = 1;
  bool cleared_is_enough = false;
  double speed_km_s = 299'792.458;
  Nanoseconds absence_most{0}, absences_a_year{0};
  bool silent_holds = true, unproven_holds = false;  ///< whether such chips put their order on hold
  std::size_t hold_least = 3;
};

/// By which state somebody is called: all but pending, compliant, absent and overdue (which is the measurer's to mend), and but
/// those that an honest chip comes into by the same cadence.
///
/// Takes   `horizon`, above 0: nothing behind it is asked for. Rounds of less than 15 minutes are told as of 15: who cheats has
///         those minutes, and gains nothing else.
/// Tells   A proof at 0; the first round behind it after one cadence, which is its mean.
[[nodiscard]] PolicyFacts facts_of(const Policy& policy, const PolicyRules& rules, RiskTier tier,
                                   Nanoseconds horizon);

/// Until when a chip that is away for `away` and proved at home for one round, over and over, is unseen.
[[nodiscard]] Unseen shuttle_unseen(const PolicyRules& rules, RiskTier tier, Nanoseconds lifetime,
                                    Nanoseconds away, Nanoseconds horizon);

}  // namespace chiploc
