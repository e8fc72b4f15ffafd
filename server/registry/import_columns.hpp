#pragma once
#include <span>
#include <string_view>

#include "server/registry/import.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

/// The columns of a kind, all of them required; the first is the row's key.
[[nodiscard]] std::span<const std::string_view> columns_of(ImportKind kind);
[[nodiscard]] JsonForm json_form_of(std::string_view column);

}  // namespace chiploc
