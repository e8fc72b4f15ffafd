#pragma once
// How many chips of an order are held for what, by site. Numbers alone: which chips they are stands in the store.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "server/status/chip_status.hpp"

namespace chiploc {

/// What an order knows of one of its chips.
struct ChipPart {
  ChipState state = ChipState::kPending;
  bool measured = false;  ///< a round of it ended with more than silence, ever
  std::string site;       ///< empty: not stated
  friend bool operator==(const ChipPart&, const ChipPart&) = default;
};

struct ChipCounts {
  std::array<std::uint32_t, kChipStates> in{};
  std::uint32_t measured = 0;  ///< of them
  [[nodiscard]] std::uint32_t of(ChipState state) const { return in.at(static_cast<std::size_t>(state)); }
  /// That were delivered.
  [[nodiscard]] std::uint32_t total() const;
  /// Drifted, prohibited, tampered, and disputed: a dispute neither adds to what is held against an order nor
  /// takes from it.
  [[nodiscard]] std::uint32_t accused() const;
  friend bool operator==(const ChipCounts&, const ChipCounts&) = default;
};

inline constexpr std::size_t kOrderSitesMax = 256;
inline constexpr std::uint32_t kOrderChipsMax = 100'000'000;

/// Sites stay in it when their last chip has gone: so a chip leaves from where it was counted.
struct OrderTally {
  std::map<std::string, ChipCounts> sites;
  ChipCounts beyond;  ///< of the sites after the first kOrderSitesMax
  [[nodiscard]] ChipCounts all() const;
  friend bool operator==(const OrderTally&, const OrderTally&) = default;
};

/// False, and nothing is changed, for what cannot be: compliant and never measured; more than kOrderChipsMax.
bool add(OrderTally& tally, const ChipPart& part);
/// False, and nothing is changed, where no such chip is counted.
bool remove(OrderTally& tally, const ChipPart& part);

}  // namespace chiploc
