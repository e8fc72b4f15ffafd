#include "server/grpc/operator_service.hpp"

#include <algorithm>
#include <future>

#include "tests/server/grpc/operator_calls.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("operator service: who is no admin of ours changes nothing", "[api][tls]") {
  OperatorWorld world;
  world.import({kChipA});
  const auto reader = world.stub(world.reader);
  const auto anchor = world.stub(world.anchor);
  const auto stranger = world.stub(world.stranger);

  CHECK(call<v1::ListChipsResponse>(*reader, &Stub::ListChips, v1::ListChipsRequest{}).first.ok());
  const auto imported = call<v1::ImportResponse>(*reader, &Stub::Import, world.files.request({kChipB})).first;
  CHECK(imported.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(imported.error_message() ==
        "the role reader may not import; use a registrar's or an admin's certificate");
  CHECK(world.registry().get()->chips().size() == 1);
  const auto measured = verify(*reader, kChipA).first;
  CHECK(measured.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(measured.error_message() ==
        "the role reader may not start a round; use a verifier's, an admin's or an analyst's certificate");
  CHECK(world.rounds().last_requested_by.empty());

  const auto listed = call<v1::ListChipsResponse>(*anchor, &Stub::ListChips, v1::ListChipsRequest{}).first;
  CHECK(listed.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(listed.error_message().find("the role \"anchor\"") == 0);
  const auto unknown = call<v1::ListChipsResponse>(*stranger, &Stub::ListChips, v1::ListChipsRequest{}).first;
  CHECK(unknown.error_code() == StatusCode::UNAVAILABLE);  // TLS ends it before anything is asked

  const auto status = call<v1::GetStatusResponse>(*reader, &Stub::GetStatus, v1::GetStatusRequest{}).second;
  CHECK(status.counters().at("api_refused_role") == 3);
  CHECK(status.counters().at("reports_rejected") == 7);
  CHECK(status.anchors_connected() == 1);
  CHECK(status.software_version() == "0.1.0");
}

TEST_CASE("operator service: chips are listed in pages, each once, in order", "[api]") {
  OperatorWorld world;
  std::vector<std::string> ids;
  for (int i = 10; i < 35; ++i) ids.push_back(chip_id("c0" + std::to_string(i)));
  world.import(ids);
  const auto stub = world.stub(world.admin);
  v1::ListChipsRequest request;
  request.set_page_size(10);
  std::vector<std::string> seen;
  std::vector<int> sizes;
  do {
    const auto [status, page] = call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request);
    REQUIRE(status.ok());
    sizes.push_back(page.chips_size());
    for (const auto& chip : page.chips()) seen.push_back(to_hex(bytes_of(chip.chip_id())));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(sizes == std::vector<int>{10, 10, 5});
  CHECK(seen == ids);

  request.set_page_size(25);  // exactly all: there is no empty page behind them
  CHECK(call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).second.next_page_token().empty());
  request.set_page_size(0);
  request.set_licence("L-2");
  CHECK(call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).second.chips_size() == 12);
  request.set_licence("L-9");
  CHECK(call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).first.error_code() ==
        StatusCode::NOT_FOUND);
}

TEST_CASE("operator service: chips are filtered by their latest verdict, across pages", "[api]") {
  OperatorWorld world;
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(chip_id("c00" + std::to_string(i)));
  world.import(ids);
  for (int i = 0; i < 6; ++i) {
    world.rounds().states[ids[static_cast<std::size_t>(i)]] = i == 4 ? v1::VERIFIED : v1::OUTSIDE;
    world.play_round(ids[static_cast<std::size_t>(i)]);
  }
  const auto stub = world.stub(world.admin);
  v1::ListChipsRequest request;
  request.set_page_size(2);
  request.add_states(v1::OUTSIDE);
  request.set_licence("L-1");  // chips 0, 2 and 4
  const auto first = call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).second;
  REQUIRE(first.chips_size() == 2);
  CHECK(to_hex(bytes_of(first.chips(1).chip_id())) == ids[2]);
  CHECK(first.chips(1).last_verdict().state() == v1::OUTSIDE);
  CHECK(first.chips(1).rounds() == 1);
  CHECK(first.chips(1).last_verdict().region_geojson().empty());
  CHECK(first.next_page_token().empty());
  request.clear_licence();
  const auto page = call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).second;
  request.set_page_token(page.next_page_token());
  CHECK(call<v1::ListChipsResponse>(*stub, &Stub::ListChips, request).second.chips_size() == 2);
}

