#pragma once
// The tickets of rounds that are on, as a rendezvous anchor is told of them: an insider who has one reads
// all.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "proto/wire/ticket.hpp"

struct sqlite3;

namespace chiploc::adversary {

/// Reads a lab's database, where tickets stand before anybody gets them. Standing in for the stolen stream of
/// a rendezvous anchor: what it tells is the same, and at the same time.
class TicketTap {
 public:
  /// nullptr: the file cannot be opened.
  [[nodiscard]] static std::unique_ptr<TicketTap> open(const std::filesystem::path& database);
  ~TicketTap();
  TicketTap(const TicketTap&) = delete;
  TicketTap& operator=(const TicketTap&) = delete;

  /// The tickets issued since the last call; at the first, none.
  [[nodiscard]] std::vector<ByteArray<Ticket::kSize>> fresh();

 private:
  explicit TicketTap(sqlite3* database) : database_{database} {}
  sqlite3* database_;
  std::int64_t last_round_ = -1;
};

}  // namespace chiploc::adversary
