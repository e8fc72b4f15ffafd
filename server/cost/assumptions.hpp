#pragma once
// What ways round location verification are priced by: each figure with its range, and where it is from. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

/// In the order of assumptions.toml, whose names they have.
enum class CostKey : std::uint8_t {
  kChipPrice,
  kChipWeight,
  kMarketPremium,
  kRentHour,
  kEngineerMonth,
  kColocationKw,
  kServerPrice,
  kVmMonth,
  kRelayBuild,
  kRelayDelay,
  kRelayCard,
  kLineMonth,
  kLineKmMonth,
  kRoutePublic,
  kRouteLeased,
  kRouteStraight,
  kStraightKm,
  kMarginVerified,
  kMarginCleared,
  kKeyInterposer,
  kKeyInterposerMonths,
  kKeyLab,
  kKeyLabMonths,
  kKeyEach,
  kKeySpoils,
  kFreightKg,
  kTripHandling,
  kTripHours,
  kTripSpeed,
  kHomeHours,
  kDummyPrice,
  kAnchorBribe,
  kAnchorMonth,
  kFrontPrice,
  kChipsToCome,
  kNoticedShare,
  kPenaltyTimes,
  kPenaltyLeast,
  kPenaltyCollected,
};
inline constexpr std::size_t kCostKeys = 39;

/// What stands there for a figure that is only judgement.
inline constexpr std::string_view kOurs = "assumption, ours";

struct Assumption {
  double value = 0.0, low = 0.0, high = 0.0;
  std::string about;
  std::string source;      ///< a title, or kOurs
  int year = 0;            ///< 0: not known
  std::string url;         ///< empty: none
  bool range_ours = true;  ///< low and high are judgement, whatever the source

  [[nodiscard]] bool ours() const { return source == kOurs; }
};

struct CostAssumptions {
  std::array<Assumption, kCostKeys> all{};
  [[nodiscard]] const Assumption& operator[](CostKey key) const { return all[static_cast<std::size_t>(key)]; }
  [[nodiscard]] Assumption& operator[](CostKey key) { return all[static_cast<std::size_t>(key)]; }
};

/// One value for each.
struct CostValues {
  std::array<double, kCostKeys> all{};
  [[nodiscard]] double operator[](CostKey key) const { return all[static_cast<std::size_t>(key)]; }
  [[nodiscard]] double& operator[](CostKey key) { return all[static_cast<std::size_t>(key)]; }
};
[[nodiscard]] CostValues central_values(const CostAssumptions& assumptions);

/// "chip_price": its table in the file. And its unit, which no file changes: "USD a month".
[[nodiscard]] std::string_view name_of(CostKey key);
[[nodiscard]] std::string_view unit_of(CostKey key);

struct AssumptionsRead {
  CostAssumptions assumptions;
  std::vector<std::string>
      faults;  ///< empty exactly when the rest may be used: "FILE:LINE: key: problem; what to do"
};
/// Reads a file in which each table is one of the names, whole: value, low, high, unit, about, source, and of a public source
/// year and url where they are known, and range. `name` stands for the file.
///
/// Takes   `before`: what holds of tables that are not there; null: every one must be.
/// Checks  low <= value <= high, each within what the figure can be (a share is 0 to 1), the unit, that what is ours has
///         neither year nor url nor range, and that everything else says whose its range is.
[[nodiscard]] AssumptionsRead parse_assumptions(std::string_view text, const std::filesystem::path& name,
                                                const CostAssumptions* before = nullptr);
/// Those of the program: server/cost/assumptions.toml.
[[nodiscard]] const CostAssumptions& built_in_assumptions();
/// As such a file: read back it is the same.
[[nodiscard]] std::string assumptions_text(const CostAssumptions& assumptions);

}  // namespace chiploc
