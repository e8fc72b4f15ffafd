#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "server/rest/answer_shape.hpp"
#include "server/tables/strict_json.hpp"

namespace chiploc {

/// What of an answer somebody wants: "chips.chip_id,chips.last_verdict.state,next_page_token". A name stands for all that is
/// in it; a list is passed through, so a path has no numbers. Empty: everything.
struct FieldMask {
  std::map<std::string, FieldMask> parts{};
};

/// 32 paths of 8 names at most. The fault names the path that is none of this answer's: looked up in its shape, not in what it
/// happens to have today.
[[nodiscard]] Result<FieldMask, FieldFault> read_field_mask(std::string_view text, const AnswerShape& shape);

/// Takes away what is not wanted. What a path leads past (null, a number) stays as it is.
void keep_wanted(const FieldMask& mask, nlohmann::ordered_json& answer);

}  // namespace chiploc
