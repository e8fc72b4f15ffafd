#pragma once
#include "proto/v1/operator_service.pb.h"
#include "server/service/caller.hpp"

namespace chiploc {

// What a role gets to see. Everything that leaves the service passes here.

/// Admins see a verdict as it is. Readers get state, reasons, countries, lists, margin, speed, budgets and
/// versions, but no place and no anchor's part: region, estimate, anchors, hinges and would_resolve (which
/// names anchors and places) are removed.
[[nodiscard]] v1::Verdict visible_to(Role role, v1::Verdict verdict);
/// The same for its verdict, and for readers `reach` without the address of the chip's site and no journal of
/// its counters.
[[nodiscard]] v1::Chip visible_to(Role role, v1::Chip chip);

}  // namespace chiploc
