#pragma once
// What happened to a chip, an order or a case that somebody may want to be told of. Facts alone: who is told,
// and in which form, is decided elsewhere.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {

enum class FactKind : std::uint8_t {
  kChipStatusChanged,
  kOrderHeld,
  kOrderUpdated,   ///< a hold rests on something else now, or is overridden for a delivery
  kOrderReleased,  ///< by its chips, or by a person
  kWatchProposed,
  kWatchDecided,
  kCaseOpened,
  kCaseUpdated,
  kCaseDisputed,
  kCaseResolved,
  kCaseReopened
};
inline constexpr std::array<std::string_view, 11> kFactNames{
    "chip.status_changed", "order.held",    "order.updated", "order.released",
    "watch.proposed",      "watch.decided", "case.opened",   "case.updated",
    "case.disputed",       "case.resolved", "case.reopened"};
inline constexpr std::size_t kFactKinds = kFactNames.size();
/// "chip.status_changed", "order.held", ..
[[nodiscard]] inline std::string_view name_of(FactKind kind) {
  return kFactNames.at(static_cast<std::size_t>(kind));
}
[[nodiscard]] inline std::optional<FactKind> fact_kind_of(std::string_view name) {
  for (std::size_t i = 0; i < kFactKinds; ++i)
    if (kFactNames[i] == name) return static_cast<FactKind>(i);
  return std::nullopt;
}

struct NoticeFact {
  FactKind kind{};
  std::string subject;  ///< what it is about: a chip's id in hex, an order, a case
  WallTime at;
  std::string summary;  ///< a sentence
  // Where it belongs to, as far as that is known: mutes go by it.
  std::string case_kind{};
  std::string order{};
  std::string licence{};
  std::string site{};
  std::optional<ChipId> chip{};
  friend bool operator==(const NoticeFact&, const NoticeFact&) = default;
};

/// Order, licence and site are added by whoever knows them.
[[nodiscard]] inline NoticeFact fact_of(const ChipId& chip, const StatusChange& change) {
  NoticeFact fact{
      FactKind::kChipStatusChanged, chip.hex(), change.at,
      std::string{name_of(change.from)} + " -> " + std::string{name_of(change.to)} + ": " + change.why};
  fact.chip = chip;
  return fact;
}

}  // namespace chiploc
