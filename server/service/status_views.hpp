#pragma once
#include "proto/v1/operator_service.pb.h"
#include "server/registry/registry.hpp"
#include "server/service/fault.hpp"
#include "server/status/chip_status.hpp"
#include "server/storage/status_store.hpp"

namespace chiploc {

// What is kept of chips' statuses as messages of the API. No rules here, and no redaction.

/// Without absences. A story that is damaged shows state and time alone, and says so.
[[nodiscard]] v1::ChipStatus view_of(const StatusRecord& status, const StatusRules& rules);
/// Of those in force or to come at `now`, in order; the journal comes newest first.
void add_absences(const std::vector<AbsenceRecord>& journal, WallTime now, v1::ChipStatus& out);
/// Of a registered chip.
[[nodiscard]] v1::ChipStatusRow row_of(const ChipRecord& chip, const StatusRecord& status,
                                       const StatusRules& rules);
[[nodiscard]] v1::ChipStatusChange view_of(const StatusChangeRecord& change, const ChipRecord& chip);
/// Numbers by ChipState -> by the state's name.
void add_chip_states(const std::map<std::uint32_t, std::uint64_t>& counts,
                     google::protobuf::Map<std::string, std::uint64_t>& out);

}  // namespace chiploc
