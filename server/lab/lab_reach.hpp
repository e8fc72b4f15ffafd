#pragma once
// Which anchors a chip of a lab reaches at one time, and in which time. Pure.

#include <cstddef>
#include <optional>
#include <vector>

#include "server/lab/lab_file.hpp"
#include "server/lab/network_model.hpp"

namespace chiploc {

/// A round trip of the lab as it is now, with empty queues, as RelayPaths and ModelPaths have it; nullopt: nothing
/// passes. `at` is the lab time, which matters to path models alone.
[[nodiscard]] std::optional<Nanoseconds> least_round_trip(const LabFile& now, const NetworkSite& a,
                                                          const NetworkSite& b, Nanoseconds at);

/// Whether a path model lets a round get no answer: nothing passes between the chip and any anchor that is up; or the
/// chip knocks, and nothing passes between it and any of `rendezvous` (rendezvous_of() of the lab as it began), so that
/// it never hears of the round. Without a path model: never.
[[nodiscard]] bool is_cut_off(const LabFile& now, std::size_t chip,
                              const std::vector<std::size_t>& rendezvous, Nanoseconds at);

}  // namespace chiploc
