#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "proto/v1/operator_service.pb.h"
#include "server/cases/case_story.hpp"
#include "server/orders/order_story.hpp"
#include "server/registry/registry.hpp"
#include "server/service/fault.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

// What is kept of orders' holds and of cases as messages of the API. No redaction; but who has a holder (`of_holder`) hears
// neither of watch lists nor of what a priority is made of, whatever their role.

[[nodiscard]] v1::OrderHold view_of(const std::string& order, const OrderStory& story,
                                    const OrderRules& rules, bool of_holder);
/// nullopt: it is not this caller's to know.
[[nodiscard]] std::optional<v1::OrderHoldChange> view_of(const OrderChangeRecord& change, bool of_holder);

[[nodiscard]] v1::Case view_of(std::uint64_t number, const CaseStory& story, WallTime now, bool of_holder);
/// Its chips, and what its priority is made of.
void add_details(const CaseStory& story, const Registry& registry, WallTime now, bool of_holder,
                 v1::Case& out);
/// nullopt: it is not this caller's to know.
[[nodiscard]] std::optional<v1::CaseEntry> view_of(const CaseEntryRecord& entry, bool of_holder);

/// A line, and which case it is; likewise.
[[nodiscard]] std::optional<v1::CaseChange> view_of(const CaseLine& line, bool of_holder);

/// "C-17", "c-17" or "17".
[[nodiscard]] Answer<std::uint64_t> case_number(const std::string& text);

}  // namespace chiploc
