#pragma once
// Private to this folder.

#include <array>

#include "server/picture/drawing.hpp"

namespace chiploc {

/// Colours that colour-blind people tell apart (Okabe and Ito).
inline constexpr std::array<Ink, 7> kCurveInks{{{0x0072b2, 0x3da5e0},
                                                {0xd55e00, 0xf08136},
                                                {0x009e73, 0x2cc79b},
                                                {0xcc79a7, 0xe09cc3},
                                                {0xe69f00, 0xe69f00},
                                                {0x56b4e9, 0x8fd0f5},
                                                {0x000000, 0xffffff}}};

}  // namespace chiploc
