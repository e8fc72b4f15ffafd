#pragma once
// A scenario's places on a map: anchors, sites, and where chips truly are. Pure.

#include <vector>

#include "server/lab/lab_file.hpp"
#include "server/picture/drawing.hpp"

namespace chiploc {

/// Over all these labs and all times of them: anchors where they are registered, and where they truly stand if that is elsewhere;
/// licensed sites; every other place where a chip, a proxy or a second holder of a key ever is, with a line from the site. Licensed
/// countries are tinted, prohibited ones tinted and hatched; areas that are drawn in the file are not shown.
[[nodiscard]] Drawing draw_lab_map(const std::vector<const LabFile*>& labs);

}  // namespace chiploc
