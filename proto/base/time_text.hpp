#pragma once
#include <string>

#include "proto/base/time.hpp"

namespace chiploc {

/// "2026-11-30 20:24:20Z": UTC, for sentences and tables.
[[nodiscard]] std::string utc_text(WallTime time);
/// "2026-11-30T20:24:20Z": the same for JSON and CSV (ISO 8601).
[[nodiscard]] std::string utc_iso(WallTime time);

}  // namespace chiploc
