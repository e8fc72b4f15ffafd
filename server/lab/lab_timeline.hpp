#pragma once
// What a lab is at one time: its file with the events that have come. Pure.

#include <string>
#include <vector>

#include "server/lab/lab_file.hpp"

namespace chiploc {

/// The thing that the event is about becomes what it says.
void apply(LabFile& file, const LabEvent& event);
/// The lab at this lab time: all events that are due by then have come.
[[nodiscard]] LabFile lab_at(LabFile file, Nanoseconds at);

/// What is measured, and when: the schedule, or file.rounds times all chips, one round after the other.
[[nodiscard]] std::vector<LabRound> rounds_of(const LabFile& file);

/// Whether the chip behaves so at any time.
[[nodiscard]] bool ever(const LabFile& file, std::size_t chip, Behaviour behaviour);

/// One line for people: "SMALL-2 is moved from now on". `before`: the lab until then.
[[nodiscard]] std::string text_of(const LabFile& before, const LabEvent& event);

/// When an event was carried out: not before it began, and wholly when it ended.
struct LabSpan {
  Nanoseconds began{0};
  Nanoseconds ended{0};
};

/// A chip's round in the light of what happened meanwhile.
struct LabExpectation {
  Behaviour behaviour{};            ///< when the round ended
  std::vector<std::string> states;  ///< that the verdict may honestly have, as in the API
};
/// `carried_out` stands beside the first of file.events; those behind it have not come.
///
/// States     expected_states() of what the chip was at any moment of the round. If its behaviour, place or
///            paths, or any anchor, changed meanwhile, UNRESOLVED and SILENT besides; SILENT also while an
///            anchor is down, or a tenth of the chip's datagrams or more are lost on purpose, or a path model cuts
///            the chip off (is_cut_off() in lab_reach.hpp) when the round begins or ends.
[[nodiscard]] LabExpectation expectation_of(const LabFile& file, const std::vector<LabSpan>& carried_out,
                                            std::size_t chip, const LabSpan& round);

}  // namespace chiploc
