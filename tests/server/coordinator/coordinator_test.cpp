#include <asio/post.hpp>

#include "server/verifier/verdict_view.hpp"
#include "tests/support/coordinator_bench.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using test::await;
using test::Bench;
using test::ScriptedAnchor;

TEST_CASE("coordinator: a round runs from intent to verdict, and the disk is always ahead of the wire") {
  Bench bench;
  std::atomic<bool> intent_before_prepare{false};
  bench.anchors[0]->on_any = [&](const v1::CoordinatorMessage& message) {
    if (!message.has_prepare()) return;
    const auto round = RoundId::from_bytes(bytes_of(message.prepare().round_id())).value();
    intent_before_prepare = bench.reader->rounds().evidence(round).value().has_value();
  };
  bench.run();
  bench.attach_all();
  Bench::Watched watched;
  auto ended = watched.ended.get_future();
  const Digest certificate = sha256(bytes_of(std::string_view{"tester's certificate"}));
  bench.coordinator->start(bench.world.chip, {"tester", certificate}, 0ms, watched.observer());
  const RoundId round = await(watched.started.get_future());
  const auto outcome = await(std::move(ended));
  const auto* verdict = std::get_if<v1::Verdict>(&outcome);
  REQUIRE(verdict != nullptr);
  CHECK(verdict->state() == v1::CLEARED);
  CHECK(intent_before_prepare);
  const auto stored = bench.reader->rounds().evidence(round).value();
  REQUIRE(stored);
  CHECK(stored->state == RoundState::kFinished);
  CHECK(stored->intent.requested_by == "tester");
  CHECK(stored->intent.requested_with == certificate);
  CHECK(stored->tickets.size() == 3);
  CHECK(stored->reports.size() == 3);
  CHECK(stored->close_order.size() == CloseOrder::kSize);
  CHECK(stored->statements.size() == 1);
  v1::Verdict kept;
  REQUIRE(read_verdict(string_of(stored->verdict), stored->verdict_format, kept));
  CHECK(kept.SerializeAsString() == verdict->SerializeAsString());
  CHECK(bench.counters().last.has_value());
  bench.stop();
  int acknowledged = 0;
  for (const auto& anchor : bench.anchors) acknowledged += anchor->acknowledged;
  CHECK(acknowledged == 4);  // three reports and the statement
}

TEST_CASE(
    "coordinator: an anchor that makes up statements neither condemns a chip "
    "nor keeps its own from counting") {
  Bench bench;
  bench.run();
  bench.attach_all();
  const auto verdict_of_round = [&] {
    Bench::Watched watched;
    auto ended = watched.ended.get_future();
    bench.coordinator->start(bench.world.chip, "tester", 0ms, watched.observer());
    const auto outcome = await(std::move(ended));
    REQUIRE(std::holds_alternative<v1::Verdict>(outcome));
    return std::get<v1::Verdict>(outcome);
  };
  bench.anchors[1]->made_up_statements = 6;  // the nearest, asked first
  CHECK(verdict_of_round().state() == v1::CLEARED);
  CHECK(bench.coordinator->status().counters.at("statements_doubted") >= 1);

  // More perspectives than the fault budget say that this is what the chip signed.
  bench.anchors[0]->made_up_statements = 1;
  bench.anchors[2]->made_up_statements = 1;
  const auto verdict = verdict_of_round();
  CHECK(verdict.state() == v1::INVALID);
  CHECK(verdict.reasons(0).code() == "statement_malformed");
}

