#pragma once
#include <string>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/status/chip_status.hpp"

namespace chiploc {

/// More than the largest story needs: 61 signs of 32 bytes, 32 absences of 22.
inline constexpr std::size_t kStoryBytesMax = 4'096;

/// A story as it is stored (v1.ChipStory), in its only form. The story has no fault (story_check.hpp).
[[nodiscard]] ByteVector story_bytes(const ChipStory& story);
/// Read strictly: what another version or hand wrote, and what no chip can have, is refused with a sentence.
[[nodiscard]] Result<ChipStory, std::string> parse_story(Bytes bytes);

}  // namespace chiploc
