#pragma once
#include <span>
#include <string_view>

#include "server/registry/import.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

/// The columns of a kind; the first is the row's key.
struct KindColumns {
  std::span<const std::string_view> all;
  std::size_t optional = 0;  ///< the last so many may be missing in a file, which then says nothing of them
};
/// None for a number that is no kind.
[[nodiscard]] KindColumns columns_of(ImportKind kind);
[[nodiscard]] JsonForm json_form_of(std::string_view column);

}  // namespace chiploc
