#include "tests/adversary/ticket_tap.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace chiploc::adversary {

std::unique_ptr<TicketTap> TicketTap::open(const std::filesystem::path& database) {
  sqlite3* opened = nullptr;
  const int done = sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  std::unique_ptr<TicketTap> tap{new TicketTap{opened}};
  if (done != SQLITE_OK) return nullptr;
  (void)tap->fresh();
  return tap;
}

TicketTap::~TicketTap() { sqlite3_close(database_); }

std::vector<ByteArray<Ticket::kSize>> TicketTap::fresh() {
  std::vector<ByteArray<Ticket::kSize>> out;
  sqlite3_stmt* query = nullptr;
  if (sqlite3_prepare_v2(database_,
                         "SELECT round_no, bytes FROM tickets WHERE round_no > ?1 ORDER BY round_no", -1,
                         &query, nullptr) != SQLITE_OK) {
    return out;
  }
  sqlite3_bind_int64(query, 1, last_round_);
  const bool first = last_round_ < 0;
  last_round_ = std::max<std::int64_t>(last_round_, 0);
  while (sqlite3_step(query) == SQLITE_ROW) {  // busy: at the next call
    last_round_ = sqlite3_column_int64(query, 0);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(query, 1));
    const auto* const bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(query, 1));
    if (first || size != Ticket::kSize) continue;
    std::copy_n(bytes, size, out.emplace_back().begin());
  }
  sqlite3_finalize(query);
  return out;
}

}  // namespace chiploc::adversary
