#pragma once
#include <string>

#include "server/service/json_view.hpp"

namespace chiploc {

// What orders are held for and what persons work on as JSON, by the same rules as json_view.hpp.

/// "open", "hold", "lifted"; "unknown" for a number that a newer coordinator may send, as below.
[[nodiscard]] std::string order_state_name(v1::OrderState state);
[[nodiscard]] v1::OrderState order_state_named(std::string_view name);
[[nodiscard]] std::string case_kind_name(v1::CaseKind kind);
[[nodiscard]] v1::CaseKind case_kind_named(std::string_view name);
[[nodiscard]] std::string case_state_name(v1::CaseState state);
[[nodiscard]] v1::CaseState case_state_named(std::string_view name);
[[nodiscard]] std::string case_end_name(v1::CaseEnd end);
[[nodiscard]] v1::CaseEnd case_end_named(std::string_view name);

[[nodiscard]] Json json_of(const v1::OrderHold& hold);
[[nodiscard]] Json json_of(const v1::OrderHoldChange& change);
/// Without the chips that it shows and what its priority is made of.
[[nodiscard]] Json json_of(const v1::Case& one);
[[nodiscard]] Json json_of(const v1::CaseEntry& entry);
/// A case with chips, reasons and timeline.
[[nodiscard]] Json json_of(const v1::Case& one,
                           const google::protobuf::RepeatedPtrField<v1::CaseEntry>& timeline);

}  // namespace chiploc
