// Counters belong to a key.
#include <sqlite3.h>

#include "server/storage/sqlite/open.hpp"
#include "tests/server/registry/world.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test {
namespace {

struct Chips {
  World world;
  SharedKey first = ec_key("P-256");
  SharedKey second = ec_key("P-256");

  static Digest digest(const Certificate& certificate) {
    return sha256(certificate.public_key()->spki_der());
  }
  Certificate certificate(const SharedKey& key) const {
    const PublicKey subject = PublicKey::from_spki_der(spki(key)).value();
    IssueRequest request;
    request.common_name = "chip";
    request.serial_number = chip_id(1).hex();
    request.from = kNow - std::chrono::hours{1};
    return world.authority.issue(request, subject).value();
  }
  static ByteVector spki(const SharedKey& key) {
    std::uint8_t* data = nullptr;
    const int size = i2d_PUBKEY(key.get(), &data);
    ByteVector out(data, data + size);
    OPENSSL_free(data);
    return out;
  }
  ImportPlan plan(const Certificate& certificate, const Registry::Snapshot& base) const {
    const std::string row =
        chip_id(1).hex() + ",S-1,Acme,LAB-100,L-1,knock," + csv_quoted(certificate.pem()) + "\n";
    return world.plan({world.makers(), world.licences(), World::chips(row)}, base);
  }
};

/// A round of the chip that ended with these counters.
void finish(Store& store, std::uint64_t round, const ChipCounters& counters) {
  RoundIntent began = intent(round);
  began.chip = chip_id(1);
  REQUIRE(store.rounds().log_intent(began));
  VerdictRecord ended = verdict(round, round, 1, 1, static_cast<std::int64_t>(round));
  ended.chip = chip_id(1);
  REQUIRE(store.verdicts().finish_round(ended, counters));
}

}  // namespace

TEST_CASE("counters: a certificate over another key begins anew, on record; over the same key they stay",
          "[storage]") {
  const Chips chips;
  const Folder folder;
  const auto store = folder.open();
  const auto old_certificate = chips.certificate(chips.first);
  const auto base = chips.plan(old_certificate, nullptr);
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  REQUIRE(store->registry().save_import(base, {"ada", at(1)}));
  const Digest first = Chips::digest(old_certificate);
  finish(*store, 1, {3, 41, blob("boot"), first});
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 41);

  const auto renewed = chips.plan(chips.certificate(chips.first), base.registry);
  REQUIRE(renewed.changed == 1);
  REQUIRE(store->registry().save_import(renewed, {"bob", at(2)}));
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 41);
  CHECK(store->rounds().counter_starts(chip_id(1), 9)->empty());

  const auto new_certificate = chips.certificate(chips.second);
  const auto rekeyed = chips.plan(new_certificate, renewed.registry);
  REQUIRE(rekeyed.changed == 1);
  REQUIRE(store->registry().save_import(rekeyed, {"eve", at(3)}));
  const Digest second = Chips::digest(new_certificate);
  const auto standing = store->rounds().chip_counters(chip_id(1), second).value();
  CHECK_FALSE(standing.last);
  REQUIRE(standing.started);
  CHECK(standing.started->by == "eve");
  CHECK(standing.started->at == at(3));
  CHECK(standing.started->reason.empty());
  REQUIRE(standing.started->before);
  CHECK(standing.started->before->round_counter == 41);
  // The old key, should it come back, goes on where it was.
  finish(*store, 2, {1, 1, {}, second});
  CHECK(store->rounds().chip_counters(chip_id(1), second)->last->round_counter == 1);
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 41);
  const auto back = chips.plan(chips.certificate(chips.first), rekeyed.registry);
  REQUIRE(back.changed == 1);
  REQUIRE(store->registry().save_import(back, {"mallory", at(4)}));
  CHECK_FALSE(store->rounds()
                  .chip_counters(chip_id(1), first)
                  ->started);  // it does not begin anew, and nothing says so
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 41);
  CHECK(store->rounds().counter_starts(chip_id(1), 9)->size() == 1);
}

