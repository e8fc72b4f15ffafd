#include <algorithm>

#include "server/storage/sqlite/statuses.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kInvalidState = 7;  // v1::INVALID: the only one whose reason a story asks for

StatusRecord status_of(const Query& row) {
  return {row.id<ChipId>(0), row.small(1), row.time(2),
          row.is_null(3) ? std::nullopt : std::optional{row.time(3)}, row.blob(4)};
}

Stored<std::vector<std::uint32_t>> all_states(Database& db) {
  // The index is skipped through: a step for each state, whatever the number of chips.
  auto rows = db.query(R"sql(
    WITH RECURSIVE states (state) AS (
      SELECT min(state) FROM chip_status
      UNION ALL
      SELECT (SELECT min(state) FROM chip_status s WHERE s.state > states.state) FROM states
      WHERE states.state IS NOT NULL)
    SELECT state FROM states WHERE state IS NOT NULL)sql");
  std::vector<std::uint32_t> out;
  while (rows.next()) out.push_back(rows.small(0));
  if (rows.failed()) return Fail{db.fault("list the chips' statuses")};
  return out;
}

/// The chips of one state by id, from the index alone.
class OfState {
 public:
  OfState(Database& db, std::uint32_t state, const std::optional<ChipId>& after)
      : rows_{db.query("SELECT chip, since_unix_ns, due_unix_ns FROM chip_status WHERE state = " +
                       std::to_string(state) + " AND chip > ? ORDER BY chip")} {
    after ? rows_.bind(*after) : rows_.bind(Bytes{});  // a blob of no bytes is before every other
    step();
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool failed() const { return rows_.failed(); }
  [[nodiscard]] const ChipId& chip() const { return chip_; }
  [[nodiscard]] bool fits(const StatusQuery& query) const {
    if (query.since && rows_.time(1) < *query.since) return false;
    if (query.due_before && (rows_.is_null(2) || rows_.time(2) >= *query.due_before)) return false;
    return !query.wanted || query.wanted(chip_);
  }
  void step() {
    ended_ = !rows_.next();
    if (!ended_) chip_ = rows_.id<ChipId>(0);
  }

 private:
  Query rows_;
  ChipId chip_;
  bool ended_ = false;
};

/// The chips of several states by id.
class OfStates {
 public:
  OfStates(Database& db, const std::vector<std::uint32_t>& states, const std::optional<ChipId>& after) {
    parts_.reserve(states.size());
    for (const std::uint32_t state : states) parts_.emplace_back(db, state, after);
  }
  /// The part that stands at the next chip; null at the end.
  OfState* next() {
    OfState* first = nullptr;
    for (OfState& part : parts_) {
      if (!part.ended() && (first == nullptr || part.chip() < first->chip())) first = &part;
    }
    return first;
  }
  [[nodiscard]] bool failed() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const OfState& part) { return part.failed(); });
  }

 private:
  std::vector<OfState> parts_;
};

/// Some chips by id, each looked up; those of other states, and those without one, are passed over.
class OfChips {
 public:
  /// `states`: ascending; empty: all.
  OfChips(Database& db, const std::vector<ChipId>& chips, std::vector<std::uint32_t> states,
          const std::optional<ChipId>& after)
      : db_{db},
        states_{std::move(states)},
        at_{after ? std::upper_bound(chips.begin(), chips.end(), *after) : chips.begin()},
        end_{chips.end()} {
    look();
  }
  OfChips* next() { return at_ == end_ ? nullptr : this; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const ChipId& chip() const { return *at_; }
  [[nodiscard]] bool fits(const StatusQuery& query) const {
    return (!query.since || since_ >= *query.since) &&
           (!query.due_before || (due_ && *due_ < *query.due_before));
  }
  void step() {
    ++at_;
    look();
  }

 private:
  /// Goes on to the next that has a status of these states.
  void look() {
    for (; at_ != end_; ++at_) {
      auto row = db_.query("SELECT state, since_unix_ns, due_unix_ns FROM chip_status WHERE chip = ?");
      row.bind(*at_);
      const bool found =
          row.next() && (states_.empty() || std::binary_search(states_.begin(), states_.end(), row.small(0)));
      if (row.failed()) {
        failed_ = true;
        at_ = end_;
        return;
      }
      if (!found) continue;
      since_ = row.time(1);
      due_ = row.is_null(2) ? std::nullopt : std::optional{row.time(2)};
      return;
    }
  }

  Database& db_;
  std::vector<std::uint32_t> states_;
  std::vector<ChipId>::const_iterator at_, end_;
  WallTime since_;
  std::optional<WallTime> due_;
  bool failed_ = false;
};

/// Which chips the page has; their rows are still to be read.
struct ChosenChips {
  std::vector<ChipId> chips;
  StatusPage page;
};

template <class Chips>
Stored<ChosenChips> choose(Database& db, Chips all, const StatusQuery& query) {
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kStatusPageMax);
  ChosenChips out;
  std::optional<ChipId> last;  // looked at
  std::size_t scanned = 0;
  for (auto* at = all.next(); at != nullptr; at->step(), at = all.next(), ++scanned) {
    if (scanned >= query.scan_max) {
      out.page.matching_more = true;
      if (!out.page.next) out.page.next = last;
      break;
    }
    if (out.chips.size() < limit) last = at->chip();
    if (!at->fits(query)) continue;
    ++out.page.matching;
    if (out.chips.size() < limit) {
      out.chips.push_back(at->chip());
      continue;
    }
    if (!out.page.next) out.page.next = out.chips.back();
    if (!query.count) break;
  }
  if (all.failed()) return Fail{db.fault("list the chips' statuses")};
  return out;
}

}  // namespace

