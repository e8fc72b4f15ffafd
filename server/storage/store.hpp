#pragma once
// The store as the coordinator and the API see it: no database in sight. One interface for each aggregate,
// one transaction over all of them. sqlite/store.hpp implements it.

#include <functional>
#include <optional>

#include "server/storage/audit_store.hpp"
#include "server/storage/case_store.hpp"
#include "server/storage/enrolment_store.hpp"
#include "server/storage/event_store.hpp"
#include "server/storage/leaf_store.hpp"
#include "server/storage/mesh_store.hpp"
#include "server/storage/order_story_store.hpp"
#include "server/storage/outbox_store.hpp"
#include "server/storage/policy_store.hpp"
#include "server/storage/registry_store.hpp"
#include "server/storage/round_store.hpp"
#include "server/storage/status_store.hpp"
#include "server/storage/verdict_store.hpp"

namespace chiploc {

/// Questions. Every call sees one consistent state: all of a transaction or nothing of it.
class StoreReader {
 public:
  StoreReader() = default;
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;
  virtual ~StoreReader() = default;

  virtual RegistryReader& registry() = 0;
  virtual RoundReader& rounds() = 0;
  virtual VerdictReader& verdicts() = 0;
  virtual MeshReader& mesh() = 0;
  virtual StatusReader& statuses() = 0;
  virtual OutboxReader& outbox() = 0;
  virtual PolicyReader& policies() = 0;
  virtual OrderStoryReader& order_stories() = 0;
  virtual CaseReader& cases() = 0;
  virtual AuditReader& audit() = 0;
  virtual EventReader& events() = 0;
  virtual EnrolmentReader& enrolments() = 0;
  virtual LeafReader& leaves() = 0;
};

class Store;

/// A verdict that is about to be committed: it, the end of its round and the chip's counters are written.
struct VerdictCommitted {
  const VerdictRecord& verdict;
  const std::optional<ChipCounters>& counters;  ///< the chip's new ones; nullopt: unchanged
};
/// What else has to be true of every verdict (cases, leaves of a log, notices): runs inside finish_round's
/// transaction and writes through the store that it is given. A fault undoes the verdict. It opens no batch,
/// ends none and ends no other round.
using VerdictStep = std::function<Stored<Done>(Store&, const VerdictCommitted&)>;

/// Questions and changes. One owner, one thread (store_thread.hpp); other threads read through a StoreReader
/// of their own. Every function is atomic by itself and durable when it returns; between begin_batch and
/// commit_batch many share one transaction and all become durable when commit_batch returns (group commit). A
/// function that fails inside a batch undoes its own work only.
class Store : public StoreReader {
 public:
  RegistryStore& registry() override = 0;
  RoundStore& rounds() override = 0;
  VerdictStore& verdicts() override = 0;
  MeshStore& mesh() override = 0;
  StatusStore& statuses() override = 0;
  OutboxStore& outbox() override = 0;
  PolicyStore& policies() override = 0;
  OrderStoryStore& order_stories() override = 0;
  CaseStore& cases() override = 0;
  AuditStore& audit() override = 0;
  EnrolmentStore& enrolments() override = 0;
  LeafStore& leaves() override = 0;

  virtual Stored<Done> begin_batch() = 0;
  /// On failure nothing of the batch is in the store.
  virtual Stored<Done> commit_batch() = 0;
  /// Undoes everything since begin_batch.
  virtual void roll_back_batch() = 0;
  /// Runs `work`, which writes through this store, as one function of it: what fails leaves nothing behind. In a
  /// batch, in a verdict's step, or in another one it may be too.
  virtual Stored<Done> as_one(const std::function<Stored<Done>()>& work) = 0;

  /// From now on every verdict runs this step too, behind those that are there. Before rounds are run, once.
  virtual void on_verdict(VerdictStep step) = 0;
};

}  // namespace chiploc
