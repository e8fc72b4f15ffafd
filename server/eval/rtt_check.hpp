#pragma once
// Whether the rows of a set of measurements can be what was measured between the places that it states.

#include <span>

#include "server/eval/rtt_reading.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

/// What is wrong with the rows of one file: what is true of many rows at once, and each row of its own. The
/// first is told first, and never lost behind the second.
struct FileFaults {
  FileFaults(const std::string& file, std::size_t kept_max)
      : about_all{file, kept_max}, rows{file, kept_max} {}
  FaultLog about_all;
  FaultLog rows;
};

/// The two files that rows come from.
struct RttFaults {
  FileFaults& rtt;
  FileFaults& faulty;
  [[nodiscard]] FaultLog& of(const RttRow& row) const { return (row.faulty ? faulty : rtt).rows; }
  [[nodiscard]] FaultLog& about(const RttRow& row) const { return (row.faulty ? faulty : rtt).about_all; }
};

/// Least milliseconds that a round trip over so many kilometres can take, at c in vacuum.
[[nodiscard]] double least_ms(double km);

/// "id (name)", the name cut to some 40 bytes: how messages name a node.
[[nodiscard]] std::string label_of(const EvalNode& node);

/// Says of every row that beats light in vacuum between the two stated places: line, both nodes, distance,
/// the least possible round trip. One direction is enough. What rounding can have taken off, and how far
/// places may be off, is allowed for. Rows of faulty nodes are expected to: they are counted in `notes`.
///
/// Above them it is said, of the first that holds:
///     seconds      most rows beat light
///     one source   most of its rows over 100 km beat light in fibre (2/3 c), hardly any to it and of others
///     one way      more than 2 % of the rows over 100 km, and 5, beat light in fibre, and still do without
///                  the tenth of the nodes that are an end of most of them. Clean meshes have 0 to 0.005 %.
///     a place      which node is an end of most rows that beat light
/// Asks for milliseconds where the median path of 100 km and more takes 300 times as long as light.
void check_light(RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                 const RttFaults& faults);

/// Asks for the resolution where nobody has stated it, or a smaller one above zero: the largest step of 0.1
/// ms or more that all values of a group are multiples of, or nine in ten of kBandRows (then of 0.5 ms or
/// more). Groups are all rows; those below 10, of 10 and of 100 ms and more, if they are kBandRows (ping
/// prints three digits); those of one source or destination that has kSourceRows. Their distinct values are
/// multiples by chance at odds of 1e-4 over all groups. Then a step of no round number, of all rows (1/64 s).
/// Returns     The step found or stated, the larger one; 0 if none.
inline constexpr std::size_t kSourceRows = 8;
inline constexpr std::size_t kBandRows = 20;
double check_resolution(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        const RttFaults& faults);

/// Names values that stand in more rows than chance explains: 255, 9999 and their like are what programs
/// write where nothing came back. Only pairs that the value does not fit count, the two directions once, and
/// they have to be most of its pairs, since a placeholder knows no distance.
///
/// Fits        Within 5 % of the other direction, if that differs; within 10 % of the median of six rows or
///             more between the same two areas of 100 km; otherwise within 20 % of what the set's usual ratio
///             of time to distance makes of the pair. 0.3 ms and two steps of the set's grid are allowed for.
/// Chance      Tail of a Poisson distribution whose mean comes from the values within 5 %: from how many they
///             are, and from the one that has most. 1e-4 for the usual placeholders, of which two are enough,
///             1e-6 over all distinct values for any other, from five on. `step` is check_resolution()'s.
void check_placeholders(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        double step, const RttFaults& faults);

/// Names sources, and destinations, whose values fit nodes one or two places away far better than their own
/// from some row on: a table with missing cells. Places are those in nodes.csv; of a source also those of its
/// lines in the file.
///
/// Fits        By the round trip the other way where there is one, in units of the set's own median
///             difference of directions; otherwise by the set's usual ratio of time to distance and what each
///             node's round trips have more in the median, in units of the usual difference from that.
/// Needs       kShiftRowsReverse such values where all are compared with the other direction; otherwise
///             kShiftRows, one place off in nodes.csv: many nodes are as far away as each other.
inline constexpr std::size_t kShiftRows = 8;
inline constexpr std::size_t kShiftRowsReverse = 3;
void check_columns(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading, double step,
                   const RttFaults& faults);

}  // namespace chiploc
