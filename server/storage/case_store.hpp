#pragma once
// What persons work on: the story of each case, its timeline, which chip stands in which, and signs of attempts.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// What a case is one of; `kind` is the number of CaseKind (server/cases).
struct CaseKeyRecord {
  std::uint32_t kind = 0;
  std::string order, licence, site;
};
/// `state` is the number of CaseState.
struct CaseRecord {
  std::uint64_t number = 0;  ///< its name is "C-" and this; the store gives it to one that has 0
  CaseKeyRecord key;
  std::uint32_t of_key = 1;  ///< among those of the key
  std::string licence;       ///< of its first chip
  std::uint32_t state = 0;
  WallTime since, opened;
  std::optional<WallTime> due;  ///< when time alone changes it next; nullopt: it needs an event
  std::string assignee;         ///< empty: nobody
  std::uint32_t urgency = 0;    ///< points without those for its age; 0: it is resolved
  std::uint32_t outcome = 0;    ///< the number of CaseEnd and 1; 0: it is not resolved
  ByteVector story;             ///< v1::CaseStory
};
/// A line of the timeline. `kind` is the number of CaseEntryKind.
struct CaseEntryRecord {
  std::uint32_t number = 0;  ///< among those of the case, from 1, without a gap
  WallTime at;
  std::uint32_t kind = 0, state = 0;
  std::string who{}, text{};
  std::optional<ChipId> chip{};
  std::vector<VerdictId> verdicts{};
  std::optional<Digest> file{};
  bool loud = true;
  friend bool operator==(const CaseEntryRecord&, const CaseEntryRecord&) = default;
};
struct ChipInCase {
  std::uint32_t kind = 0;
  std::uint64_t number = 0;  ///< of the case
};
/// What a round brought that is a sign of an attempt of this kind.
struct AttemptSignRecord {
  ChipId chip;
  std::uint32_t kind = 0;
  VerdictId verdict;
  WallTime at;
  std::string reason;
};

/// Where a list of cases goes on.
struct CaseCursor {
  WallTime as_of;  ///< by which the ages of the whole list are counted
  std::uint32_t points = 0;
  WallTime opened;
  std::uint64_t number = 0;
  friend bool operator==(const CaseCursor&, const CaseCursor&) = default;
};
/// The most urgent first, and of equals the one that was opened first; or the newest first.
struct CaseQuery {
  static constexpr std::size_t kValuesMax = 16;
  std::vector<std::uint32_t> states{}, kinds{};           ///< empty: all; at most kValuesMax
  std::optional<std::string> order{}, licence{}, site{};  ///< nullopt: any
  std::optional<std::string> assignee{};                  ///< "": those of nobody
  std::optional<WallTime> since{};                        ///< opened then or later
  std::function<bool(const std::string& order, const std::string& licence)> wanted{};  ///< empty: all
  bool newest_first = false;
  WallTime as_of{};  ///< ages are counted up to here; of a page behind the first: its cursor's
  /// A point for each so much of age, and how many at most.
  Nanoseconds point_after{std::chrono::hours{7 * 24}};
  std::uint32_t age_points_max = 0;
  std::optional<CaseCursor> after{};
  std::size_t limit = 100;  ///< 1 to 1000; others are taken as the nearest of these
  bool count = false;       ///< count all that fit, those of earlier pages included
};
struct CasePage {
  std::vector<CaseRecord> rows;
  std::optional<CaseCursor> next;  ///< nullopt: this was the last page
  std::uint64_t matching = 0;      ///< if counted
};

class CaseReader {
 public:
  CaseReader() = default;
  CaseReader(const CaseReader&) = delete;
  CaseReader& operator=(const CaseReader&) = delete;
  virtual ~CaseReader() = default;

  virtual Stored<std::optional<CaseRecord>> find_case(std::uint64_t number) = 0;
  /// nullopt for `of_key`: the newest of the key.
  virtual Stored<std::optional<CaseRecord>> case_of_key(const CaseKeyRecord& key,
                                                        std::optional<std::uint32_t> of_key) = 0;
  virtual Stored<CasePage> list_cases(const CaseQuery& query) = 0;
  /// Those that time alone has changed by now, the longest due first.
  virtual Stored<std::vector<CaseRecord>> due_cases(WallTime now, std::size_t limit) = 0;
  /// Entries below number `before` (nullopt: all), newest first.
  virtual Stored<std::vector<CaseEntryRecord>> timeline(std::uint64_t number,
                                                        std::optional<std::uint32_t> before,
                                                        std::size_t limit) = 0;
  /// The cases in which a chip stands: one of each kind at most.
  virtual Stored<std::vector<ChipInCase>> stands_in(const ChipId& chip) = 0;
  /// The chips that stand in a case, by id, behind `after`.
  virtual Stored<std::vector<ChipId>> standing(std::uint64_t number, const std::optional<ChipId>& after,
                                               std::size_t limit) = 0;
  /// What is kept of a chip's signs, in the order in which they came.
  virtual Stored<std::vector<AttemptSignRecord>> signs(const ChipId& chip) = 0;
  /// How many cases of this order ended so.
  virtual Stored<std::uint64_t> cases_ended(std::string_view order, std::uint32_t outcome) = 0;
};

class CaseStore : public CaseReader {
 public:
  /// The case in place of what it was, and new entries of its timeline. Its number.
  virtual Stored<std::uint64_t> put_case(const CaseRecord& record,
                                         std::span<const CaseEntryRecord> entries) = 0;
  /// In which case of this kind the chip stands from now on; nullopt: in none.
  virtual Stored<Done> stand(const ChipId& chip, std::uint32_t kind, std::optional<std::uint64_t> number) = 0;
  /// Nobody stands in this case any more.
  virtual Stored<Done> settle_case(std::uint64_t number) = 0;
  /// Keeps it, and of the chip's signs of this kind the newest `keep` alone.
  virtual Stored<Done> note_sign(const AttemptSignRecord& sign, std::size_t keep) = 0;
  /// Forgets where a chip stands and its signs: it was removed, and never measured.
  virtual Stored<Done> forget_chip(const ChipId& chip) = 0;
};

}  // namespace chiploc
