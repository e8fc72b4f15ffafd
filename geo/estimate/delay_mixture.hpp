#pragma once
// The posterior over places of a chip whose round trips may all be longer by the same delay.

#include <cstdint>
#include <vector>

#include "geo/estimate/common_errors.hpp"
#include "geo/estimate/measured.hpp"
#include "geo/estimate/place_model.hpp"
#include "geo/estimate/posterior.hpp"

namespace chiploc {

/// The mixture over the delays that the round trips may have in common: as without any, unless they are more
/// probable together than none; then the place is told from the most probable of them.
///
/// Takes     `chosen`: the candidates that come into question; at least one.
[[nodiscard]] Posterior mix_over_delays(const PlaceModel& model, std::vector<std::uint32_t> chosen,
                                        const Measured& measured, const CommonErrors::For& law);

}  // namespace chiploc
