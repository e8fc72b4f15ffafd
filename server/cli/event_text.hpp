#pragma once
#include <string>

#include "proto/v1/operator_service.pb.h"

namespace chiploc {

/// What was committed as one line, without its end: the id of the event, when, and what. Safe for a terminal. Empty
/// for an event that only says how far one is.
[[nodiscard]] std::string event_line(const v1::WatchEvent& event, bool colour);

}  // namespace chiploc
