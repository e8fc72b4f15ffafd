#pragma once
// Importer::check_id_loss, for the files that take rows with ids. Private to this folder.

#include <algorithm>

#include "server/registry/importer.hpp"
#include "server/tables/characters.hpp"
#include "server/tables/spreadsheet.hpp"

namespace chiploc {

template <class Table>
void Importer::check_id_loss(std::size_t f, const Row& row, const std::string& id, const Table& registered) {
  constexpr std::size_t kMost = 1'000'000;  // a second or two; beyond it nothing is compared any more
  const RowCell& cell = row[row.columns.front()];
  const bool number = std::all_of(id.begin(), id.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (id.empty() || !number || meant_as_it_stands(cell.text) || registered.count(id) > 0) return;
  for (const auto& [known, record] : registered) {
    if (++ids_compared_ > kMost) return;
    if (auto loss = spreadsheet_loss(known, id)) return fault(f, row, row.columns.front(), *std::move(loss));
  }
}

}  // namespace chiploc
