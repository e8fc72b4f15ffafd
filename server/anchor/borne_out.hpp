#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "proto/base/time.hpp"

/// Which round trip of several counts: never one that stands alone.
namespace chiploc {

/// One round trip and when it was in flight: a reading of the anchor's clock before its ping left, and one
/// after its answer came. Any clock of the anchor that never goes back will do, and any origin, the same for
/// all samples: only the order of the readings matters. A sample whose `received` is not after its `sent`
/// does not say when it was in flight.
struct TimedSample {
  Nanoseconds rtt{0};
  Nanoseconds sent{0};
  Nanoseconds received{0};
};

/// Samples held by one session are few; a mesh window's are more (MeshOptions::samples).
///
/// A guest that is paused or migrated stops all its clocks, and nothing inside sees it: whatever was in
/// flight at that moment comes out short, by up to the length of the pause. Not one round trip alone then
/// proves anything.
///
/// Takes     the samples of one session, in any order.
/// Assumes   at most one pause from the first sample's sending to the last one's receipt: the pause budget.
///           Its length does not matter.
/// Gives     the index of the sample that counts: the least one for which no single instant lies within it
///           and within every sample that is as short or shorter (ties: the earlier in the list is the
///           shorter). Equal to: the least max(rtt_a, rtt_b) over all pairs whose flights do not overlap.
/// Sound     A pause takes no time on the clocks that it stops: it is one instant of theirs, and it cut
///           exactly samples in flight then. Wherever that instant is, it misses one of the samples up to
///           the counted one; that one is whole, and no longer than the counted one. So the true round trip
///           is no longer than what is given.
///           Flights that touch do overlap: two equal readings of a stopped clock do not say which was first.
/// Tight     A pause at the instant that all shorter ones share could have made each of them up.
/// Fails     nullopt: no two samples part. One sample, samples without times, or all in flight at once.
/// Cost      n log n.
/// Source    Helly's theorem on the line: intervals that pairwise overlap have an instant in common.
///
/// An anchor that lies about `sent` gains nothing: it could lie about `rtt`, which the fault budget is for.
[[nodiscard]] std::optional<std::size_t> borne_out(std::span<const TimedSample> samples);

}  // namespace chiploc
