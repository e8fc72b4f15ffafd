#pragma once
// The colours of maps, bright and dark. Hues after Okabe and Ito, who chose them so that the colour-blind tell
// them apart; what is prohibited is hatched as well.

#include <array>

#include "server/picture/drawing.hpp"

namespace chiploc::ink {

inline constexpr Ink kPaper{0xffffff, 0x14181d};
inline constexpr Ink kText{0x1b1f24, 0xe9ecef};
inline constexpr Ink kFaint{0x59636e, 0x9aa5b0};
inline constexpr Ink kRule{0xc6ccd2, 0x3a424b};
inline constexpr Ink kHalo{0xffffff, 0x101418, 0.85};

inline constexpr Ink kSpace{0xeef0f2, 0x0c0f12};  // around the globe
inline constexpr Ink kSea{0xdbe7f0, 0x18222c};
inline constexpr Ink kLand{0xf6f3ec, 0x3a4149};
inline constexpr Ink kLicensed{0xb5e0cd, 0x22604b};
inline constexpr Ink kProhibited{0xf5c3ad, 0x74402f};
inline constexpr Ink kHatch{0xd98a68, 0xa8654c};
// Areas among the territories, over the land of countries.
inline constexpr Ink kLicensedArea{0x2f9e6e, 0x3fbf8c, 0.30};
inline constexpr Ink kLicensedEdge{0x00734f, 0x4fd1a5};
inline constexpr Ink kProhibitedArea{0xd9622b, 0xd9622b, 0.18};
inline constexpr Ink kProhibitedEdge{0xa8431a, 0xf0936b};
inline constexpr Ink kBorder{0x8d959d, 0x78838e};
inline constexpr Ink kDegrees{0x7f92a3, 0x5d6d7c, 0.35};
inline constexpr Ink kCountryName{0x59636e, 0xaab4be};

inline constexpr Ink kRegion{0x0072b2, 0x56b4e9, 0.25};
inline constexpr Ink kRegionEdge{0x005a8d, 0x7cc7f2};
inline constexpr Ink kDisk{0x3f4a55, 0xb4bec8, 0.75};
inline constexpr Ink kUnusedDisk{0x7b858f, 0x808b96, 0.6};
inline constexpr Ink kAnchor{0x1b1f24, 0xf2f4f6};
inline constexpr Ink kHollow{0xffffff, 0x14181d};
inline constexpr Ink kSuggested{0xa8407f, 0xe69bc8};
inline constexpr Ink kSuggestedFill{0xa8407f, 0xe69bc8, 0.10};

/// One for each holder of a key, in turn.
inline constexpr std::array<Ink, 4> kHolders{
    {{0xd55e00, 0xff9a4d}, {0x0072b2, 0x56b4e9}, {0x8a6d00, 0xe6c229}, {0x7a3fa0, 0xc59be6}}};

/// One for each curve of a plot, in turn; black last.
inline constexpr std::array<Ink, 7> kCurves{{{0x0072b2, 0x3da5e0},
                                             {0xd55e00, 0xf08136},
                                             {0x009e73, 0x2cc79b},
                                             {0xcc79a7, 0xe09cc3},
                                             {0xe69f00, 0xe69f00},
                                             {0x56b4e9, 0x8fd0f5},
                                             {0x000000, 0xffffff}}};

inline constexpr Ink kGood{0x00734f, 0x4fd1a5};
inline constexpr Ink kOpen{0x8a6100, 0xe6b422};
inline constexpr Ink kBad{0xb3261e, 0xff8a75};

}  // namespace chiploc::ink
