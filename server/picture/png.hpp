#pragma once
#include <string>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// A drawing as the bytes of a PNG image: 8-bit RGB, `scale` pixels for each of the drawing's. The same
/// drawing gives the same bytes. Empty when there is no memory for it.
[[nodiscard]] std::string png_of(const Drawing& drawing, Theme theme, double scale = 1.5);

}  // namespace chiploc
