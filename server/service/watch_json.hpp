#pragma once
#include "server/service/json_view.hpp"

namespace chiploc {

/// {"id": "17", "event": "verdict" | "status" | "case" | "at", ...}: the event under its own name, as the lists have it, but for
/// what depends on the time of looking; "at" says only how far the watcher is.
[[nodiscard]] Json watch_json(const v1::WatchEvent& event);

}  // namespace chiploc
