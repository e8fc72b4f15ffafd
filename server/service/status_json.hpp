#pragma once
#include <string>

#include "server/service/json_view.hpp"

namespace chiploc {

// What chips are held for as JSON, by the same rules as json_view.hpp.

/// "compliant", ..; "unknown" for a number that a newer coordinator may send.
[[nodiscard]] std::string chip_state_name(v1::ChipState state);
/// By that name; CHIP_STATE_UNSPECIFIED for another one.
[[nodiscard]] v1::ChipState chip_state_named(std::string_view name);
/// "transit", "storage", "maintenance"; "unknown".
[[nodiscard]] std::string absence_kind_name(v1::AbsenceKind kind);

[[nodiscard]] Json json_of(const v1::ChipStatus& status);
/// Names of the chip, then the keys of its status.
[[nodiscard]] Json json_of(const v1::ChipStatusRow& row);
[[nodiscard]] Json json_of(const v1::ChipStatusChange& change);
/// Every state by its name.
[[nodiscard]] Json chips_by_status(const v1::GetStatusResponse& status);

}  // namespace chiploc
