#pragma once
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// A time as people type it: "2026-11-30", "2026-11-30T12:30", "2026-11-30T12:30:05Z" (UTC, with or without Z), or
/// how long ago: "90s", "15m", "2h", "7d", "3w". Fails with a sentence that says what would do.
[[nodiscard]] Result<WallTime, std::string> parse_moment(std::string_view text, WallTime now);

/// The same of what is to come: "2h" is in two hours.
[[nodiscard]] Result<WallTime, std::string> parse_coming_moment(std::string_view text, WallTime now);

}  // namespace chiploc
