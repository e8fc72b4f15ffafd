#pragma once
// What was committed, in that order: verdicts, changes of statuses, lines of cases. For whoever watches.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "server/storage/case_store.hpp"
#include "server/storage/records.hpp"
#include "server/storage/status_store.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// A line of a case's timeline, and which case it is.
struct CaseLine {
  std::uint64_t of_case = 0;
  CaseKeyRecord key;
  std::string licence;  ///< of its first chip
  CaseEntryRecord entry;
};
struct StoredEvent {
  std::uint64_t number = 0;
  std::variant<VerdictRow, StatusChangeRecord, CaseLine> what;
};
/// Numbers of the oldest and the newest event that are kept; both 0: there never was one.
struct EventsKept {
  std::uint64_t oldest = 0, newest = 0;
  /// Whether everything behind this number is there: it was given out, and nothing behind it is gone.
  [[nodiscard]] bool follows(std::uint64_t number) const { return number <= newest && number + 1 >= oldest; }
};

/// Events have numbers from 1, in the order in which they were committed, without a gap: whoever has seen one has seen, or
/// could have, all before it. They are written with what they tell of, by the store itself, and go by number
/// (PruneOrder::events_max); what they tell of stays.
class EventReader {
 public:
  EventReader() = default;
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  virtual ~EventReader() = default;

  virtual Stored<EventsKept> events_kept() = 0;
  /// Those behind this number, oldest first, at most `limit`, and 1,000 at the most. kNotFound: not all of them are kept any
  /// more, or there is no such number.
  virtual Stored<std::vector<StoredEvent>> events_after(std::uint64_t number, std::size_t limit) = 0;
};

}  // namespace chiploc
