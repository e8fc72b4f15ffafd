#pragma once
// Verdicts, and where each chip stands.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

class VerdictReader {
 public:
  VerdictReader() = default;
  VerdictReader(const VerdictReader&) = delete;
  VerdictReader& operator=(const VerdictReader&) = delete;
  virtual ~VerdictReader() = default;

  virtual Stored<std::optional<VerdictRecord>> verdict(const VerdictId& id) = 0;
  /// A whole id in hex, or a prefix of 4 digits or more that fits one verdict only, of those whose chip is
  /// wanted. kAmbiguous, kInvalid otherwise.
  virtual Stored<std::optional<VerdictRecord>> find_verdict(std::string_view prefix,
                                                            const ChipFilter& wanted = {}) = 0;
  /// Of the chip's round that was begun last, among those that have a verdict.
  virtual Stored<std::optional<VerdictRecord>> newest_verdict(const ChipId& chip) = 0;
  /// The newest verdict of each state that the chip ever had, newest first; without summaries.
  virtual Stored<std::vector<VerdictRow>> last_of_each_state(const ChipId& chip) = 0;
  virtual Stored<VerdictPage> list_verdicts(const VerdictQuery& query) = 0;
  /// The same rows with record and context, some ten kilobytes each.
  virtual Stored<JudgedPage> judged_rounds(const VerdictQuery& query) = 0;
  /// One standing for each id, in that order, whether the store knows the chip or not.
  virtual Stored<std::vector<ChipStanding>> standings(std::span<const ChipId> chips) = 0;
  /// Chips that have a verdict whose latest has one of these states (none named: any), ascending by id, behind
  /// `after`; at most `limit`, 10000 at the most.
  virtual Stored<std::vector<StandingBrief>> standing_briefs(std::span<const std::uint32_t> states,
                                                             const std::optional<ChipId>& after,
                                                             std::size_t limit) = 0;
  /// The same of some chips, in their order; those without a verdict are left out.
  virtual Stored<std::vector<StandingBrief>> briefs_of(std::span<const ChipId> chips) = 0;
  /// How many chips have a latest verdict of each state, expired or not.
  virtual Stored<std::map<std::uint32_t, std::uint64_t>> chips_by_state() = 0;
  virtual Stored<StoreCounts> counts() = 0;
};

class VerdictStore : public VerdictReader {
 public:
  /// Verdict, end of the round and the chip's new counters (nullopt: unchanged) in one transaction.
  /// kNotFound, kConflict if the round is over.
  virtual Stored<Done> finish_round(const VerdictRecord& verdict,
                                    const std::optional<ChipCounters>& counters) = 0;
};

}  // namespace chiploc
