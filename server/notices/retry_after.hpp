#pragma once
#include <optional>
#include <string_view>

#include "proto/base/time.hpp"

namespace chiploc {

/// The value of a Retry-After header (RFC 9110, section 10.2.3): a number of seconds, or a date in the form
/// that senders must use ("Sun, 06 Nov 1994 08:49:37 GMT"). A date that is past, and 0, are zero. nullopt for
/// anything else, the two obsolete forms of dates among it: then our own wait counts. Seconds beyond 10^9
/// are 10^9; whoever asks bounds it further.
[[nodiscard]] std::optional<Nanoseconds> retry_after_of(std::string_view value, WallTime now);

}  // namespace chiploc
