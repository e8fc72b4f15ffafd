#pragma once
// The store as the coordinator and the API see it: no database in sight. sqlite_store.hpp implements it.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "server/registry/import.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/records.hpp"

namespace chiploc {

enum class StoreFaultCode : std::uint8_t {
  kFull,         ///< no room on the disk: nothing was lost, nothing was added
  kBusy,         ///< another process holds the database
  kNewerSchema,  ///< written by a newer version of this program
  kForeign,      ///< a file that is not this program's database
  kCorrupt,      ///< the database is damaged
  kPermission,   ///< the file may not be opened, or others may read it
  kInputOutput,  ///< the disk failed
  kNotFound,     ///< the round or chip that was named is not there
  kConflict,     ///< already there, or over already, or planned from an older registry
  kAmbiguous,    ///< a prefix that fits several
  kInvalid,      ///< an argument out of range: the caller's mistake
};
/// Stable lower_snake_case name, for logs and counters.
[[nodiscard]] std::string_view name_of(StoreFaultCode code);

struct StoreFault {
  StoreFaultCode code{};
  std::string text;  ///< one sentence: what failed, on which file, what to do
};
template <class T>
using Stored = Result<T, StoreFault>;

/// Questions. Every call sees one consistent state: all of a transaction or nothing of it.
class StoreReader {
 public:
  StoreReader() = default;
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;
  virtual ~StoreReader() = default;

  /// The registry as last saved; an empty one of version 0 in a new store.
  virtual Stored<Registry::Snapshot> load_registry() = 0;
  /// Newest first.
  virtual Stored<std::vector<ImportJournalEntry>> imports(std::size_t limit) = 0;

  /// Rounds that were begun and neither finished nor abandoned, oldest first: after a start, those that a
  /// crash cut.
  virtual Stored<std::vector<OpenRound>> open_rounds() = 0;
  /// nullopt: no such round.
  virtual Stored<std::optional<RoundEvidenceRecord>> evidence(const RoundId& round) = 0;
  /// The last counters that were accepted under this key (SHA-256 of its SubjectPublicKeyInfo).
  virtual Stored<CounterStanding> chip_counters(const ChipId& chip, const Digest& signer) = 0;
  /// Whenever this chip's counters began anew, newest first.
  virtual Stored<std::vector<CounterStart>> counter_starts(const ChipId& chip, std::size_t limit) = 0;
  /// By the last begun of its finished rounds that proved anything; nullopt: none did.
  virtual Stored<std::optional<ChipSighting>> last_sighting(const ChipId& chip) = 0;

  virtual Stored<std::optional<VerdictRecord>> verdict(const VerdictId& id) = 0;
  /// A whole id in hex, or a prefix of 4 digits or more that fits one verdict only. kAmbiguous, kInvalid
  /// otherwise.
  virtual Stored<std::optional<VerdictRecord>> find_verdict(std::string_view prefix) = 0;
  /// Of the chip's round that was begun last, among those that have a verdict.
  virtual Stored<std::optional<VerdictRecord>> newest_verdict(const ChipId& chip) = 0;
  virtual Stored<VerdictPage> list_verdicts(const VerdictQuery& query) = 0;
  /// One standing for each id, in that order, whether the store knows the chip or not.
  virtual Stored<std::vector<ChipStanding>> standings(std::span<const ChipId> chips) = 0;
  /// Chips whose latest verdict has one of these states, ascending by id, behind `after`.
  virtual Stored<std::vector<ChipId>> chips_in_states(std::span<const std::uint32_t> states,
                                                      const std::optional<ChipId>& after,
                                                      std::size_t limit) = 0;
  virtual Stored<StoreCounts> counts() = 0;

  /// Round trips between anchors whose window ended at `since` or later, oldest first; at most `limit`.
  virtual Stored<std::vector<MeshPairRow>> mesh_pairs(WallTime since, std::size_t limit) = 0;
};

/// Questions and changes. One owner, one thread (store_thread.hpp); other threads read through a StoreReader
/// of their own. Every function is atomic by itself and durable when it returns; between begin_batch and
/// commit_batch many share one transaction and all become durable when commit_batch returns (group commit). A
/// function that fails inside a batch undoes its own work only.
class Store : public StoreReader {
 public:
  virtual Stored<Done> begin_batch() = 0;
  /// On failure nothing of the batch is in the store.
  virtual Stored<Done> commit_batch() = 0;
  /// Undoes everything since begin_batch.
  virtual void roll_back_batch() = 0;

  /// Saves what a plan changes and writes the journal, also that of counters: a chip that comes with a
  /// certificate over another key begins anew under it. kConflict if the registry has moved on since the
  /// plan's base: plan again. kInvalid for a plan with faults. A plan that changes nothing is journaled too.
  virtual Stored<Done> save_import(const ImportPlan& plan, const ImportStamp& stamp) = 0;

  /// Before anything is sent for the round. kConflict if the round id is known.
  virtual Stored<Done> log_intent(const RoundIntent& intent) = 0;
  /// As issued, in the order of anchor_index; once per round. kNotFound, kConflict (round over, or tickets
  /// there).
  virtual Stored<Done> append_tickets(const RoundId& round, std::span<const ByteVector> tickets) = 0;
  /// kConflicting: this anchor already gave a different report of the round; both are kept. Also accepted
  /// after the round is over (marked late). kSurplus: kKeptOfAnchorAndRound of this anchor are kept already.
  /// kNotFound: unknown round, or one that this anchor has no part in; acknowledge it all the same, nobody
  /// waits for it.
  virtual Stored<Appended> append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                         WallTime received) = 0;
  /// A statement that is there already is a kDuplicate, whoever brings it; a second different one is kNew.
  /// kSurplus and kNotFound as with reports.
  virtual Stored<Appended> append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                            WallTime received) = 0;
  /// Once per round; kConflict if a different one is there or the round is over.
  virtual Stored<Done> append_close_order(const RoundId& round, Bytes order) = 0;
  virtual Stored<Appended> append_knock(const StoredKnock& knock, std::uint64_t spool_id) = 0;
  virtual Stored<Appended> append_mesh(const MeshRecord& mesh) = 0;

  /// Verdict, end of the round and the chip's new counters (nullopt: unchanged) in one transaction.
  /// kNotFound, kConflict if the round is over.
  virtual Stored<Done> finish_round(const VerdictRecord& verdict,
                                    const std::optional<ChipCounters>& counters) = 0;
  /// Forgets a key's counters and writes the journal; answers with the entry, which has the old values.
  /// kConflict while a round of the chip is open: it would put them back. kNotFound: there are none to
  /// forget.
  virtual Stored<CounterStart> restart_counters(const CounterStart& start) = 0;
  /// Ends a round without a verdict. `reason` is a sentence. kNotFound, kConflict if the round is over.
  virtual Stored<Done> abandon_round(const RoundId& round, std::string_view reason, WallTime now) = 0;

  /// One step of what the order asks for, in the order in which messages came; at most about `rows` rows are
  /// touched, so that nobody else waits. Ask again as long as there is `more`. Their pages are used again by
  /// what comes next; the file does not shrink.
  virtual Stored<Pruned> prune_some(const PruneOrder& order) = 0;
  /// Removes mesh windows that ended before `before`; returns how many.
  virtual Stored<std::uint64_t> prune_mesh(WallTime before) = 0;
  /// The same for knocks. They are evidence of the rounds that ran then: keep them as long as those matter.
  virtual Stored<std::uint64_t> prune_knocks(WallTime before) = 0;
};

}  // namespace chiploc
