#pragma once
#include <cstdint>
#include <string_view>

namespace chiploc {

/// Which world a round's round trips are of. The numbers are those of v1::Realm; there is none for "unknown",
/// so that nothing is taken for measured by default.
enum class Realm : std::uint8_t {
  kMeasured = 1,   ///< by real clocks; simulated stamps are refused
  kSimulated = 2,  ///< in a simulated world; all others are refused
};
/// "measured", "simulated".
[[nodiscard]] constexpr std::string_view name_of(Realm realm) {
  return realm == Realm::kMeasured ? "measured" : "simulated";
}

}  // namespace chiploc
