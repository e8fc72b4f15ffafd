#pragma once
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "server/registry/registry.hpp"
#include "server/service/requests.hpp"
#include "server/storage/verdict_store.hpp"

namespace chiploc {

/// Which chips a list has, and in which order.
struct ChipWish {
  const LicenceRecord* licence = nullptr;     ///< null: of any
  std::optional<std::string> holder{};        ///< of the licence; nullopt: any
  std::optional<std::vector<ChipId>> only{};  ///< none but these, sorted; nullopt: any
  std::vector<std::uint32_t> states{};        ///< of the latest verdict; empty: any, or none
  std::optional<WallTime> since{};            ///< of the latest verdict: decided then or later
  std::optional<WallTime> until{};            ///< decided before
  std::optional<WallTime> expired_by{};       ///< no longer good then
  v1::ChipOrder order = v1::CHIP_ORDER_UNSPECIFIED;
  bool count = false;

  /// Only chips that have a verdict can fit.
  [[nodiscard]] bool of_measured() const { return !states.empty() || since || until || expired_by; }
};

struct ChipPage {
  std::vector<ChipCursor> rows;
  bool more = false;
  std::uint64_t total = 0;  ///< if counted
};

/// One page of the chips that fit, behind `after`. By id and without a wish about verdicts it is found by an
/// index; else every chip (of a licence, or of those that alone are wanted), or every one with a verdict of these
/// states, is looked at once (100,000: some 0.07 s), and no more than a page is kept. Of a few chips only their own
/// verdicts are.
[[nodiscard]] Stored<ChipPage> choose_chips(const Registry& registry, VerdictReader& verdicts,
                                            const ChipWish& wish, const std::optional<ChipCursor>& after,
                                            std::size_t limit);
/// Calls `visit` for the latest verdict of every measured chip of the registry that fits (by licence, holder, those
/// alone and states), by id.
[[nodiscard]] Stored<Done> each_standing(const Registry& registry, VerdictReader& verdicts,
                                         const ChipWish& wish,
                                         const std::function<void(const StandingBrief&)>& visit);
/// How many chips of the registry that fit have a latest verdict of each state, and of these, how many are
/// expired by then.
struct ChipsCounted {
  std::map<std::uint32_t, std::uint64_t> by_state;
  std::uint64_t expired = 0;
};
[[nodiscard]] Stored<ChipsCounted> count_chips(const Registry& registry, VerdictReader& verdicts,
                                               const ChipWish& wish, WallTime now);

}  // namespace chiploc
