#pragma once
// The known ways round, each with what it needs, how long nobody is called, what it leaves to be seen, and its price. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/cost/assumptions.hpp"
#include "server/cost/policy_facts.hpp"

namespace chiploc {

enum class WayId : std::uint8_t {
  kRelayPublic,    ///< a relay in the licensed country, and the public network behind it
  kRelayLeased,    ///< a relay at the site, and a leased fibre behind it
  kRelayStraight,  ///< the same with a chain of microwave links
  kKey,            ///< the key is taken out, and answers at the site
  kShuttle,        ///< the chip comes home before anybody is called
  kAnchors,        ///< so many anchors lie that it is proved where it is not
  kAbsence,        ///< dark, behind declared absences
  kStall,          ///< it answers too late to prove anything
  kDark,           ///< it answers no more
  kDummy,          ///< dark, and a dummy stands at the site for inspections
  kElsewhere,      ///< it answers from where it is, under whatever address (VPN, BGP)
};
inline constexpr std::size_t kWays = 11;
/// The simplest first: of ways that cost as much, the first is named.
inline constexpr std::array<WayId, kWays> kAllWays{
    WayId::kElsewhere, WayId::kDark,        WayId::kStall,       WayId::kAbsence,
    WayId::kDummy,     WayId::kRelayPublic, WayId::kRelayLeased, WayId::kRelayStraight,
    WayId::kShuttle,   WayId::kKey,         WayId::kAnchors};
/// "relay-public"; what is done, in a phrase; what of it can be seen all the same.
[[nodiscard]] std::string_view name_of(WayId way);
[[nodiscard]] std::optional<WayId> way_of(std::string_view name);
[[nodiscard]] std::string_view what_it_is(WayId way);
[[nodiscard]] std::string_view what_shows(WayId way);

/// What somebody wants: so many chips in use at a place where they may not be, for so long.
struct CostCase {
  double chips = 1000.0;
  double months = 12.0;
  double distance_km = 1000.0;        ///< from the licensed site, along the globe
  unsigned anchors = 8;               ///< perspectives that measure a chip
  std::optional<double> margin_km{};  ///< of the chips' verdicts; nullopt: as assumed
  bool third_country = false;         ///< the place is not licensed, nor prohibited; else it is prohibited
  std::vector<WayId> without{};       ///< ways that are out of the question
  bool key_in_memory = false;         ///< the key passes a socketed memory's bus; else it stays in the die
};
inline constexpr double kHoursAMonth = 730.5;
[[nodiscard]] Nanoseconds length_of(const CostCase& wanted);

/// In US dollars, for all of it.
struct WayPrice {
  double fixed = 0.0;
  double per_chip = 0.0;   ///< of each chip that is wanted
  double per_month = 0.0;  ///< however many chips
  double per_chip_month = 0.0;
  double loss = 0.0;                                       ///< what is to be expected of being seen, in all
  [[nodiscard]] double way(const CostCase& wanted) const;  ///< without the loss
  [[nodiscard]] double total(const CostCase& wanted) const { return way(wanted) + loss; }
};

struct Way {
  WayId id{};
  std::string why_not{};                 ///< why it cannot be gone; empty: it can
  std::optional<Nanoseconds> unseen{};   ///< nullopt: for all the months
  ChipState then = ChipState::kPending;  ///< the state that calls somebody
  double in_use = 1.0;                   ///< share of the time that a chip is where it is wanted
  WayPrice price{};
  [[nodiscard]] bool possible() const { return why_not.empty(); }
  /// For all the months.
  [[nodiscard]] bool stays_unseen() const { return possible() && !unseen; }
};

/// Prices are what who cheats pays at the least: where the policy leaves him a choice he makes the best of it.
[[nodiscard]] Way way_round(WayId id, const CostCase& wanted, const PolicyFacts& facts,
                            const CostValues& values);

/// By how many km a region grows when the chip is so far behind a relay.
///
///     growth = speed of the proof * (distance * route / speed of the line + delay / 2)
///
/// The line is fibre (2/3 c), or straight (c).
[[nodiscard]] double region_growth_km(double distance_km, double route, bool straight, double delay_us,
                                      double proof_km_s);

}  // namespace chiploc
