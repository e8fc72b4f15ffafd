#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/region.hpp"
#include "server/verifier/territory.hpp"

namespace chiploc {

/// The numbers are those of v1::VerdictState.
enum class VerdictState : std::uint8_t {
  kVerified = 1,    ///< the hard region lies inside the licensed territory
  kCleared = 2,     ///< not proved inside, but proved outside every prohibited territory
  kUnresolved = 3,  ///< neither
  kOutside = 4,     ///< the hard region does not meet the licensed territory
  kProhibited = 5,  ///< the hard region lies inside prohibited territory
  kSilent = 6,      ///< no answer before the deadline
  kInvalid = 7,     ///< the evidence fails
};
/// "VERIFIED", ... as in the API.
[[nodiscard]] std::string_view name_of(VerdictState state);

/// Where the chip may be, according to its licence and the law.
struct Claim {
  std::string licence;
  std::vector<CountryCode> licensed;
  std::vector<CountryCode> prohibited;
  bool in_force = true;  ///< the licence's dates include now
  /// Sites, provinces, zones: each as good as a country, but proved inside only if a single one holds the
  /// whole region, the sea included, where countries may share its land.
  std::vector<NamedArea> licensed_areas{};
  std::vector<NamedArea> prohibited_areas{};
};

/// What the geography alone says of a region and a claim; the reasons are worded by whoever asks.
enum class TerritoryFinding {
  kNothingExcluded,
  kContradiction,
  kUndrawn,  ///< no land that the borders draw: nothing is proved about countries
  kInside,
  kOutside,
  kProhibited,
  kCleared,
  kOpen,
  kWithheld  ///< never of a region: two budgets ask for two that contradict each other (judged_state.hpp)
};
/// kNothingExcluded, kContradiction, kUndrawn, kOpen and kWithheld leave a verdict UNRESOLVED.
[[nodiscard]] VerdictState state_of(TerritoryFinding finding);

struct TerritoryJudgement {
  TerritoryFinding finding = TerritoryFinding::kNothingExcluded;
  CountrySet met;  ///< every country that the region meets; nothing for a region that excludes nothing
};

/// Holds regions against one claim, by the table of decide() in decide.hpp; where names overlap the more
/// specific one wins: a licensed area over a prohibited area, that over a licensed country, that over a
/// prohibited country. A value but for `borders`, which must outlive it; immutable, shared between threads.
/// Knows nothing of anchors, policy or estimates.
class TerritoryJudge {
 public:
  using Codes = std::set<CountryCode>;

  TerritoryJudge(const Claim& claim, const Borders& borders);

  [[nodiscard]] TerritoryJudgement judge(const Region& region) const;
  /// The same where the countries are known already, since they are the same for every claim: `met` is
  /// borders.countries_met(region). It is not looked at when the region excludes nothing.
  [[nodiscard]] TerritoryFinding judge(const Region& region, const CountrySet& met) const;

  /// The claim's codes, as named. Codes that the borders do not know are left out: import refuses them.
  [[nodiscard]] const Codes& licensed() const { return licensed_; }
  /// Without what is licensed, while the licence is in force: it is the more specific decision.
  [[nodiscard]] const Codes& prohibited() const { return prohibited_; }
  /// What either list perhaps means beside them (dependent_codes.hpp).
  [[nodiscard]] const Codes& perhaps_licensed() const { return perhaps_licensed_; }
  [[nodiscard]] const Codes& perhaps_prohibited() const { return perhaps_prohibited_; }
  /// All that CLEARED must be clear of, to be asked one by one: prohibited, perhaps prohibited, and areas.
  [[nodiscard]] const std::vector<Territory>& prohibited_territories() const {
    return prohibited_territories_;
  }
  /// All that OUTSIDE must be clear of, likewise: licensed, perhaps licensed, and areas.
  [[nodiscard]] std::vector<Territory> licensed_territories() const;
  [[nodiscard]] const std::vector<NamedArea>& licensed_areas() const { return licensed_areas_; }
  /// What that took off the claim's prohibited list.
  [[nodiscard]] const Codes& exempt() const { return exempt_; }

 private:
  const Borders& borders_;
  Codes licensed_;
  Codes prohibited_;
  Codes perhaps_licensed_;
  Codes perhaps_prohibited_;
  Codes exempt_;
  std::vector<NamedArea> licensed_areas_;
  std::vector<NamedArea> prohibited_areas_;
  std::vector<Territory> prohibited_territories_;
  bool in_force_;
};

}  // namespace chiploc
