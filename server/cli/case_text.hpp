#pragma once
#include <ostream>
#include <vector>

#include "proto/v1/operator_service.pb.h"
#include "server/text/records.hpp"

namespace chiploc {

// Cases and orders' holds as people read them.

[[nodiscard]] std::vector<Column> case_columns();
[[nodiscard]] std::vector<Cell> case_cells(const v1::Case& one);
/// Lines: what it is about, its priority and why, its chips, its timeline with the newest entry first.
void write_case(std::ostream& out, const v1::Case& one,
                const google::protobuf::RepeatedPtrField<v1::CaseEntry>& timeline);

[[nodiscard]] std::vector<Column> hold_columns();
[[nodiscard]] std::vector<Cell> hold_cells(const v1::OrderHold& hold);
/// Lines: the state and since when, figures, what ends it, overrides, proposals.
void write_hold(std::ostream& out, const v1::OrderHold& hold);
void write_hold_changes(std::ostream& out,
                        const google::protobuf::RepeatedPtrField<v1::OrderHoldChange>& changes);

}  // namespace chiploc
