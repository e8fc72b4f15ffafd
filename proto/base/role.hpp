#pragma once
// Whom a certificate of our authority is for: who may do what is server/service/access.cpp's, the names are here.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace chiploc {

/// The role of a certificate's holder, by the subject's OU.
enum class Role : std::uint8_t {
  kReader,
  kVerifier,
  kRegistrar,
  kAuditor,
  kAdmin,
  kAnchor,
  kCoordinator,
  kRegulator,
  kAnalyst,
  kOperator,
  kResearcher
};

struct RoleName {
  Role role;
  std::string_view unit;  ///< the OU, exactly
  bool person;            ///< a person's or their tools'; else a program's of ours
  std::string_view may;   ///< one line for help texts
};

/// Every role that there is, in the order in which texts name them.
inline constexpr std::array kRoles{
    RoleName{Role::kReader, "reader", true, "sees registry and verdicts without places"},
    RoleName{Role::kVerifier, "verifier", true, "a reader who may start rounds"},
    RoleName{Role::kRegistrar, "registrar", true, "a reader who may import, export and change the registry"},
    RoleName{Role::kAuditor, "auditor", true, "sees everything, evidence included; changes nothing"},
    RoleName{Role::kAdmin, "admin", true, "sees and does everything"},
    RoleName{Role::kRegulator, "regulator", true,
             "decides cases and holds; sees what is sealed for a reason, on record"},
    RoleName{Role::kAnalyst, "analyst", true,
             "works on cases, starts rounds; sees what is sealed for a reason, on record"},
    RoleName{Role::kOperator, "operator", true,
             "a holder's own: its rows alone, disputes, absences, reports"},
    RoleName{Role::kResearcher, "researcher", true,
             "sees verdicts, changes and counts under pseudonyms; no name and no place"},
    RoleName{Role::kAnchor, "anchor", false, "attaches to the coordinator"},
    RoleName{Role::kCoordinator, "coordinator", false, "is the coordinator"},
};

/// The role that an OU names; nullopt: none of ours.
[[nodiscard]] constexpr std::optional<Role> role_of_unit(std::string_view unit) {
  for (const RoleName& known : kRoles) {
    if (known.unit == unit) return known.role;
  }
  return std::nullopt;
}
[[nodiscard]] constexpr std::string_view unit_of(Role role) {
  for (const RoleName& known : kRoles) {
    if (known.role == role) return known.unit;
  }
  return "";
}

/// Whose rows alone a person's certificate shows: an O of the subject that begins so and goes on with the holder
/// as licences name it. Its absence: everybody's. An O with a colon that is none of these is refused, so that no
/// certificate shows more to a coordinator that does not know its kind.
inline constexpr std::string_view kHolderEntity = "holder:";

class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= bit(role);
  }
  [[nodiscard]] constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// Those of this set that are not in the other.
  [[nodiscard]] constexpr RoleSet without(RoleSet other) const {
    RoleSet out;
    out.bits_ = bits_ & ~other.bits_;
    return out;
  }
  friend constexpr bool operator==(const RoleSet&, const RoleSet&) = default;

 private:
  static constexpr std::uint32_t bit(Role role) { return 1U << static_cast<std::uint32_t>(role); }
  std::uint32_t bits_ = 0;
};

}  // namespace chiploc
