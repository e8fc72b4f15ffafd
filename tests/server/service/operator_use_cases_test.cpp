#include "server/service/operator_use_cases.hpp"

#include <future>

#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

#ifdef GRPCPP_SUPPORT_STATUS_H
#error "the use cases reach gRPC"
#endif

namespace chiploc::test {
namespace {

v1::VerifyRequest verify_request(const std::string& chip, std::uint32_t deadline_ms = 0) {
  v1::VerifyRequest request;
  request.set_chip(chip);
  request.set_deadline_ms(deadline_ms);
  return request;
}

TEST_CASE("use cases: an answer is whole, whoever asks; the edge seals it", "[service]") {
  ServiceWorld world;
  v1::GetChipRequest request;
  request.set_chip("SN-1");
  const auto answer = world.cases.get_chip(request, kReader);
  REQUIRE(answer);
  CHECK(answer->chip().reach().find("inbound ") == 0);
  request.set_chip("SN-2");
  CHECK(world.cases.get_chip(request, kAdmin).error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("use cases: a chip comes with its last knock, its last proof, and its last verdict of each state",
          "[service]") {
  using namespace std::chrono_literals;
  ServiceWorld world;
  const ChipId chip = ChipId::from_hex_text(kChip).value();
  v1::GetChipRequest request;
  request.set_chip("SN-1");
  auto answer = world.cases.get_chip(request, kReader);
  REQUIRE(answer);
  CHECK(answer->chip().last_knock_unix_ns() == 0);
  CHECK(answer->chip().last_proof_unix_ns() == 0);
  CHECK(answer->chip().last_of_state().empty());

  world.rounds.knocks = KnockRhythm{WallTime{1'790'000'000s}, 26s, 50s};
  std::promise<bool> stored;
  REQUIRE(world.store.post(
      [chip](Store& store) {
        REQUIRE(store.mesh().append_knock(
            {chip, {}, WallTime{5s}, ByteVector{1}, WallTime{1'789'000'000s}, 1}, 1));
        std::uint8_t number = 0;
        for (const std::uint32_t state : {1U, 6U, 6U}) {
          RoundIntent intent;
          intent.round.bytes.fill(++number);
          intent.chip = chip;
          intent.requested_by = "test";
          REQUIRE(store.rounds().log_intent(intent));
          VerdictRecord verdict;
          verdict.id.bytes.fill(number);
          verdict.round = intent.round;
          verdict.chip = chip;
          verdict.state = state;
          verdict.decided = WallTime{number * 1s};
          REQUIRE(store.verdicts().finish_round(verdict, std::nullopt));
        }
      },
      [&stored](const Stored<Done>& committed) { stored.set_value(committed.has_value()); }));
  REQUIRE(stored.get_future().get());
  answer = world.cases.get_chip(request, kReader);
  REQUIRE(answer);
  CHECK(answer->chip().last_knock_unix_ns() == 1'790'000'000'000'000'000);
  CHECK(answer->chip().knocks_every_ns() == 26'000'000'000);
  CHECK(answer->chip().last_proof_unix_ns() == 1'789'000'000'000'000'000);
  REQUIRE(answer->chip().last_of_state_size() == 2);
  CHECK(answer->chip().last_of_state(0).state() == v1::SILENT);
  CHECK(answer->chip().last_of_state(0).decided_unix_ns() == 3'000'000'000);
  CHECK(answer->chip().last_of_state(0).verdict_id() == std::string(16, '\3'));
  CHECK(answer->chip().last_of_state(1).state() == v1::VERIFIED);
}

TEST_CASE("use cases: evidence is for auditors and admins, whatever the call's rule", "[service][roles]") {
  ServiceWorld world;
  v1::GetVerdictRequest request;
  request.set_verdict(kChip);
  CHECK(world.cases.get_verdict(request, kReader).error().code == ApiFaultCode::kNotFound);
  request.set_with_evidence(true);
  const auto refused = world.cases.get_verdict(request, kReader);
  CHECK(refused.error().code == ApiFaultCode::kWrongRole);
  CHECK(refused.error().text ==
        "the role reader may not see the evidence of a round; use an auditor's or an admin's certificate");
  CHECK(world.cases.get_verdict(request, kAdmin).error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("use cases: what an edge refused is counted and shown", "[service]") {
  ServiceWorld world;
  ApiCounters& counters = world.cases.counters();
  counters.count({ApiFaultCode::kWrongRole, ""});
  counters.count({ApiFaultCode::kBadField, ""});
  counters.count({ApiFaultCode::kBadField, ""});
  for (const auto other : {ApiFaultCode::kNoCertificate, ApiFaultCode::kNotFound, ApiFaultCode::kInternal})
    counters.count({other, ""});
  counters.progress_dropped = 4;
  const auto status = world.cases.get_status({}, kReader);
  CHECK(status->counters().at("api_refused_role") == 1);
  CHECK(status->counters().at("api_refused_request") == 2);
  CHECK(status->counters().at("api_progress_dropped") == 4);
}

TEST_CASE("use cases: a late answer comes once, a fault at once", "[service]") {
  ServiceWorld world;
  const auto import = [&](const v1::ImportRequest& request) {
    std::promise<Answer<v1::ImportResponse>> promise;
    world.cases.import(request, kAdmin,
                       [&](Answer<v1::ImportResponse> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  };
  v1::ImportRequest request;
  CHECK(import(request).error().text == "files: none; name at least one");
  auto& file = *request.add_files();
  file.set_kind(v1::LICENCES);
  file.set_name("licences.csv");
  file.set_format("csv");
  file.set_content("id,holder,countries,valid_from,valid_to\nL-1,Example,DE,2026-01-01,2027-12-31\n");
  const auto answer = import(request);
  REQUIRE(answer);
  CHECK(answer->added() == 1);
  CHECK(world.registry.get()->licences().size() == 1);

  v1::RestartCountersRequest restart;
  restart.set_chip(kChip);
  restart.set_reason("lost");
  ApiFault fault;
  world.cases.restart_counters(restart, kAdmin, [&](Answer<v1::RestartCountersResponse> got) {
    if (!got) fault = got.error();
  });
  CHECK(fault.code == ApiFaultCode::kDamaged);  // the chip of this test has no certificate
}

TEST_CASE("use cases: a watcher hears a round as messages, then how it ended", "[service]") {
  ServiceWorld world;
  std::vector<v1::VerifyEvent> events;
  std::vector<std::optional<ApiFault>> ends;
  const auto watcher = [&] {
    events.clear();
    ends.clear();
    return VerifyWatcher{[&](v1::VerifyEvent event) { events.push_back(std::move(event)); },
                         [&](const std::optional<ApiFault>& end) { ends.push_back(end); }};
  };
  world.rounds.play = [](const RoundObserver& observer) {
    observer.started({RoundId{}, {"fra1", "par1"}, std::chrono::seconds{61}, "it knocks about every 25 s"});
    observer.progress({"fra1", "pinging", 4, 3, Nanoseconds{3'210'000}});
    v1::Verdict verdict;
    verdict.set_state(v1::OUTSIDE);
    observer.verdict(verdict);
  };
  REQUIRE(world.cases.verify(verify_request(kChip), kAdmin, watcher()));
  CHECK(world.rounds.requested_by == "alice");
  REQUIRE(events.size() == 3);
  CHECK(events[0].started().anchors_size() == 2);
  CHECK(events[0].started().knock_wait_ms() == 61'000);
  CHECK(events[0].started().knock_note() == "it knocks about every 25 s");
  CHECK(events[1].progress().rtt_min_ns() == 3'210'000);
  CHECK(events[2].verdict().state() == v1::OUTSIDE);
  REQUIRE(ends.size() == 1);
  CHECK_FALSE(ends[0]);

  world.rounds.play = [](const RoundObserver& observer) { observer.abandoned(RoundFault::kNoAnchors); };
  REQUIRE(world.cases.verify(verify_request(kChip), kAdmin, watcher()));
  REQUIRE(ends.size() == 1);
  REQUIRE(ends[0]);
  CHECK(ends[0]->code == ApiFaultCode::kNotReady);

  world.rounds.play = [](const RoundObserver&) { FAIL("a round was begun"); };
  CHECK(world.cases.verify(verify_request("ffff"), kAdmin, watcher()).error().code ==
        ApiFaultCode::kNotFound);
  const auto hasty = world.cases.verify(verify_request(kChip, 4'999), kAdmin, watcher());
  CHECK(hasty.error().code == ApiFaultCode::kBadField);
  CHECK(hasty.error().text.find("use 5000 or more") != std::string::npos);
  CHECK(ends.empty());
}

}  // namespace
}  // namespace chiploc::test
