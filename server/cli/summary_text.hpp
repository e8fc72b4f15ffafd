#pragma once
#include <ostream>

#include "proto/v1/operator_service.pb.h"

namespace chiploc {

/// The day at a glance for people: a paragraph for each thing, with the command that has more of it. At most five rows
/// of a list; how many there are always stands there.
void write_summary(std::ostream& out, const v1::GetSummaryResponse& summary, std::uint32_t soon_days,
                   bool colour);

}  // namespace chiploc
