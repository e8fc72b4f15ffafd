#pragma once
// What a fleet's run has counted: sums of whole numbers, so that it does not matter who counted which chip.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/status/chip_status.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc::fleet {

inline constexpr std::size_t kVerdictStates = 8;  ///< by number; the first is none

/// Waiting times to the hour: how many ended within each, and how many never did.
struct WaitTally {
  std::vector<std::uint64_t> within;  ///< [h]: after h to h + 1 hours
  std::uint64_t never = 0;
  void add(std::optional<Nanoseconds> wait);
  void add(const WaitTally& other);
  [[nodiscard]] std::uint64_t ended() const;
  [[nodiscard]] std::uint64_t trials() const { return ended() + never; }
  friend bool operator==(const WaitTally&, const WaitTally&) = default;
  /// In how many hours the share `p` of all trials has ended; nullopt: it has not.
  [[nodiscard]] std::optional<std::uint64_t> hours_to(double p) const;
};

struct FleetTally {
  std::uint64_t chips = 0, rounds = 0;
  std::uint64_t judged_in_full = 0;  ///< rounds of which no box was decided
  std::uint64_t checked = 0, differences = 0;
  std::array<std::uint64_t, kVerdictStates> honest{},
      cheating{};  ///< verdicts of chips that behave, and that do not
  std::uint64_t honest_seconds = 0;
  std::uint64_t false_flags = 0;        ///< rounds that accuse a chip that behaves
  std::uint64_t false_accusations = 0;  ///< changes of a chip that behaves to drifted, prohibited or tampered
  std::uint64_t false_alarms = 0;       ///< changes of one to any status that calls somebody
  std::array<std::uint64_t, kChipStates> changes{};  ///< to each
  std::array<std::uint64_t, kChipStates> at_end{};   ///< chips
  std::uint64_t diverted = 0;                        ///< chips
  WaitTally detected;                                ///< of these, until a verdict flags it
  WaitTally alarmed;                                 ///< until a status calls somebody
  WaitTally accused;                                 ///< until a status accuses it
  std::vector<std::uint64_t> rounds_by_hour;         ///< [situation * hours + hour]

  FleetTally(std::size_t situations, std::size_t hours) : rounds_by_hour(situations * hours, 0) {}
  void add(const FleetTally& other);
  friend bool operator==(const FleetTally&, const FleetTally&) = default;
};

/// How many threads may have a tally of their own, of so many sums each: no more sums than kTalliedAtOnce in all, 1.5 GiB.
inline constexpr std::size_t kTalliedAtOnce = 200'000'000;
[[nodiscard]] constexpr unsigned threads_that_fit(std::size_t cells, unsigned wanted) {
  const std::size_t most = std::max<std::size_t>(kTalliedAtOnce / std::max<std::size_t>(cells, 1), 1);
  return static_cast<unsigned>(std::min<std::size_t>(most, wanted));
}

/// What calls somebody: none of pending, compliant and absent.
[[nodiscard]] constexpr bool calls_somebody(ChipState state) {
  return state != ChipState::kPending && state != ChipState::kCompliant && state != ChipState::kAbsent;
}

}  // namespace chiploc::fleet
