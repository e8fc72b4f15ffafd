#pragma once
#include <cstdint>
#include <span>

namespace chiploc {

/// One step of the schema: migrations/NNNN_name.sql, compiled in. Never edit one that was released: add the
/// next.
struct Migration {
  std::uint32_t version = 0;  ///< NNNN; 1, 2, 3 ... without a gap
  const char* name = "";
  const char* sql = "";
};
/// All of them, ascending.
[[nodiscard]] std::span<const Migration> migrations();

}  // namespace chiploc
