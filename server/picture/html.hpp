#pragma once
#include <string>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// A drawing as one HTML page that asks nothing of any network: its policy (Content-Security-Policy) allows its
/// own style and script, by their digests, and nothing else. The window can be moved and zoomed with mouse,
/// fingers and keys; without a script it is the picture all the same.
[[nodiscard]] std::string html_of(const Drawing& drawing);

}  // namespace chiploc