Stored<std::optional<StatusRecord>> read_status(Database& db, const ChipId& chip) {
  auto row =
      db.query("SELECT chip, state, since_unix_ns, due_unix_ns, story FROM chip_status WHERE chip = ?");
  row.bind(chip);
  std::optional<StatusRecord> out;
  if (row.next()) out = status_of(row);
  if (row.failed()) return Fail{db.fault("read the chip's status")};
  return out;
}

Stored<StatusPage> read_statuses(Database& db, const StatusQuery& query) {
  std::vector<std::uint32_t> states = distinct_states(query.states);
  if (states.size() > StatusQuery::kStatesMax) return Fail{too_many_states()};
  const std::vector<ChipId>* few = query.wanted.few();
  if (few == nullptr && states.empty()) {
    auto all = all_states(db);
    if (!all) return Fail{all.error()};
    states = std::move(*all);
  }
  auto chosen = few != nullptr ? choose(db, OfChips{db, *few, std::move(states), query.after}, query)
                               : choose(db, OfStates{db, states, query.after}, query);
  if (!chosen) return Fail{chosen.error()};
  for (const ChipId& chip : chosen->chips) {
    auto row = read_status(db, chip);
    if (!row) return Fail{row.error()};
    if (*row) chosen->page.rows.push_back(std::move(**row));
  }
  return std::move(chosen->page);
}

Stored<std::map<std::uint32_t, std::uint64_t>> read_chips_by_status(Database& db, const ChipFilter& wanted) {
  std::map<std::uint32_t, std::uint64_t> out;
  if (const std::vector<ChipId>* few = wanted.few()) {
    for (const ChipId& chip : *few) {
      auto row = db.query("SELECT state FROM chip_status WHERE chip = ?");
      row.bind(chip);
      if (row.next()) ++out[row.small(0)];
      if (row.failed()) return Fail{db.fault("count the chips by their status")};
    }
    return out;
  }
  if (wanted) {
    auto chips = db.query("SELECT state, chip FROM chip_status ORDER BY state, chip");
    while (chips.next()) {
      if (wanted(chips.id<ChipId>(1))) ++out[chips.small(0)];
    }
    if (chips.failed()) return Fail{db.fault("count the chips by their status")};
    return out;
  }
  auto states = db.query("SELECT state, count(*) FROM chip_status GROUP BY state");
  while (states.next()) out[states.small(0)] = states.count(1);
  if (states.failed()) return Fail{db.fault("count the chips by their status")};
  return out;
}

Stored<std::vector<AbsenceRecord>> read_absences(Database& db, const ChipId& chip, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT from_unix_ns, until_unix_ns, kind, reason, declared_by, declared_by_sha256, declared_unix_ns,
           ended_unix_ns, coalesce(ended_by, '')
    FROM absences WHERE chip = ? ORDER BY absence_no DESC LIMIT ?)sql");
  rows.bind(chip).bind(std::uint64_t{limit});
  std::vector<AbsenceRecord> out;
  while (rows.next()) {
    std::optional<Digest> certificate;
    if (!rows.is_null(5)) certificate = rows.id<Digest>(5);
    out.push_back({chip, rows.time(0), rows.time(1), rows.small(2), rows.text(3),
                   Requester{rows.text(4), certificate}, rows.time(6),
                   rows.is_null(7) ? std::nullopt : std::optional{rows.time(7)}, rows.text(8)});
  }
  if (rows.failed()) return Fail{db.fault("read the chip's absences")};
  return out;
}

Stored<std::vector<StatusRecord>> read_due_stories(Database& db, WallTime now, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip, state, since_unix_ns, due_unix_ns, story FROM chip_status
    WHERE due_unix_ns <= ? ORDER BY due_unix_ns, chip LIMIT ?)sql");
  rows.bind(now).bind(std::uint64_t{limit});
  std::vector<StatusRecord> out;
  while (rows.next()) out.push_back(status_of(rows));
  if (rows.failed()) return Fail{db.fault("look up which statuses are due")};
  return out;
}

Stored<std::vector<ChipId>> read_without_status(Database& db, const std::optional<ChipId>& after,
                                                std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip FROM chips
    WHERE chip > ? AND NOT EXISTS (SELECT 1 FROM chip_status s WHERE s.chip = chips.chip)
    ORDER BY chip LIMIT ?)sql");
  after ? rows.bind(*after) : rows.bind(Bytes{});
  rows.bind(std::uint64_t{limit});
  std::vector<ChipId> out;
  while (rows.next()) out.push_back(rows.id<ChipId>(0));
  if (rows.failed()) return Fail{db.fault("look up which chips have no status")};
  return out;
}

Stored<std::vector<JudgedRow>> read_judged(Database& db, const ChipId& chip) {
  auto rows = db.query(R"sql(
    SELECT verdict, state, decided_unix_ns, expires_unix_ns, CASE state WHEN ? THEN summary ELSE x'' END
    FROM verdicts WHERE chip = ? ORDER BY verdict_no)sql");
  rows.bind(kInvalidState).bind(chip);
  std::vector<JudgedRow> out;
  while (rows.next())
    out.push_back({rows.id<VerdictId>(0), rows.small(1), rows.time(2), rows.time(3), rows.blob(4)});
  if (rows.failed()) return Fail{db.fault("read the chip's verdicts")};
  return out;
}

}  // namespace chiploc
