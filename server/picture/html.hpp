#pragma once
#include <string>
#include <string_view>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// A drawing as one HTML page that asks nothing of any network: its policy (Content-Security-Policy) allows its
/// own style and script, by their digests, and nothing else. The window can be moved and zoomed with mouse,
/// fingers and keys; without a script it is the picture all the same.
[[nodiscard]] std::string html_of(const Drawing& drawing);

/// A style's or a script's source in such a policy: 'sha256-...' of Content Security Policy Level 3.
[[nodiscard]] std::string policy_digest(std::string_view content);

}  // namespace chiploc