TEST_CASE("coordinator: the mesh teaches places, and shows an anchor that cannot be where it says") {
  CoordinatorOptions options;
  options.policy.fault_budget = 3;  // of three anchors: every verdict stays open
  Bench bench{options};
  bench.run();
  bench.attach_all();
  const v1::Verdict before = bench.verdict_of_round();
  CHECK(before.state() == v1::UNRESOLVED);
  CHECK_FALSE(before.has_posterior());
  CHECK(bench.coordinator->status().place_model_version.empty());
  // Berlin, Amsterdam, Paris; between the last two 2 ms are too few for 430 km.
  bench.anchors[0]->report_mesh({{1, 9ms}, {2, 14ms}});
  bench.anchors[1]->report_mesh({{0, 9ms}, {2, 2ms}});
  bench.anchors[2]->report_mesh({{0, 14ms}, {1, 2ms}});
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (bench.coordinator->status().place_model_version.empty() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK_FALSE(bench.coordinator->status().place_model_version.empty());
  std::vector<std::string> problems;
  for (const AnchorStatus& anchor : bench.coordinator->anchors()) {
    CHECK(anchor.connected);
    if (!anchor.place_problem.empty()) problems.push_back(anchor.place_problem);
  }
  REQUIRE(problems.size() == 2);  // nothing tells which: in the rows of both
  for (const std::string& problem : problems) CHECK(problem.starts_with("cannot be where it says: "));
  const auto either = [&](const char* text) {
    return problems[0].ends_with(text) || problems[1].ends_with(text);
  };
  CHECK(either("; or else par cannot"));
  CHECK(either("; or else ams cannot"));

  const v1::Verdict after = bench.verdict_of_round();
  CHECK(after.state() == v1::UNRESOLVED);
  CHECK(after.posterior().method() == bench.coordinator->status().place_model_version);
  CHECK(after.posterior().countries_size() > 0);
  CHECK(bench.coordinator->status().rounds_in_flight == 0);
  const auto stored = bench.reader->rounds().evidence(bench.last_round).value();
  REQUIRE(stored);
  v1::Verdict kept;
  REQUIRE(read_verdict(string_of(stored->verdict), stored->verdict_format, kept));
  CHECK(kept.SerializeAsString() == after.SerializeAsString());
}

TEST_CASE(
    "coordinator: a key that was elsewhere a moment ago verifies nothing, and is remembered across restarts") {
  CoordinatorOptions options;
  options.policy.fault_budget = 0;
  Bench bench{options};
  bench.run();
  bench.attach_all();
  bench.world.chip_place = {.lat = 52.4, .lon = 13.1};  // by Berlin, as licensed
  const v1::Verdict home = bench.verdict_of_round();
  CHECK(home.state() == v1::VERIFIED);
  CHECK(home.reasons(0).code() == "inside_licence");
  const RoundId first = bench.last_round;
  const auto seen = bench.reader->rounds().last_sighting(bench.world.chip).value();
  REQUIRE(seen);
  CHECK(seen->round == first);
  CHECK(seen->from < seen->to);

  bench.world.chip_place = {.lat = 48.8, .lon = 2.5};  // by Paris
  const v1::Verdict away = bench.verdict_of_round();
  CHECK(away.state() == v1::OUTSIDE);
  REQUIRE(away.reasons_size() >= 2);
  CHECK(away.reasons(0).code() == "outside_licence");
  CHECK(away.reasons(away.reasons_size() - 1).code() == "impossible_travel");
  CHECK(away.reasons(away.reasons_size() - 1).text().find(first.hex()) != std::string::npos);

  bench.world.chip_place = {.lat = 52.4, .lon = 13.1};
  const v1::Verdict back = bench.verdict_of_round();
  CHECK(back.state() == v1::UNRESOLVED);
  CHECK(back.reasons(0).code() == "impossible_travel");
  const v1::Verdict stays = bench.verdict_of_round();
  CHECK(stays.state() == v1::VERIFIED);
}

TEST_CASE("coordinator: a place that rested on an anchor since corrected accuses nobody") {
  const int changed = GENERATE(0, 1, 2, 3);  // place, uncertainty, key of the chip, nothing
  CAPTURE(changed);
  CoordinatorOptions options;
  options.policy.fault_budget = 0;
  Bench bench{options};
  bench.run();
  bench.attach_all();
  bench.world.chip_place = {.lat = 52.4, .lon = 13.1};  // by Berlin
  CHECK(bench.verdict_of_round().state() == v1::VERIFIED);

  // The registry had been wrong; the chip stands where it stood, and is now measured as by Paris.
  std::promise<void> imported;
  asio::post(bench.io, [&] {
    Registry next = *bench.registry;
    AnchorRecord anchor = *next.anchor("ams");
    if (changed == 0) anchor.place.lat += 0.02;
    if (changed == 1) anchor.uncertainty = Kilometers{20.0};
    if (changed <= 1) next.put(anchor);
    if (changed == 2) {
      bench.world.device_key = generate_key(SignatureAlgorithm::kEd25519);
      IssueRequest request;
      request.common_name = "chip";
      request.serial_number = bench.world.chip.hex();
      request.days = 36'500;
      const Certificate made = bench.authority.issue(request, bench.world.device_key->public_key()).value();
      bench.world.certificate = made.fingerprint();
      ChipRecord chip = *next.chip(bench.world.chip);
      chip.certificate.assign(made.der().begin(), made.der().end());
      next.put(chip);
    }
    bench.registry = std::make_shared<const Registry>(std::move(next));
    imported.set_value();
  });
  await(imported.get_future());
  bench.world.chip_place = {.lat = 48.8, .lon = 2.5};  // by Paris
  const v1::Verdict away = bench.verdict_of_round();
  const bool accused = std::any_of(away.reasons().begin(), away.reasons().end(),
                                   [](const auto& reason) { return reason.code() == "impossible_travel"; });
  CHECK(accused == (changed == 3));
  const auto counters = bench.coordinator->status().counters;
  CHECK(counters.count("sightings_not_compared_anchor_changed") == (changed <= 1 ? 1U : 0U));
  CHECK(counters.count("sightings_not_compared_key_changed") == (changed == 2 ? 1U : 0U));
  CHECK(counters.count("anchor_places_changed") == (changed <= 1 ? 1U : 0U));
  // The next round is held against this one, which rests on what is registered now.
  bench.world.chip_place = {.lat = 52.4, .lon = 13.1};
  CHECK(bench.verdict_of_round().reasons(0).code() == "impossible_travel");
}

TEST_CASE("coordinator: a deadline that no honest chip could keep starts no round, and names the least") {
  Bench bench;
  bench.run();
  bench.attach_all();
  const ChipRecord& knocking = *bench.registry->chip(bench.world.chip);
  const auto least = bench.coordinator->least_deadline(knocking);
  CHECK(least == 72'800ms);
  ChipRecord inbound = knocking;
  inbound.reach.inbound = Endpoint{};
  CHECK(bench.coordinator->least_deadline(inbound) == 10'400ms);
  const auto outcome = [&](std::chrono::milliseconds deadline) {
    Bench::Watched watched;
    auto ended = watched.ended.get_future();
    bench.coordinator->start(bench.world.chip, "tester", deadline, watched.observer());
    return await(std::move(ended));
  };
  for (const auto deadline : {1'000ms, 4'000ms, 15'000ms, least - 1ms})
    CHECK(std::get<RoundFault>(outcome(deadline)) == RoundFault::kDeadlineTooShort);
  CHECK(std::holds_alternative<v1::Verdict>(outcome(least)));
  CHECK(std::holds_alternative<v1::Verdict>(outcome(0ms)));  // the policy's 15 s, made long enough
  CHECK(bench.coordinator->status().counters.at("rounds_refused_deadline") == 4);
}

TEST_CASE("coordinator: of a site's chips, the one that is measured from elsewhere is named") {
  Bench bench{{}, 36'500, {{.lat = 48.21, .lon = 16.37}}};  // Vienna: a cohort needs four anchors
  bench.add_chip("T-2");
  bench.add_chip("T-3");
  Registry with_site = *bench.registry;
  with_site.put(
      area_territory("fra-campus",
                     R"({"type":"Polygon","coordinates":[[[8,50],[9,50],[9,50.5],[8,50.5],[8,50]]]})")
          .value());
  LicenceRecord licence = *with_site.licence("L-1");
  licence.places = {{}, {"fra-campus"}};
  with_site.put(licence);
  bench.registry = std::make_shared<const Registry>(std::move(with_site));
  bench.run();
  bench.attach_all();
  std::vector<bool> named;
  for (const bool elsewhere : {false, false, false, true}) {
    for (const auto& [id, chip] : bench.registry->chips()) {
      const bool last = id == bench.registry->chips().rbegin()->first;
      bench.choose_chip(*chip);
      bench.world.chip_place =
          elsewhere && last ? Degrees{.lat = 49.6, .lon = 8.0} : Degrees{.lat = 50.11, .lon = 8.68};
      const v1::Verdict verdict = bench.verdict_of_round();
      CHECK(verdict.state() != v1::INVALID);
      CHECK(verdict.licensed(0) == "fra-campus");
      CHECK(verdict.area_sha256().size() == 1);
      named.push_back(false);
      for (const auto& reason : verdict.reasons()) {
        if (reason.code() == "cohort_outlier") named.back() = true;
      }
    }
  }
  CHECK(named ==
        std::vector<bool>{false, false, false, false, false, false, false, false, false, false, false, true});
  CHECK(bench.coordinator->status().counters.at("cohort_outliers") == 1);
}

TEST_CASE("coordinator: a verdict that waits for what delays suggest is recorded when chiplocd stops") {
  CoordinatorOptions options;
  options.policy.fault_budget = 3;  // of three anchors: every verdict stays open
  Bench bench{options};
  bench.run();
  bench.attach_all();
  bench.anchors[0]->report_mesh({{1, 9ms}, {2, 14ms}});
  bench.anchors[1]->report_mesh({{0, 9ms}, {2, 7ms}});
  bench.anchors[2]->report_mesh({{0, 14ms}, {1, 7ms}});
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (bench.coordinator->status().place_model_version.empty() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  // Behind the statement in the coordinator's queue, and before the suggestion, which is queued when it is
  // done.
  std::promise<void> drained;
  std::atomic<int> asked{0};
  for (auto& anchor : bench.anchors) {
    anchor->after_statement = [&] {
      if (asked++ == 0) asio::post(bench.io, [&] { bench.coordinator->drain([&] { drained.set_value(); }); });
    };
  }
  const v1::Verdict verdict = bench.verdict_of_round();
  await(drained.get_future());
  CHECK(verdict.state() == v1::UNRESOLVED);
  CHECK_FALSE(verdict.has_posterior());
  const auto stored = bench.reader->rounds().evidence(bench.last_round).value();
  REQUIRE(stored);
  CHECK(stored->state == RoundState::kFinished);
}

TEST_CASE("coordinator: counters that went back are a rollback, unless they were restarted on record") {
  Bench bench;
  bench.chip.counter = 10;  // beyond what it signs when all anchors are asked, one after the other
  bench.run();
  bench.attach_all();
  CHECK(bench.verdict_of_round().state() == v1::CLEARED);
  const auto high = bench.counters().last.value();
  bench.chip.counter = 0;  // as one that lost its state
  const v1::Verdict rolled_back = bench.verdict_of_round();
  CHECK(rolled_back.state() == v1::INVALID);
  CHECK(rolled_back.reasons(0).code() == "counter_rollback");
  CHECK(bench.counters().last.value() == high);

  std::promise<void> restarted;
  REQUIRE(bench.store_thread->post(
      [&](Store& store) {
        CHECK(store.rounds().restart_counters(
            {bench.world.chip, high.signer, WallTime{1s}, "ada", "flash replaced"}));
      },
      [&](const Stored<Done>&) { restarted.set_value(); }));
  await(restarted.get_future());
  const v1::Verdict after = bench.verdict_of_round();
  CHECK(after.state() == v1::CLEARED);
  REQUIRE(after.reasons_size() > 0);
  const bool told =
      std::any_of(after.reasons().begin(), after.reasons().end(), [&](const v1::Reason& reason) {
        return reason.code() == "counters_restarted" &&
               reason.text().find("ada: flash replaced") != std::string::npos &&
               reason.text().find(std::to_string(high.round_counter)) != std::string::npos;
      });
  CHECK(told);
  CHECK(bench.counters().last.has_value());
}

TEST_CASE("coordinator: whether the maker vouches for the certificate is asked again at every round") {
  const auto verdict_with = [](Bench& bench) {
    bench.run();
    bench.attach_all();
    const auto verdict = bench.verdict_of_round();
    const auto stored = bench.reader->rounds().evidence(bench.last_round).value();
    REQUIRE(stored);
    // The record alone leads to the same reasons.
    const CheckedEvidence again = check_evidence(bench.evidence_of(*stored));
    if (again.reasons.empty()) {
      CHECK(verdict.state() == v1::CLEARED);
    } else {
      CHECK(again.reasons.front().code == verdict.reasons(0).code());
      CHECK(again.reasons.front().text == verdict.reasons(0).text());
    }
    return std::pair{verdict, stored->intent};
  };
  const WallTime day_2{48h};
  SECTION("a list that does not name the chip clears it") {
    Bench bench;
    bench.registry = bench.imported_list(bench.list_of({}, 1), day_2).value();
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::CLEARED);
    CHECK(intent.certificate_standing == "good");
    CHECK(intent.certificate_problem.empty());
  }
  SECTION("revoked: the round runs and is on record, and nothing of it counts") {
    Bench bench;
    const Certificate revoked[] = {bench.device};
    bench.registry = bench.imported_list(bench.list_of(revoked, 1), day_2).value();
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::INVALID);
    REQUIRE(verdict.reasons_size() > 0);
    CHECK(verdict.reasons(0).code() == "certificate_revoked");
    CHECK(verdict.countries().empty());
    CHECK(verdict.would_resolve_size() == 1);
    CHECK(intent.certificate_standing == "revoked");
    CHECK_THAT(intent.certificate_problem, Catch::Contains("revoked it"));
    CHECK(bench.reader->rounds().evidence(bench.last_round).value()->statements.size() == 1);
    CHECK_FALSE(bench.counters().last);
    CHECK(bench.coordinator->status().counters.at("rounds_without_valid_certificate") == 1);
  }
  SECTION("a list that is out of date") {
    Bench bench;
    bench.registry = bench.imported_list(bench.list_of({}, 1, 7), day_2).value();
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::UNRESOLVED);
    CHECK(verdict.reasons(0).code() == "revocation_list_stale");
    CHECK(intent.certificate_standing == "crl-stale");
  }
  SECTION("no list of the issuer, where the maker gives lists") {
    Bench bench;
    const auto other =
        CertificateAuthority::create("Other", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
    Registry next = *bench.registry;
    next.put(MakerRevocations{"Maker", {other.revoke({}, WallTime{}, 36'000).value()}});
    bench.registry = std::make_shared<const Registry>(std::move(next));
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::UNRESOLVED);
    CHECK(verdict.reasons(0).code() == "revocation_list_missing");
  }
  SECTION("expired since it was imported") {
    Bench bench{{}, /*days=*/3};
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::INVALID);
    CHECK(verdict.reasons(0).code() == "certificate_expired");
    CHECK(intent.certificate_standing == "expired");
  }
  SECTION("of an authority that is the maker's no longer") {
    Bench bench;
    const auto other =
        CertificateAuthority::create("Other", SignatureAlgorithm::kEs256, WallTime{}, 36'500).value();
    Registry next = *bench.registry;
    next.put(Maker{"Maker", {other.certificate().pem()}});
    bench.registry = std::make_shared<const Registry>(std::move(next));
    const auto [verdict, intent] = verdict_with(bench);
    CHECK(verdict.state() == v1::INVALID);
    CHECK(verdict.reasons(0).code() == "certificate_untrusted");
  }
}

TEST_CASE("coordinator: refuses streams that are not what they say, each with its reason") {
  Bench bench;
  bench.run();
  const auto refused = [&](std::size_t i, std::uint32_t version, const std::string& certificate) {
    auto ended = bench.anchors[i]->ended.get_future();
    bench.anchors[i]->attach(version, certificate);
    return await(std::move(ended));
  };
  const auto [version, text] = refused(0, kProtocolVersion + 1, "");
  CHECK(version == LinkEnd::kUnsupportedVersion);
  CHECK(text.find("speaks version " + std::to_string(kProtocolVersion)) != std::string::npos);
  CHECK(refused(1, kProtocolVersion, "somebody").first == LinkEnd::kWrongCertificate);
  bench.world.anchors[2].key = generate_key(SignatureAlgorithm::kEd25519);
  CHECK(refused(2, kProtocolVersion, "").first == LinkEnd::kNotRegistered);
  CHECK(bench.coordinator->status().anchors_connected == 0);
}

TEST_CASE("coordinator: a newer stream of an anchor replaces the older") {
  Bench bench;
  bench.run();
  bench.anchors[0]->attach();
  await(bench.anchors[0]->welcomed.get_future());
  auto ended = bench.anchors[0]->ended.get_future();
  const auto again = std::make_shared<ScriptedAnchor>(*bench.coordinator, bench.world, bench.chip, 0);
  again->attach();
  CHECK(await(std::move(ended)).first == LinkEnd::kReplaced);
  CHECK(bench.coordinator->status().anchors_connected == 1);
}

TEST_CASE("coordinator: says why it does not start a round") {
  CoordinatorOptions options;
  options.rounds_max = 1;
  Bench bench{options};
  bench.run();
  const auto fault = [&](ChipId chip) {
    Bench::Watched watched;
    auto ended = watched.ended.get_future();
    bench.coordinator->start(chip, "tester", 0ms, watched.observer());
    return std::get<RoundFault>(await(std::move(ended)));
  };
  CHECK(fault(random_id<ChipId>()) == RoundFault::kUnknownChip);
  CHECK(fault(bench.world.chip) == RoundFault::kNoAnchors);
  bench.attach_all();
  for (auto& anchor : bench.anchors) anchor->chip_answers = false;  // the round stays in flight
  bench.coordinator->start(bench.world.chip, "tester", 0ms, {});
  CHECK(fault(bench.world.chip) == RoundFault::kAlreadyRunning);
  CHECK(bench.coordinator->status().counters.at("rounds_refused") == 3);
}

TEST_CASE("coordinator: draining abandons what is in flight by name, and starts nothing more") {
  Bench bench;
  bench.run();
  bench.attach_all();
  for (auto& anchor : bench.anchors) anchor->chip_answers = false;
  Bench::Watched watched;
  auto ended = watched.ended.get_future();
  bench.coordinator->start(bench.world.chip, "tester", 0ms, watched.observer());
  const RoundId round = await(watched.started.get_future());
  auto link_ended = bench.anchors[1]->ended.get_future();
  std::promise<void> drained;
  bench.coordinator->drain([&] { drained.set_value(); });
  await(drained.get_future());
  CHECK(std::get<RoundFault>(await(std::move(ended))) == RoundFault::kShuttingDown);
  CHECK(await(std::move(link_ended)).first == LinkEnd::kShuttingDown);
  Bench::Watched late;
  auto late_ended = late.ended.get_future();
  bench.coordinator->start(bench.world.chip, "tester", 0ms, late.observer());
  CHECK(std::get<RoundFault>(await(std::move(late_ended))) == RoundFault::kShuttingDown);
  bench.stop();
  const auto stored = bench.reader->rounds().evidence(round).value();
  REQUIRE(stored);
  CHECK(stored->state == RoundState::kAbandoned);
  CHECK(stored->abandoned_because == "chiplocd was stopped");
}

TEST_CASE("coordinator: rounds that a crash cut are given up at the next start") {
  Bench bench;
  const auto round = random_id<RoundId>();
  RoundIntent intent;
  intent.round = round;
  intent.chip = bench.world.chip;
  intent.requested_by = "before the crash";
  std::promise<void> logged;
  REQUIRE(bench.store_thread->post([&](Store& s) { REQUIRE(s.rounds().log_intent(intent)); },
                                   [&](const Stored<Done>&) { logged.set_value(); }));
  await(logged.get_future());
  bench.coordinator->begin(bench.reader->rounds().open_rounds().value());
  bench.stop();
  CHECK(bench.reader->rounds().evidence(round).value()->state == RoundState::kAbandoned);
}

}  // namespace
}  // namespace chiploc
