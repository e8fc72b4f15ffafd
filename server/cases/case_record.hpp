#pragma once
// A case's story as it is stored, and read back from a disk that anybody may have held.

#include <string>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "server/cases/case_story.hpp"

namespace chiploc {

inline constexpr std::size_t kCaseStoryMax = 16 * 1024;

/// Serialised v1::CaseStory: the same bytes for equal stories.
[[nodiscard]] ByteVector case_bytes(const CaseStory& story);
/// Fails with the field and what is wrong with it. What is read is a story that apply() could have made as far as
/// that can be seen: in order, within its limits, its parts not at odds; and it is written again to the byte.
[[nodiscard]] Result<CaseStory, std::string> case_from(Bytes bytes);

}  // namespace chiploc
