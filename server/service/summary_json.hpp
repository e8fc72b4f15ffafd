#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// The day at a glance, by the rules of json_view.hpp.
[[nodiscard]] Json json_of(const v1::GetSummaryResponse& summary);

}  // namespace chiploc
