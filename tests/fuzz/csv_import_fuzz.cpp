#include "server/tables/csv_cell.hpp"
#include "server/tables/spreadsheet.hpp"
#include "tests/fuzz/import_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const std::string cell = chiploc::harmless_cell(text);
  chiploc::require(chiploc::plain_cell(cell) == text);
  if (const auto damage = chiploc::spreadsheet_damage(text))
    chiploc::require(!damage->empty() && damage->size() < 500);
  return chiploc::fuzz_import(data, size, chiploc::ImportFormat::kCsv);
}
