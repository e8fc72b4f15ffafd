#pragma once
// A chip as the store has it counted, as its order knows it. Private to this folder.

#include <algorithm>

#include "server/orders/order_tally.hpp"
#include "server/storage/order_story_store.hpp"

namespace chiploc {

inline ChipState state_of(const FollowedChip& chip) {
  return static_cast<ChipState>(std::min<std::uint32_t>(chip.state, kChipStates - 1));
}
inline ChipPart part_of(const FollowedChip& chip) { return {state_of(chip), chip.measured, chip.site}; }

}  // namespace chiploc
