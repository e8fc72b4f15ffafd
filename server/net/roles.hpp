#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace chiploc {

// The roles that a certificate's OU may name, by what holds it.
inline constexpr std::string_view kCoordinatorRole = "coordinator";
inline constexpr std::string_view kAnchorRole = "anchor";
inline constexpr std::array<std::string_view, 5> kPersonRoles{"reader", "verifier", "registrar", "auditor",
                                                              "admin"};

[[nodiscard]] inline bool is_person_role(std::string_view role) {
  return std::find(kPersonRoles.begin(), kPersonRoles.end(), role) != kPersonRoles.end();
}

}  // namespace chiploc
