#pragma once
// A mute as it is stored, and read back from a disk that anybody may have held.

#include <string>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/cases/mute.hpp"

namespace chiploc {

/// Serialised v1::MuteRecord: the same bytes for equal rules.
[[nodiscard]] ByteVector mute_bytes(const MuteRule& rule);
/// Fails with the field and what is wrong with it. What is read could have been made, but for how long it may be, which
/// the configuration of then said; and it is written again to the byte.
[[nodiscard]] Result<MuteRule, std::string> mute_from(Bytes bytes);

}  // namespace chiploc
