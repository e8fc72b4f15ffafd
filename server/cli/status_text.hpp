#pragma once
#include <ostream>
#include <string>
#include <vector>

#include "proto/v1/operator_service.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

// What chips are held for, as people read it.

[[nodiscard]] Colour colour_of(v1::ChipState state);
/// Who reads what is to be done: whoever asks for proofs, or the entity that owes them.
enum class StatusFor : bool { kOverseer, kEntity };
/// What a person has to do about a chip in this state, with the commands for it; `chip` is how it is called there.
[[nodiscard]] std::string what_to_do(const v1::ChipStatus& status, const std::string& chip, StatusFor reader);
/// "overdue 2026-12-04 05:00:00Z": what comes next by time alone; "-" where nothing does.
[[nodiscard]] std::string next_text(const v1::ChipStatus& status);
struct StatusNotes {
  StatusFor reader = StatusFor::kOverseer;
  std::vector<std::string> past_policies{};  ///< what past_policies() found
};
/// Lines: the state and since when, why, the verdicts it rests on and by which policy they were decided if it is in force
/// no more, what ends it, what comes next, absences, what to do.
void write_status(std::ostream& out, const v1::ChipStatus& status, const std::string& chip, bool colour,
                  const StatusNotes& notes);

}  // namespace chiploc
