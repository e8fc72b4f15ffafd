#pragma once
// Whether the rows of a set of measurements can be what was measured between the places that it states.

#include <span>

#include "server/eval/rtt_reading.hpp"
#include "server/registry/rows.hpp"

namespace chiploc {

/// The two files that rows come from.
struct RttFaults {
  FaultLog& rtt;
  FaultLog& faulty;
  [[nodiscard]] FaultLog& of(const RttRow& row) const { return row.faulty ? faulty : rtt; }
};

/// Least milliseconds that a round trip over so many kilometres can take, at c in vacuum.
[[nodiscard]] double least_ms(double km);

/// "id (name)", the name cut to some 40 bytes: how messages name a node.
[[nodiscard]] std::string label_of(const EvalNode& node);

/// Says of every row that beats light in vacuum between the two stated places: line, both nodes, distance,
/// the least possible round trip. One direction is enough. What rounding can have taken off, and how far
/// places may be off, is allowed for. Rows of faulty nodes are expected to: they are counted in `notes`.
/// Asks for milliseconds where the median path of 100 km and more takes 300 times as long as light.
void check_light(RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                 const RttFaults& faults);

/// Asks for the resolution where nobody has stated it and all values are multiples of a step of 0.1 ms or
/// more: all of the set, all of one source that has kSourceRows, or all kBandRows or more of at least 10 or
/// 100 ms (ping prints three digits).
inline constexpr std::size_t kSourceRows = 8;
inline constexpr std::size_t kBandRows = 20;
void check_resolution(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                      const RttFaults& faults);

/// Names values that stand in more rows than chance explains: 255, 9999 and their like are what programs
/// write where nothing came back. The two directions of a pair count once. By the tail of a Poisson
/// distribution whose mean is what the values around are as frequent as: 1e-4 for the usual placeholders,
/// 1e-6 over all distinct values for any other.
void check_placeholders(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        const RttFaults& faults);

/// Names sources, and destinations, whose values fit the neighbours in the order of nodes.csv far better than
/// themselves from some row on: a table with a missing cell. What fits is the round trip the other way where
/// there is one, otherwise the set's usual ratio of time to distance. Needs kShiftRows such values.
inline constexpr std::size_t kShiftRows = 4;
void check_columns(const RttSet& set, std::span<const RttRow> rows, const RttFaults& faults);

}  // namespace chiploc