TEST_CASE("counters: a restart needs counters and no round, forgets one key's only, and is on record",
          "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  const CounterStart start{chip_id(1), id<Digest>(7), at(9), "ada", "flash replaced"};
  CHECK(store->rounds().restart_counters(start).error().code == StoreFaultCode::kNotFound);
  finish(*store, 1, {3, 41, blob("boot"), id<Digest>(7)});
  finish(*store, 2, {5, 6, {}, id<Digest>(8)});
  RoundIntent open = intent(3);
  open.chip = chip_id(1);
  REQUIRE(store->rounds().log_intent(open));
  CHECK(store->rounds().restart_counters(start).error().code == StoreFaultCode::kConflict);
  CHECK(store->rounds().chip_counters(chip_id(1), id<Digest>(7))->last->round_counter == 41);
  REQUIRE(store->rounds().abandon_round(id<RoundId>(3), "why", at(4)));

  const auto restarted = store->rounds().restart_counters(start);
  REQUIRE(restarted);
  CHECK(restarted->before->boot_count == 3);
  CHECK_FALSE(store->rounds().chip_counters(chip_id(1), id<Digest>(7))->last);
  CHECK(store->rounds().chip_counters(chip_id(1), id<Digest>(7))->started->reason == "flash replaced");
  CHECK(store->rounds().chip_counters(chip_id(1), id<Digest>(8))->last->round_counter == 6);
  const auto starts = store->rounds().counter_starts(chip_id(1), 9).value();
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].by == "ada");
  CHECK(starts[0].before->round_counter == 41);
  CHECK(store->rounds().restart_counters(start).error().code == StoreFaultCode::kNotFound);
}

TEST_CASE("counters: those of a database from before they had keys stay in force for the key they were of",
          "[storage]") {
  const Chips chips;
  const Folder folder;
  const auto old_certificate = chips.certificate(chips.first);
  {
    auto db = Database::open(folder.options().path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 100).value();
    REQUIRE(migrate(*db, migrations().first(3)));
    auto round = db->query(
        "INSERT INTO rounds (round, chip, requested_by, intent_unix_ns, device_certificate, "
        "coordinator_public, state) "
        "VALUES (?, ?, 'ada', 1, ?, x'00', 2)");
    REQUIRE(round.bind(id<RoundId>(1)).bind(chip_id(1)).bind(old_certificate.der()).run());
    auto judged = db->query(
        "INSERT INTO verdicts (verdict, round_no, round, chip, state, decided_unix_ns, expires_unix_ns, "
        "summary, bytes) "
        "VALUES (?, 1, ?, ?, 1, 2, 3, x'', x'')");
    REQUIRE(judged.bind(id<VerdictId>(1)).bind(id<RoundId>(1)).bind(chip_id(1)).run());
    auto standing = db->query(
        "INSERT INTO standings (chip, rounds, boot_count, round_counter, boot_id) VALUES (?, 1, 3, 41, "
        "x'07')");
    REQUIRE(standing.bind(chip_id(1)).run());
  }
  // A database that others may read is refused.
  std::filesystem::permissions(folder.options().path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto store = folder.open();
  const Digest first = Chips::digest(old_certificate);
  const auto kept = store->rounds().chip_counters(chip_id(1), first).value();
  REQUIRE(kept.last);
  CHECK(*kept.last == ChipCounters{3, 41, ByteVector{7}, first});
  CHECK_FALSE(
      store->rounds().chip_counters(chip_id(1), Chips::digest(chips.certificate(chips.second)))->last);
  // Newer ones of the key take their place; a restart forgets both.
  finish(*store, 2, {4, 50, {}, first});
  CHECK(store->rounds().chip_counters(chip_id(1), first)->last->round_counter == 50);
  REQUIRE(store->rounds().restart_counters({chip_id(1), first, at(9), "ada", "why"}));
  CHECK_FALSE(store->rounds().chip_counters(chip_id(1), first)->last);
}

TEST_CASE(
    "store: a chip's long id and the authorities above it come back, in the registry and with its rounds",
    "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  const auto maker = make_ca("Solo CA");
  CertificateOrder order;
  order.common_name = "device identity";
  order.serial_number = "00112233445566778899aabbccddeeff00112233";
  order.extensions = kCaExtensions;
  const auto identity = make_certificate(order, &maker);
  order.common_name = "alias";
  order.extensions = kDeviceExtensions;
  order.key = {};
  const auto alias = make_certificate(order, &identity);
  const World world;
  const std::string row = order.serial_number + ",B1,Acme,H-1,L-1,knock," +
                          csv_quoted(alias.certificate.pem() + identity.certificate.pem()) + "\n";
  const auto makers = World::csv(ImportKind::kMakers, "makers.csv",
                                 "name,ca_pem\nAcme," + csv_quoted(maker.certificate.pem()) + "\n");
  const auto plan = world.plan({makers, world.licences(), World::chips(row)});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  REQUIRE(store->registry().save_import(plan, {"ada", at(1)}));
  const auto loaded = store->registry().load_registry().value();
  REQUIRE(loaded->find_chip(order.serial_number));
  const ChipRecord& chip = **loaded->find_chip(order.serial_number);
  CHECK(chip == *plan.chips.front());
  CHECK(chip.issuers.size() == 1);
  RoundIntent began = intent(1);
  began.chip = chip.id;
  began.device_issuers = chip.issuers;
  REQUIRE(store->rounds().log_intent(began));
  CHECK(store->rounds().evidence(began.round).value()->intent.device_issuers == chip.issuers);
}

}  // namespace chiploc::test
