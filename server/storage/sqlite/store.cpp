#include "server/storage/sqlite/store.hpp"

#include "server/storage/sqlite/audits.hpp"
#include "server/storage/sqlite/cases.hpp"
#include "server/storage/sqlite/enrolments.hpp"
#include "server/storage/sqlite/events.hpp"
#include "server/storage/sqlite/leaves.hpp"
#include "server/storage/sqlite/mesh.hpp"
#include "server/storage/sqlite/order_stories.hpp"
#include "server/storage/sqlite/outbox.hpp"
#include "server/storage/sqlite/policies.hpp"
#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/rounds.hpp"
#include "server/storage/sqlite/statuses.hpp"
#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<WriterLock> lock, std::unique_ptr<Database> db)
      : writer_{std::move(lock), std::move(db)} {}

  RegistryStore& registry() override { return registry_; }
  RoundStore& rounds() override { return rounds_; }
  VerdictStore& verdicts() override { return verdicts_; }
  MeshStore& mesh() override { return mesh_; }
  StatusStore& statuses() override { return statuses_; }
  OutboxStore& outbox() override { return outbox_; }
  PolicyStore& policies() override { return policies_; }
  OrderStoryStore& order_stories() override { return order_stories_; }
  CaseStore& cases() override { return cases_; }
  AuditStore& audit() override { return audit_; }
  EventReader& events() override { return events_; }
  EnrolmentStore& enrolments() override { return enrolments_; }
  LeafStore& leaves() override { return leaves_; }

  Stored<Done> begin_batch() override { return writer_.begin_batch(); }
  Stored<Done> commit_batch() override { return writer_.commit_batch(); }
  void roll_back_batch() override { writer_.roll_back_batch(); }
  Stored<Done> as_one(const std::function<Stored<Done>()>& work) override {
    return writer_.atomically([&] { return work(); });
  }
  void on_verdict(VerdictStep step) override { verdicts_.add_step(std::move(step)); }

 private:
  WriterConnection writer_;
  SqliteRegistry registry_{writer_};
  SqliteRounds rounds_{writer_};
  SqliteVerdicts verdicts_{writer_, *this};
  SqliteMesh mesh_{writer_};
  SqliteStatuses statuses_{writer_};
  SqliteOutbox outbox_{writer_};
  SqlitePolicies policies_{writer_};
  SqliteOrderStories order_stories_{writer_};
  SqliteCases cases_{writer_};
  SqliteAudits audit_{writer_};
  SqliteEvents events_{writer_};
  SqliteEnrolments enrolments_{writer_};
  SqliteLeaves leaves_{writer_};
};

class SqliteReader final : public StoreReader {
 public:
  explicit SqliteReader(std::unique_ptr<Database> db) : connection_{std::move(db)} {}

  RegistryReader& registry() override { return registry_; }
  RoundReader& rounds() override { return rounds_; }
  VerdictReader& verdicts() override { return verdicts_; }
  MeshReader& mesh() override { return mesh_; }
  StatusReader& statuses() override { return statuses_; }
  OutboxReader& outbox() override { return outbox_; }
  PolicyReader& policies() override { return policies_; }
  OrderStoryReader& order_stories() override { return order_stories_; }
  CaseReader& cases() override { return cases_; }
  AuditReader& audit() override { return audit_; }
  EventReader& events() override { return events_; }
  EnrolmentReader& enrolments() override { return enrolments_; }
  LeafReader& leaves() override { return leaves_; }

 private:
  Connection connection_;
  SqliteRegistryReads<RegistryReader> registry_{connection_};
  SqliteRoundReads<RoundReader> rounds_{connection_};
  SqliteVerdictReads<VerdictReader> verdicts_{connection_};
  SqliteMeshReads<MeshReader> mesh_{connection_};
  SqliteStatusReads<StatusReader> statuses_{connection_};
  SqliteOutboxReads<OutboxReader> outbox_{connection_};
  SqlitePolicyReads<PolicyReader> policies_{connection_};
  SqliteOrderStoryReads<OrderStoryReader> order_stories_{connection_};
  SqliteCaseReads<CaseReader> cases_{connection_};
  SqliteAuditReads<AuditReader> audit_{connection_};
  SqliteEvents events_{connection_};
  SqliteEnrolmentReads<EnrolmentReader> enrolments_{connection_};
  SqliteLeafReads<LeafReader> leaves_{connection_};
};

}  // namespace

Stored<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
  auto lock = WriterLock::take(options.path);
  if (!lock) return Fail{lock.error()};
  const auto file = prepare_file(options.path, /*create=*/true);
  if (!file) return Fail{file.error()};
  auto db = open_writer(options, migrations());
  if (!db) return Fail{db.error()};
  return std::unique_ptr<Store>{std::make_unique<SqliteStore>(std::move(*lock), std::move(*db))};
}

Stored<std::unique_ptr<StoreReader>> open_sqlite_reader(const SqliteOptions& options) {
  const auto file = prepare_file(options.path, /*create=*/false);
  if (!file) return Fail{file.error()};
  auto db = open_reader(options, migrations());
  if (!db) return Fail{db.error()};
  return std::unique_ptr<StoreReader>{std::make_unique<SqliteReader>(std::move(*db))};
}

}  // namespace chiploc
