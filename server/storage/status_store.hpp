#pragma once
// What chips are held for: the story of each, every change of its state, and who declared it absent.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// `state` is the number of ChipState (server/status).
struct StatusRecord {
  ChipId chip;
  std::uint32_t state = 0;
  WallTime since;
  std::optional<WallTime> due;  ///< when time alone changes it next; nullopt: it needs an event
  ByteVector story;             ///< v1::ChipStory
};
struct StatusChangeRecord {
  ChipId chip;
  WallTime at;
  std::uint32_t from = 0, to = 0;
  std::vector<VerdictId> rests_on;
  std::string why;
};

/// Chips by id, whatever their state.
struct StatusQuery {
  static constexpr std::size_t kStatesMax = 16;
  std::vector<std::uint32_t> states{};   ///< empty: all
  std::optional<WallTime> since{};       ///< the state was entered then or later
  std::optional<WallTime> due_before{};  ///< time alone changes it before then
  ChipFilter wanted{};
  std::optional<ChipId> after{};   ///< continue behind this chip; the first page: nullopt
  std::size_t limit = 100;         ///< 1 to 10000; others are taken as the nearest of these
  bool count = false;              ///< go on behind the page to count what else fits
  std::size_t scan_max = 100'000;  ///< chips looked at, wanted or not
};
struct StatusPage {
  std::vector<StatusRecord> rows;  ///< fewer than `limit`, or none, where scan_max chips had no more
  std::optional<ChipId> next;      ///< nullopt: this was the last page
  std::uint64_t matching = 0;      ///< if counted: these and those behind them
  bool matching_more = false;      ///< scan_max chips were looked at, and there are others
};

/// Where a list of changes goes on; both are the store's own.
struct StatusChangeCursor {
  std::int64_t number = 0;
  std::int64_t begins = 0;  ///< where `since` begins, so that it is looked up once a list
  friend bool operator==(const StatusChangeCursor&, const StatusChangeCursor&) = default;
};
/// Newest first, in the order in which they were told.
struct StatusChangeQuery {
  std::optional<ChipId> chip{};
  std::vector<std::uint32_t> states{};  ///< that were entered; empty: all
  std::optional<WallTime> since{};      ///< then or later
  ChipFilter wanted{};
  std::optional<StatusChangeCursor> after{};
  std::size_t limit = 100;  ///< 1 to 10000; others are taken as the nearest of these
  bool count = false;
  std::size_t scan_max = 100'000;
};
struct StatusChangePage {
  std::vector<StatusChangeRecord> rows;
  std::optional<StatusChangeCursor> next;
  std::uint64_t matching = 0;
  bool matching_more = false;
};

struct StatusChangeCount {
  std::uint32_t from = 0, to = 0;
  std::uint64_t changes = 0;
  friend bool operator==(const StatusChangeCount&, const StatusChangeCount&) = default;
};

/// A line of the journal of absences. `kind` is the number of v1::AbsenceKind.
struct AbsenceRecord {
  ChipId chip{};
  WallTime from, until;  ///< as declared
  std::uint32_t kind = 0;
  std::string reason;
  Requester by{""};
  WallTime declared;
  std::optional<WallTime> ended{};  ///< by a person, before its time
  std::string ended_by{};
};

/// A verdict as a story needs it.
struct JudgedRow {
  VerdictId id;
  std::uint32_t state = 0;  ///< the number of v1::VerdictState
  WallTime decided;
  WallTime expires;
  ByteVector summary;  ///< v1::Verdict, of an INVALID one alone: its reasons
};

class StatusReader {
 public:
  StatusReader() = default;
  StatusReader(const StatusReader&) = delete;
  StatusReader& operator=(const StatusReader&) = delete;
  virtual ~StatusReader() = default;

  /// nullopt: its story has not begun.
  virtual Stored<std::optional<StatusRecord>> status(const ChipId& chip) = 0;
  virtual Stored<StatusPage> list_statuses(const StatusQuery& query) = 0;
  virtual Stored<StatusChangePage> list_changes(const StatusChangeQuery& query) = 0;
  /// How many changes of this chip were told: each has its number in that order, from 1.
  virtual Stored<std::uint64_t> changes_told(const ChipId& chip) = 0;
  /// How many chips are in each state; of those wanted, if a filter is given.
  virtual Stored<std::map<std::uint32_t, std::uint64_t>> chips_by_status(const ChipFilter& wanted = {}) = 0;
  /// How many changes there were from one state to another, then or later; of the chips wanted, if a filter is given.
  virtual Stored<std::vector<StatusChangeCount>> count_changes(WallTime since,
                                                               const ChipFilter& wanted = {}) = 0;
  /// Of this chip, newest first.
  virtual Stored<std::vector<AbsenceRecord>> absences(const ChipId& chip, std::size_t limit) = 0;
  /// Those that time alone has changed by now, the longest due first, of equals by id.
  virtual Stored<std::vector<StatusRecord>> due(WallTime now, std::size_t limit) = 0;
  /// Registered chips whose story has not begun, by id, behind `after`.
  virtual Stored<std::vector<ChipId>> without_status(const std::optional<ChipId>& after,
                                                     std::size_t limit) = 0;
  /// Of this chip, in the order in which they were committed.
  virtual Stored<std::vector<JudgedRow>> judged(const ChipId& chip) = 0;
};

class StatusStore : public StatusReader {
 public:
  /// The chip's status in place of the one before, and what changed.
  virtual Stored<Done> put(const StatusRecord& status, std::span<const StatusChangeRecord> changes) = 0;
  /// Due at another time, and nothing else: of a story that cannot be told on now. kNotFound.
  virtual Stored<Done> put_off(const ChipId& chip, WallTime until) = 0;
  virtual Stored<Done> note_absence(const AbsenceRecord& absence) = 0;
  /// Marks those of this chip that are not over at `at` as ended then. How many there were.
  virtual Stored<std::uint64_t> note_absences_ended(const ChipId& chip, WallTime at, std::string_view by) = 0;
  /// Keeps by which rules stories are told. If they are others than before every chip is due at once. True: they are.
  virtual Stored<bool> take_rules(std::string_view rules) = 0;
};

}  // namespace chiploc
