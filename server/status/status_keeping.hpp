#pragma once
#include "server/status/chip_status.hpp"

namespace chiploc {

/// By which rules statuses are kept: `[status]`.
struct StatusKeeping {
  StatusRules rules;
  bool cleared_is_enough = false;  ///< CLEARED counts as a proof
};

}  // namespace chiploc
