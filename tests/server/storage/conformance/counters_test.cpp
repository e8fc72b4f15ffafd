// Counters belong to a key.
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/counter_fixture.hpp"

namespace chiploc::test {

TEST_CASE("counters: a certificate over another key begins anew, on record; over the same key they stay",
          "[storage][conformance]") {
  const Chips chips;
  const auto backend = each_backend();
  const auto store = backend->open();
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
          "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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

TEST_CASE(
    "store: a chip's long id and the authorities above it come back, in the registry and with its rounds",
    "[storage][conformance]") {
  const auto backend = each_backend();
  const auto store = backend->open();
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
