#pragma once
// The registry's tables in the form in which import takes them.

#include <optional>
#include <string>
#include <vector>

#include "server/registry/import.hpp"

namespace chiploc {

struct ExportPage {
  std::vector<std::string> rows;    ///< a JSON object each: an array of them is a file of this kind
  std::optional<std::string> next;  ///< where the next page goes on; nullopt: this was the last
};

/// The records of one kind behind `after` (of the page before; empty: from the first), until they have `bytes`;
/// one at least. What is read back changes nothing: names have the apostrophe that they need, drawings are as
/// they came. The prohibited list has a row for each place.
[[nodiscard]] ExportPage export_rows(const Registry& registry, ImportKind kind, const std::string& after,
                                     std::size_t bytes);

}  // namespace chiploc