TEST_CASE("operator service: a chip is found by id, prefix and serial number", "[api]") {
  OperatorWorld world;
  world.import({kChipA, kChipB, kChipC});
  const auto stub = world.stub(world.admin);
  const auto get = [&](const std::string& text) {
    v1::GetChipRequest request;
    request.set_chip(text);
    return call<v1::GetChipResponse>(*stub, &Stub::GetChip, request);
  };
  for (const std::string& text : {kChipB, std::string{"AAAA2"}, std::string{"SN-1"}}) {
    const auto [status, response] = get(text);
    REQUIRE(status.ok());
    CHECK(to_hex(bytes_of(response.chip().chip_id())) == kChipB);
    CHECK(response.chip().reach() == "inbound 192.0.2.9:7400");
    CHECK(response.chip().certificate_pem().find("-----BEGIN CERTIFICATE-----") == 0);
  }
  CHECK(get("aaaa").first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(get("bbb").first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(get("cccc").first.error_code() == StatusCode::NOT_FOUND);
  CHECK(get(std::string(200, 'a')).first.error_code() == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("operator service: a board's serial number is answered with the ids of its chips", "[api]") {
  OperatorWorld world;
  world.import({kChipA, kChipB, kChipC});
  const auto stub = world.stub(world.admin);
  v1::ImportRequest request = world.files.request({kChipA, kChipB, kChipC});
  for (auto& file : *request.mutable_files()) {
    std::string content = file.content();
    for (std::size_t at = 0; (at = content.find("SN-0", at)) != std::string::npos;)
      content.replace(at, 4, "SN-1");
    file.set_content(content);
  }
  const auto [imported, outcome] = call<v1::ImportResponse>(*stub, &Stub::Import, request);
  REQUIRE(imported.ok());
  REQUIRE(outcome.faults_total() == 0);
  v1::GetChipRequest get;
  get.set_chip("SN-1");
  const auto status = call<v1::GetChipResponse>(*stub, &Stub::GetChip, get).first;
  CHECK(status.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(status.error_message(), Catch::Contains("fits 2 chips: " + kChipA + ", " + kChipB) &&
                                         Catch::Contains("give the id of one"));
  get.set_chip("aaaa");
  CHECK_THAT(call<v1::GetChipResponse>(*stub, &Stub::GetChip, get).first.error_message(),
             Catch::Contains(kChipA));
}

TEST_CASE("operator service: counters are restarted by admins, with a reason, on record", "[api]") {
  OperatorWorld world;
  world.import({kChipA});
  const auto stub = world.stub(world.admin);
  const auto restart = [&](const std::string& chip, const std::string& reason) {
    v1::RestartCountersRequest request;
    request.set_chip(chip);
    request.set_reason(reason);
    return call<v1::RestartCountersResponse>(*stub, &Stub::RestartCounters, request);
  };
  CHECK(restart(kChipA, "lost").first.error_code() == StatusCode::NOT_FOUND);  // nothing to restart
  world.count_chip(kChipA, 3, 41);
  CHECK(restart(kChipA, "").first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(restart(kChipA, "a\nb").first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(restart("ffff", "lost").first.error_code() == StatusCode::NOT_FOUND);
  v1::RestartCountersRequest by_reader;
  by_reader.set_chip(kChipA);
  by_reader.set_reason("lost");
  CHECK(call<v1::RestartCountersResponse>(*world.stub(world.reader), &Stub::RestartCounters, by_reader)
            .first.error_code() == StatusCode::PERMISSION_DENIED);

  const auto get = [&](const Credentials& who) {
    v1::GetChipRequest request;
    request.set_chip(kChipA);
    return call<v1::GetChipResponse>(*world.stub(who), &Stub::GetChip, request).second.chip();
  };
  CHECK(get(world.admin).counters().round_counter() == 41);
  const auto [status, answer] = restart("SN-0", "flash replaced");
  INFO(status.error_message());
  REQUIRE(status.ok());
  CHECK(to_hex(bytes_of(answer.chip_id())) == kChipA);
  CHECK(answer.start().before().boot_count() == 3);
  CHECK(answer.start().reason() == "flash replaced");
  const v1::Chip after = get(world.admin);
  CHECK_FALSE(after.has_counters());
  REQUIRE(after.counter_starts_size() == 1);
  CHECK(after.counter_starts(0).before().round_counter() == 41);
  CHECK_FALSE(after.counter_starts(0).started_by().empty());
  CHECK(get(world.reader).counter_starts().empty());
}

TEST_CASE("operator service: a round is judged again for admins, and says why it cannot be", "[api]") {
  OperatorWorld world;
  world.import({kChipA});
  world.play_round(kChipA);  // without a context, as rounds of before
  v1::ReplayVerdictRequest request;
  request.set_verdict(kChipA);
  const auto refused =
      call<v1::ReplayVerdictResponse>(*world.stub(world.reader), &Stub::ReplayVerdict, request).first;
  CHECK(refused.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(refused.error_message() ==
        "the role reader may not have a round judged again; use an auditor's or an admin's certificate");
  const auto stub = world.stub(world.admin);
  const auto [status, answer] = call<v1::ReplayVerdictResponse>(*stub, &Stub::ReplayVerdict, request);
  REQUIRE(status.ok());
  CHECK(answer.outcome() == v1::REPLAY_CANNOT);
  CHECK_FALSE(answer.cannot_because().empty());
  request.mutable_policy()->set_name("p.toml");
  request.mutable_policy()->set_content("[policy]\nfaults = 99\n");
  const auto faulty = call<v1::ReplayVerdictResponse>(*stub, &Stub::ReplayVerdict, request).first;
  CHECK(faulty.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(faulty.error_message().find("p.toml:2: policy.faults") == 0);
}

TEST_CASE("operator service: an import with faults names each and changes nothing", "[api][import]") {
  OperatorWorld world;
  const auto stub = world.stub(world.admin);
  v1::ImportRequest request = world.files.request({kChipA});
  request.mutable_files(1)->set_content(
      "id,holder,countries,valid_from,valid_to\nL-1,A,DE,2026-01-01,2027-12-31\n"
      "L-2,B,Germany,2026-01-01,2027-12-31\n");
  const auto [status, faulty] = call<v1::ImportResponse>(*stub, &Stub::Import, request);
  REQUIRE(status.ok());
  REQUIRE(faulty.faults_total() >= 1);
  CHECK(faulty.faults(0).file() == "licences.csv");
  CHECK(faulty.faults(0).line() == 3);
  CHECK(faulty.faults(0).field() == "countries");
  CHECK_FALSE(faulty.faults(0).problem().empty());
  CHECK(faulty.added() == 0);
  CHECK(world.registry().get()->licences().empty());

  request = world.files.request({kChipA});
  request.set_dry_run(true);
  const auto tried = call<v1::ImportResponse>(*stub, &Stub::Import, request).second;
  CHECK(tried.faults_total() == 0);
  CHECK(tried.added() > 0);
  CHECK(world.registry().get()->version() == 0);

  request.set_dry_run(false);
  const auto imported = call<v1::ImportResponse>(*stub, &Stub::Import, request).second;
  CHECK(imported.added() == tried.added());
  CHECK(world.registry().get()->chips().size() == 1);
  const auto stored = world.reader_of_store().registry().load_registry();
  REQUIRE(stored);
  CHECK((*stored)->version() == world.registry().get()->version());
  CHECK((*stored)->chips().size() == 1);
  const auto journal = world.reader_of_store().registry().imports(10);
  REQUIRE(journal);
  REQUIRE(journal->size() == 1);
  CHECK(journal->front().stamp.by == "alice");
  CHECK(journal->front().stamp.at == kWorldNow);

  const auto again = call<v1::ImportResponse>(*stub, &Stub::Import, request).second;
  CHECK(again.added() == 0);
  CHECK(again.unchanged() == imported.added());
}

TEST_CASE("operator service: licences and anchors come with their counts and connections", "[api]") {
  OperatorWorld world;
  world.import({kChipA, kChipB, kChipC});
  const auto stub = world.stub(world.reader);
  const auto licences =
      call<v1::ListLicencesResponse>(*stub, &Stub::ListLicences, v1::ListLicencesRequest{}).second;
  REQUIRE(licences.licences_size() == 2);
  CHECK(licences.licences(0).chips() == 2);
  CHECK(licences.licences(0).valid_to() == "2027-12-31");
  CHECK(licences.prohibited_size() == 2);
  const auto anchors =
      call<v1::ListAnchorsResponse>(*stub, &Stub::ListAnchors, v1::ListAnchorsRequest{}).second;
  REQUIRE(anchors.anchors_size() == 2);
  CHECK(anchors.anchors(0).connected());
  CHECK(anchors.anchors(0).spool_dropped() == 3);
  CHECK_FALSE(anchors.anchors(1).connected());
  CHECK(anchors.anchors(1).address() == "192.0.2.2:7411");
}

TEST_CASE("operator service: verify streams start, progress and verdict, in the name of who asked",
          "[api][verify]") {
  OperatorWorld world;
  world.import({kChipA});
  const auto stub = world.stub(world.admin);
  const auto [status, events] = verify(*stub, "SN-0", 20'000);
  REQUIRE(status.ok());
  REQUIRE(events.size() == 4);
  CHECK(events[0].started().anchors_size() == 2);
  CHECK(events[1].progress().rtt_min_ns() == 3'210'000);
  CHECK(events[2].progress().stage() == "absent");
  CHECK(events[3].verdict().state() == v1::VERIFIED);
  CHECK(events[3].verdict().anchors_size() == 2);
  CHECK(world.rounds().last_requested_by == "alice");
  CHECK(world.rounds().last_deadline.count() == 20'000);

  CHECK(verify(*stub, "SN-9").first.error_code() == StatusCode::NOT_FOUND);
  CHECK(verify(*stub, "SN-0", 5).first.error_code() == StatusCode::INVALID_ARGUMENT);
  world.rounds().refuse = RoundFault::kAlreadyRunning;
  CHECK(verify(*stub, "SN-0").first.error_code() == StatusCode::ABORTED);
  world.rounds().refuse = RoundFault::kTooManyRounds;
  CHECK(verify(*stub, "SN-0").first.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  world.rounds().refuse.reset();
  world.rounds().abandon = RoundFault::kShuttingDown;
  const auto [abandoned, seen] = verify(*stub, "SN-0");
  CHECK(abandoned.error_code() == StatusCode::UNAVAILABLE);
  CHECK(seen.size() == 3);
}

TEST_CASE("operator service: a watcher who goes away cancels nothing but the stream", "[api][verify]") {
  OperatorWorld world;
  world.import({kChipA});
  const auto stub = world.stub(world.admin);
  grpc::ClientContext context;
  std::promise<void> gone;
  world.rounds().before_verdict = [&] { gone.get_future().wait(); };
  v1::VerifyRequest request;
  request.set_chip(kChipA);
  const auto reader = stub->Verify(&context, request);
  v1::VerifyEvent event;
  REQUIRE(reader->Read(&event));  // the round has begun
  context.TryCancel();
  while (reader->Read(&event)) {
  }
  CHECK(reader->Finish().error_code() == StatusCode::CANCELLED);
  gone.set_value();  // only now does the round end
  world.rounds().wait();
  const auto stored =
      call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, v1::ListVerdictsRequest{}).second;
  REQUIRE(stored.verdicts_size() == 1);
  CHECK(stored.verdicts(0).state() == v1::VERIFIED);
}

TEST_CASE("operator service: verdicts are listed newest first, in pages, by chip and state", "[api]") {
  OperatorWorld world;
  world.import({kChipA, kChipB});
  world.rounds().states[kChipB] = v1::SILENT;
  for (int i = 0; i < 5; ++i) world.play_round(i % 2 == 0 ? kChipA : kChipB);
  const auto stub = world.stub(world.admin);
  v1::ListVerdictsRequest request;
  request.set_page_size(2);
  std::vector<std::int64_t> times;
  do {
    const auto page = call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request).second;
    for (const auto& verdict : page.verdicts()) times.push_back(verdict.decided_unix_ns());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  REQUIRE(times.size() == 5);
  CHECK(std::is_sorted(times.rbegin(), times.rend()));
  request.set_page_size(0);
  request.set_chip("aaaa2");
  CHECK(call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request).second.verdicts_size() == 2);
  request.clear_chip();
  request.add_states(v1::SILENT);
  CHECK(call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request).second.verdicts_size() == 2);
  request.set_page_token("rubbish");
  CHECK(call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request).first.error_code() ==
        StatusCode::INVALID_ARGUMENT);
  request.Clear();
  request.set_page_size(501);
  CHECK(call<v1::ListVerdictsResponse>(*stub, &Stub::ListVerdicts, request).first.error_code() ==
        StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("operator service: a verdict is found by id, prefix and chip; what fits two things is refused",
          "[api]") {
  OperatorWorld world;
  const std::string like_a_verdict = chip_id("e0e0");  // the first verdict's id is e0e0e0...
  world.import({kChipA, kChipB, like_a_verdict});
  world.play_round(kChipA);
  world.play_round(kChipA);
  const auto stub = world.stub(world.admin);
  const auto get = [&](const std::string& text) {
    return call<v1::GetVerdictResponse>(*stub, &Stub::GetVerdict, verdict_request(text));
  };
  CHECK(to_hex(bytes_of(get("e1e1").second.verdict().verdict_id())) == "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1");
  CHECK(to_hex(bytes_of(get("aaaa1").second.verdict().verdict_id())).substr(0, 4) == "e1e1");  // the newest
  CHECK(get("SN-0").first.ok());
  CHECK(get("e1e1").second.verdict().region_geojson().find("MultiPolygon") != std::string::npos);
  CHECK(get("e0e0").first.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(get("e0e0").first.error_message() == "\"e0e0\" fits a chip and a verdict; give more digits");
  CHECK(get("e0e0e").first.ok());
  CHECK(get("SN-1").first.error_code() == StatusCode::NOT_FOUND);
  CHECK(get("SN-1").first.error_message().find(
            ", serial SN-1, licence L-2, has no verdict yet; measure it") != std::string::npos);
  CHECK(get("ffff").first.error_code() == StatusCode::NOT_FOUND);
  CHECK(get("ff").first.error_code() == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("operator service: readers get verdicts without places and no evidence", "[api][roles]") {
  OperatorWorld world;
  world.import({kChipA});
  world.play_round(kChipA);
  const auto reader = world.stub(world.reader);
  const auto admin = world.stub(world.admin);
  const auto get = [&](Stub& stub, bool evidence) {
    return call<v1::GetVerdictResponse>(stub, &Stub::GetVerdict, verdict_request("e0e0", evidence));
  };
  const auto seen = get(*reader, false).second.verdict();
  CHECK(seen.state() == v1::VERIFIED);
  CHECK(seen.reasons_size() == 1);
  CHECK(seen.anchors_size() == 0);
  CHECK_FALSE(seen.has_estimate());
  CHECK_FALSE(seen.has_posterior());
  CHECK_FALSE(seen.has_region_centre());
  CHECK(seen.region_geojson().empty());
  CHECK(get(*reader, true).first.error_code() == StatusCode::PERMISSION_DENIED);
  const auto listed =
      call<v1::ListVerdictsResponse>(*reader, &Stub::ListVerdicts, v1::ListVerdictsRequest{}).second;
  CHECK_FALSE(listed.verdicts(0).has_estimate());
  const auto chips = call<v1::ListChipsResponse>(*reader, &Stub::ListChips, v1::ListChipsRequest{}).second;
  CHECK_FALSE(chips.chips(0).last_verdict().has_region_centre());
  v1::GetChipRequest chip;
  chip.set_chip(kChipA);
  CHECK(
      call<v1::GetChipResponse>(*reader, &Stub::GetChip, chip).second.chip().last_verdict().anchors_size() ==
      0);

  const auto evidence = get(*admin, true).second.evidence();
  CHECK(evidence.requested_by() == "alice");
  CHECK(evidence.tickets_size() == 1);
  CHECK(evidence.tickets(0).size() == 220);
  CHECK(evidence.reports_size() == 1);
  CHECK(evidence.reports(0).signature() == std::string(64, 's'));
  CHECK(evidence.close_order() == "close order");
  CHECK(evidence.statements(0) == "statement");
  CHECK(evidence.anchor_publics().size() == 2);
  CHECK(evidence.verdict().state() == v1::VERIFIED);
  CHECK_FALSE(evidence.device_certificate().empty());
}

}  // namespace
}  // namespace chiploc::test
