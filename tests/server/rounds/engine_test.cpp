// The rules of coordinating by events alone: simulated time, no thread.
#include "server/verifier/calibration_record.hpp"
#include "tests/support/engine_bench.hpp"

namespace chiploc::test {
namespace {

using namespace std::chrono_literals;
using Body = v1::CoordinatorMessage;

RoundEvidenceRecord record_of(EngineBench& bench, std::size_t round = 0) {
  auto record = bench.store->rounds().evidence(bench.started.at(round));
  REQUIRE(record);
  REQUIRE(*record);
  return **record;
}

TEST_CASE("engine: a round runs from intent to verdict, and the disk is always ahead of the wire",
          "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.run_for(1s);
  bench.store_works = false;
  bench.start();
  CHECK(bench.started.empty());
  CHECK(bench.sent(0, Body::kPrepare) == 0);
  CHECK(bench.journal->waiting() == 1);
  bench.journal->work();
  bench.settle();  // prepared, measured, closed and judged: but nothing of that is on the disk
  CHECK(bench.started.size() == 1);
  CHECK(bench.sent(0, Body::kAssign) == 1);
  CHECK(bench.verdicts.empty());
  CHECK(bench.sent(0, Body::kAcknowledge) == 0);
  CHECK_FALSE(bench.logged("round.decided"));
  bench.journal->work();  // tickets, reports, order, statement
  bench.settle();
  CHECK(bench.logged("round.decided"));
  CHECK(bench.verdicts.empty());
  bench.store_works = true;
  bench.settle();
  REQUIRE(bench.verdicts.size() == 1);
  CHECK(bench.verdicts[0].state() == v1::CLEARED);
  const auto stored = record_of(bench);
  CHECK(stored.state == RoundState::kFinished);
  CHECK(stored.intent.requested_by == "tester");
  CHECK(stored.reports.size() == 3);
  CHECK(stored.statements.size() == 1);
  CHECK(bench.sent(0, Body::kRelease) == 1);
  check_replay(bench.store->rounds(), bench.started[0]);
  CHECK_FALSE(bench.engine->next_deadline().has_value());  // and nothing is left to wait for
}

TEST_CASE("engine: a round keeps whom it is about, and which anchors were registered", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.run_for(1s);
  bench.start();
  bench.settle();
  REQUIRE(bench.verdicts.size() == 1);
  CHECK(bench.verdicts[0].licence() == "L-1");
  CHECK(bench.verdicts[0].licence_holder() == "Example Ltd");
  CHECK_FALSE(bench.verdicts[0].serial().empty());
  RoundReader& rounds = bench.store->rounds();
  const auto calibration_of = [&](const RoundId& round) {
    v1::RoundContext context;
    const auto bytes = rounds.context(round).value().value();
    REQUIRE(context.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    CHECK(context.explained_by() == kExplained);
    return parse_calibration(
               rounds.calibration(Digest::from_bytes(bytes_of(context.calibration_sha256())).value())
                   .value()
                   .value())
        .value();
  };
  const std::size_t before = bench.registry->anchors().size();
  CHECK(calibration_of(bench.started[0]).known.size() == before);

  // An import of another anchor makes another calibration.
  auto more = std::make_shared<Registry>(*bench.registry);
  AnchorRecord added = *bench.registry->anchors().begin()->second;
  added.name = "added";
  added.id = AnchorId{};
  added.endpoint.port = 9'999;
  more->put(added);
  bench.registry = more;
  bench.start();
  bench.settle();
  REQUIRE(bench.started.size() == 2);
  CHECK(calibration_of(bench.started[1]).known.size() == before + 1);
  CHECK(calibration_of(bench.started[1]).known.front().name == "added");  // by id
  check_replay(bench.store->rounds(), bench.started[1]);
}

TEST_CASE("engine: a policy that comes into force judges rounds that begin from then on", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.run_for(1s);
  bench.store_works = false;
  bench.start();
  const Policy strict{.fault_budget = 2, .version = "strict"};
  bench.engine->on_policy(strict);
  CHECK(bench.engine->take_changes().standing->policy_version == "strict");
  bench.store_works = true;
  bench.settle();
  REQUIRE(bench.verdicts.size() == 1);
  CHECK(bench.logged("policy.in_force"));
  CHECK(bench.verdicts[0].fault_budget() != 2);  // it had begun
  bench.run_for(1s);
  bench.start();
  bench.settle();
  REQUIRE(bench.verdicts.size() == 2);
  CHECK(bench.verdicts[1].fault_budget() == 2);
  CHECK(bench.verdicts[1].policy_version() == "strict");
  check_replay(bench.store->rounds(), bench.started[1]);
}

TEST_CASE("engine: each wait of a round ends at its deadline, and not before", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.run_for(1s);
  SECTION("no anchor prepares itself: abandoned when the time for it is over") {
    bench.anchors_answer = false;
    bench.start();
    const RoundOptions options =
        fit_to_deadline(RoundOptions{}, least_deadline(RoundOptions{}, RoundOptions{}.knock_wait));
    CHECK(*bench.engine->next_deadline() == bench.clock.now + options.prepare_deadline);
    bench.run_for(options.prepare_deadline - 1ns);
    CHECK(bench.faults.empty());
    bench.run_for(1ns);
    CHECK(bench.faults == std::vector{RoundFault::kAnchorsNotReady});
    CHECK(record_of(bench).abandoned_because == "no anchor was ready in time");
  }
  SECTION(
      "the chip does not answer: SILENT when the time for reports is over, and nobody is asked to close") {
    for (AnchorScript& script : bench.scripts) script.chip_answers = false;
    const Nanoseconds deadline = least_deadline(RoundOptions{}, RoundOptions{}.knock_wait);
    bench.start();
    const Nanoseconds travel = 1500ms;  // of reports, behind the anchors' own deadline
    bench.run_for(deadline - fit_to_deadline(RoundOptions{}, deadline).closing_share + travel - 1ns);
    CHECK(bench.verdicts.empty());
    bench.run_for(1ns);
    REQUIRE(bench.verdicts.size() == 1);
    CHECK(bench.verdicts[0].state() == v1::SILENT);
  }
  SECTION("an anchor that goes while the others prepare is not waited for") {
    bench.on_send = [&](std::size_t i, const Body& message) { return i != 1 || !message.has_prepare(); };
    bench.start();
    CHECK(bench.verdicts.empty());
    bench.engine->detach(EngineBench::link(1), bench.anchor(1));
    bench.settle();
    CHECK(bench.verdicts.size() == 1);
    CHECK(record_of(bench).reports.size() == 2);
    CHECK(bench.counter("anchor_messages_lost") >= 1);
  }
  SECTION(
      "the anchor that was asked for the statement says nothing: the next one is asked, and the others after it") {
    std::size_t refused = 0;
    bench.on_send = [&](std::size_t, const Body& message) { return !message.has_close() || ++refused > 2; };
    bench.start();
    CHECK(refused == 1);
    bench.run_for(RoundOptions{}.close_patience);
    CHECK(refused == 2);
    CHECK(bench.verdicts.empty());
    bench.run_for(RoundOptions{}.close_patience);
    CHECK(bench.verdicts.size() == 1);
  }
}

v1::AnchorMessage knock_note(const ChipId& chip, std::uint32_t age_ms = 0, std::uint32_t refused = 0) {
  v1::AnchorMessage message;
  v1::KnockNotes::Note& note = *message.mutable_knocks()->add_notes();
  note.set_chip_id(string_of(chip.bytes));
  note.set_age_ms(age_ms);
  note.set_knocks(1);
  note.set_proofs_refused(refused);
  return message;
}

TEST_CASE("engine: learns from knocks how long a round waits for one, says so, and keeps it with the round",
          "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.start();
  REQUIRE(bench.told.size() == 1);
  CHECK(bench.told[0].knock_wait >= RoundOptions{}.knock_wait);
  CHECK(bench.told[0].knock_note.find("no knock of it has come") == 0);
  for (int i = 0; i < 6; ++i) {
    bench.run_for(40s);
    bench.receive(0, knock_note(bench.world.chip, 2'000));
    bench.settle();
  }
  REQUIRE(bench.verdicts.size() == 1);
  bench.start();
  REQUIRE(bench.told.size() == 2);
  CHECK(bench.told[1].knock_wait >= 81s);
  CHECK(bench.told[1].knock_wait < 82s);
  CHECK(bench.told[1].knock_note == "it knocks about every 40 s; the last came 2 s ago");
  const auto bytes = bench.store->rounds().context(bench.started[1]).value().value();
  v1::RoundContext context;
  REQUIRE(context.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  CHECK(context.contact().knocks());
  CHECK(context.contact().wait_ns() == bench.told[1].knock_wait.count());
  CHECK(context.contact().knocks_every_ns() == Nanoseconds{40s}.count());
  CHECK(context.contact().last_knock_unix_ns() == (bench.clock.wall() - 2s).since_epoch.count());
  CHECK(context.contact().limit_ns() == Nanoseconds{180s}.count());
}

TEST_CASE("engine: what anchors hear of a silent chip stands in its verdict, and is judged again the same",
          "[engine]") {
  EngineBench bench;
  bench.attach_all();
  for (AnchorScript& script : bench.scripts) script.chip_answers = false;
  bench.receive(1, knock_note(bench.world.chip));
  bench.run_for(100s);
  bench.start();
  bench.run_for(50s);
  bench.receive(1, knock_note(bench.world.chip, 60'000));  // from before the round
  bench.receive(1, knock_note(bench.world.chip, 1'000, 3));
  bench.run_for(300s);
  REQUIRE(bench.verdicts.size() == 1);
  const v1::Silence& silence = bench.verdicts[0].silence();
  CAPTURE(silence.ShortDebugString());
  CHECK(bench.verdicts[0].state() == v1::SILENT);
  CHECK(silence.knocks_seen() == 1);
  CHECK(silence.proofs_refused() == 3);
  CHECK(silence.causes(0).code() == "other_key");
  CHECK(silence.causes_size() == 3);
  CHECK(silence.waited_ns() >= Nanoseconds{180s}.count());
  check_replay(bench.store->rounds(), bench.started[0]);
  // Not in lists, where nobody reads it.
  const auto page = bench.store->verdicts().list_verdicts({}).value();
  v1::Verdict summary;
  REQUIRE(summary.ParseFromString(string_of(page.rows.at(0).summary)));
  CHECK_FALSE(summary.has_silence());
}

TEST_CASE("engine: an anchor that runs twice is shown to whoever watches, and is why its round is silent",
          "[engine]") {
  EngineBench bench;
  bench.attach_all();
  for (AnchorScript& script : bench.scripts) script.chip_answers = false;
  const auto attach = [&](LinkId link, char mesh_key, const char* peer) {
    v1::Hello hello = bench.scripts[0].hello(kProtocolVersion);
    hello.set_mesh_public(std::string(32, mesh_key));
    bench.engine->attach(link, hello, bench.world.anchors[0].name, peer);
    bench.settle();
  };
  const std::string name = bench.world.anchors[0].name;
  const auto silent_round = [&] {
    bench.verdicts.clear();
    bench.progress.clear();
    bench.start();
    bench.run_for(300s);
    REQUIRE(bench.verdicts.size() == 1);
    REQUIRE(bench.verdicts[0].state() == v1::SILENT);
    check_replay(bench.store->rounds(), bench.started.back());
  };
  const auto told_twice = [&] {
    std::set<std::string> out;
    for (const AnchorProgress& one : bench.progress) {
      if (one.twice) out.insert(one.anchor);
    }
    return out;
  };
  silent_round();
  CHECK(bench.verdicts[0].silence().anchors_twice().empty());
  CHECK(told_twice().empty());

  attach(11, 'a', "10.0.0.1:1001");
  attach(12, 'b', "10.0.0.2:2001");
  attach(13, 'a', "10.0.0.1:1002");  // the second time that a process comes back: there are two
  CHECK(bench.anchor_status.at(bench.anchor(0)).twice == bench.clock.wall());
  CHECK(bench.anchor_status.at(bench.anchor(0)).twice_at ==
        std::vector<std::string>{"10.0.0.1:1002", "10.0.0.2:2001"});
  CHECK(bench.anchor_status.at(bench.anchor(1)).twice == WallTime{});
  bench.run_for(30s);  // it is not seen again at once: it waits before it reconnects
  silent_round();
  CHECK(told_twice() == std::set<std::string>{name});
  const v1::Silence& silence = bench.verdicts[0].silence();
  CAPTURE(silence.ShortDebugString());
  CHECK(silence.causes(0).code() == "anchor_twice");
  REQUIRE(silence.anchors_twice_size() == 1);
  CHECK(silence.anchors_twice(0) == name);

  // One of them was stopped: what begins later than a reconnect takes has nothing to do with it any more.
  silent_round();
  CHECK(bench.verdicts[0].silence().anchors_twice().empty());
  CHECK(bench.verdicts[0].silence().causes(0).code() != "anchor_twice");
  CHECK(told_twice().empty());
  attach(21, 'b', "10.0.0.2:2001");
  attach(22, 'a', "10.0.0.1:1002");
  bench.run_for(31s);
  silent_round();
  CHECK(bench.verdicts[0].silence().anchors_twice().empty());
  CHECK(told_twice().empty());

  // And in the middle of a round, at once.
  bench.verdicts.clear();
  bench.progress.clear();
  bench.start();
  bench.run_for(20s);
  CHECK(told_twice().empty());
  attach(14, 'b', "10.0.0.2:2002");
  CHECK(told_twice() == std::set<std::string>{name});
  bench.run_for(300s);
  REQUIRE(bench.verdicts.size() == 1);
  CHECK(bench.verdicts[0].silence().causes(0).code() == "anchor_twice");
}

TEST_CASE("engine: what a chip seems to refuse is told to whoever watches, and ends no round", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  for (AnchorScript& script : bench.scripts) script.chip_answers = false;
  bench.start();
  REQUIRE(bench.verdicts.empty());
  bench.progress.clear();
  for (std::size_t i = 0; i < bench.scripts.size(); ++i) {
    v1::AnchorMessage message;
    v1::SessionProgress& note = *message.mutable_progress();
    note.set_round_id(string_of(bench.started[0].bytes));
    note.set_refusals(2);
    note.set_refusal(i == 0 ? 200U : static_cast<unsigned>(RejectReason::kUnknownCoordinator));
    bench.receive(i, message);
  }
  bench.settle();
  REQUIRE(bench.progress.size() == 3);
  CHECK(bench.progress[0].refusal.empty());  // no reason that this version knows
  CHECK(bench.progress[1].refusal == "unknown_coordinator");
  CHECK(bench.progress[1].refusals == 2);
  CHECK(bench.progress[1].stage == "waiting");
  bench.run_for(150s);  // every anchor has been refused, but who refused is not proved
  CHECK(bench.verdicts.empty());
}

TEST_CASE("engine: a knocking chip that enough perspectives have measured is waited for no longer",
          "[engine]") {
  EngineBench bench;
  bench.attach_all();
  SECTION("two of three, with a fault budget of one: the third is told to report soon") {
    bench.scripts[2].chip_answers = false;
    bench.start();
    CHECK(bench.verdicts.empty());
    CHECK(bench.sent(2, Body::kAssign) == 1);
    bench.run_for(1s);
    CHECK(bench.sent(2, Body::kAssign) == 2);
    CHECK(bench.sent(0, Body::kAssign) == 1);
    std::vector<v1::Assign> assigned;
    for (const auto& [link, message] : bench.messages) {
      if (link == EngineBench::link(2) && message.has_assign()) assigned.push_back(message.assign());
    }
    CHECK(assigned[1].deadline_ms() < 5'000);
    CHECK(assigned[0].deadline_ms() > 100'000);
    CHECK((assigned[1].ticket() == assigned[0].ticket()));  // printing bytes helps nobody
    bench.run_for(10s);
    REQUIRE(bench.verdicts.size() == 1);
    CHECK(bench.verdicts[0].state() != v1::SILENT);
    check_replay(bench.store->rounds(), bench.started[0]);
  }
  SECTION("one alone could lie: the round goes on waiting") {
    bench.scripts[1].chip_answers = false;
    bench.scripts[2].chip_answers = false;
    bench.start();
    bench.run_for(100s);
    CHECK(bench.verdicts.empty());
    CHECK(bench.sent(2, Body::kAssign) == 1);
    bench.run_for(120s);
    CHECK(bench.verdicts.size() == 1);
  }
}

TEST_CASE(
    "engine: it waits for a knock until as many have measured as an accusation has to withstand, and one",
    "[engine]") {
  CoordinatorOptions options;
  options.policy.more_to_accuse = GENERATE(0U, 1U);
  EngineBench bench{options};
  bench.attach_all();
  bench.scripts[2].chip_answers = false;
  bench.start();
  bench.run_for(1s);
  CHECK(bench.sent(2, Body::kAssign) == (options.policy.more_to_accuse == 0 ? 2 : 1));
}

TEST_CASE("engine: made up statements condemn by more than an accusation has to withstand, and by no fewer",
          "[engine]") {
  CoordinatorOptions options;
  options.policy.more_to_accuse = GENERATE(0U, 1U, 2U);
  const bool enough = options.policy.faults_to_accuse() < 3;
  EngineBench bench{options};
  bench.attach_all();
  for (AnchorScript& script : bench.scripts) script.made_up_statements = 1;  // three perspectives
  bench.start();
  bench.run_for(300s);
  REQUIRE(bench.verdicts.size() == 1);
  CAPTURE(options.policy.faults_to_accuse());
  CHECK(bench.verdicts[0].state() == (enough ? v1::INVALID : v1::SILENT));
  CHECK(bench.verdicts[0].reasons(0).code() == (enough ? "statement_malformed" : "no_statement"));
  check_replay(bench.store->rounds(), bench.started[0]);
}

TEST_CASE("engine: the scheduler measures every chip once in each period, at times that its secret makes",
          "[engine]") {
  const auto times_of = [](std::uint64_t seed) {
    CoordinatorOptions options;
    options.schedule.cadence[0] = 1h;
    options.retention.every = 0ns;
    EngineBench bench{options, seed};
    bench.world.chip = ChipId{};
    bench.add_chip("T-2");
    bench.engine->begin({});
    bench.attach_all();
    std::vector<Nanoseconds> times;
    std::size_t rounds = 0;
    bench.on_send = [&](std::size_t i, const Body& message) {
      if (i == 0 && message.has_prepare()) times.push_back(bench.clock.wall().since_epoch % 1h);
      return true;
    };
    bench.anchors_answer = false;  // each ends by its deadline
    bench.run_for(5h);
    rounds = bench.counters["rounds_abandoned"];
    CHECK(rounds >= 8);  // two chips, four whole periods
    CHECK(rounds <= 12);
    CHECK(times.size() >= rounds);
    bench.engine->drain();
    bench.settle();
    const auto made = times.size();
    bench.run_for(5h);
    CHECK(times.size() == made);
    CHECK(bench.ended.size() == 3);
    return times;
  };
  const auto once = times_of(5);
  const auto other = times_of(6);
  CHECK(once != other);
}

TEST_CASE("engine: a scheduled round that cannot begin is counted, and the next one comes all the same",
          "[engine]") {
  CoordinatorOptions options;
  options.schedule.cadence[0] = 1h;
  options.retention.every = 0ns;
  EngineBench bench{options};
  bench.engine->begin({});
  bench.run_for(3h);  // no anchors
  const auto missed = bench.counter("scheduled_rounds_not_started");
  CHECK(missed >= 2);
  bench.attach_all();
  bench.run_for(2h);
  CHECK(bench.counter("scheduled_rounds_not_started") == missed);
  CHECK(bench.logged("round.decided"));
}

TEST_CASE("engine: rounds that a crash cut are given up by name, again and again until the store takes it",
          "[engine]") {
  CoordinatorOptions options;
  options.retention.every = 0ns;
  EngineBench bench{options};
  OpenRound cut;
  cut.intent.round = random_id<RoundId>();
  cut.intent.chip = bench.world.chip;
  REQUIRE(bench.store->rounds().log_intent(cut.intent));
  bench.journal->disk_full = true;
  bench.engine->begin({cut});
  bench.settle();
  CHECK(bench.logged("round.cut round=" + cut.intent.round.hex()));
  CHECK(bench.logged("store.failing"));
  CHECK(*bench.engine->next_deadline() == bench.clock.now + 5s);
  bench.run_for(12s);
  CHECK(bench.store->rounds().evidence(cut.intent.round).value()->state == RoundState::kOpen);
  bench.journal->disk_full = false;
  bench.run_for(5s);
  const auto record = bench.store->rounds().evidence(cut.intent.round).value();
  CHECK(record->state == RoundState::kAbandoned);
  CHECK(record->abandoned_because == "chiplocd stopped while this round was in flight");
  CHECK(bench.logged("store.recovered"));
  CHECK_FALSE(bench.engine->next_deadline().has_value());
}

TEST_CASE("engine: begins nothing new while the store is behind, or with as many rounds as it may have",
          "[engine]") {
  CoordinatorOptions options;
  options.rounds_max = 1;
  EngineBench bench{options};
  const ChipId first = bench.world.chip;
  bench.add_chip("T-2");
  bench.attach_all();
  bench.journal->is_crowded = true;
  bench.start();
  CHECK(bench.faults == std::vector{RoundFault::kIntentNotRecorded});
  CHECK(bench.counter("rounds_refused_store_behind") == 1);
  bench.journal->is_crowded = false;
  bench.journal->refuses = true;
  bench.start();
  CHECK(bench.faults.size() == 2);
  CHECK(bench.faults.back() == RoundFault::kIntentNotRecorded);
  bench.journal->refuses = false;
  bench.anchors_answer = false;
  bench.start();
  bench.start();
  CHECK(bench.faults.back() == RoundFault::kAlreadyRunning);
  bench.world.chip = first;
  bench.start();
  CHECK(bench.faults.back() == RoundFault::kTooManyRounds);
  CHECK(bench.started.size() == 1);
  CHECK(bench.counter("rounds_refused") == 3);  // one began, and was abandoned for its intent
}

TEST_CASE("engine: an anchor that asks for too much gets its right to be read back later", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  bench.run_for(1s);
  const auto credit = std::make_shared<int>(1);
  v1::AnchorMessage heartbeat;
  heartbeat.mutable_heartbeat()->set_spool_dropped(3);
  AnchorInput input;
  input.body = heartbeat.heartbeat();
  bench.engine->on_message(EngineBench::link(0), bench.anchor(0), AnchorInput{input}, credit, 0ns);
  bench.settle();
  CHECK(credit.use_count() == 1);
  bench.engine->on_message(EngineBench::link(0), bench.anchor(0), AnchorInput{input}, credit, 2s);
  bench.engine->hold(credit, 1s);
  bench.settle();
  CHECK(credit.use_count() == 3);
  CHECK(*bench.engine->next_deadline() == bench.clock.now + 1s);
  bench.run_for(1s);
  CHECK(credit.use_count() == 2);
  bench.run_for(1s);
  CHECK(credit.use_count() == 1);
  CHECK(bench.counter("anchor_reads_delayed") == 2);
  // What waits for the disk keeps its right until it is there.
  bench.store_works = false;
  bench.receive(0, bench.scripts[0].mesh({{1, 9ms}}), credit);
  bench.settle();
  CHECK(credit.use_count() > 1);
  bench.journal->work();
  CHECK(credit.use_count() == 1);
}

TEST_CASE("engine: messages that come twice change nothing, and are acknowledged twice", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  std::vector<std::pair<std::size_t, v1::AnchorMessage>> late;
  bench.on_send = [&](std::size_t i, const Body& message) {
    if (message.body_case() == Body::kAcknowledge) return true;
    for (const v1::AnchorMessage& answer : bench.scripts[i].answers(message)) {
      bench.receive(i, answer);
      bench.receive(i, answer);
      late.emplace_back(i, answer);
    }
    return true;
  };
  bench.anchors_answer = false;  // on_send does it
  bench.start();
  REQUIRE(bench.verdicts.size() == 1);
  CHECK(bench.verdicts[0].state() == v1::CLEARED);
  const auto stored = record_of(bench);
  CHECK(stored.reports.size() == 3);
  CHECK(stored.statements.size() == 1);
  for (const StoredReport& report : stored.reports) CHECK_FALSE(report.conflicting);
  const auto acknowledged = bench.sent(0, Body::kAcknowledge);
  for (const auto& [i, message] : late) bench.receive(i, message);  // and once more when all is over
  bench.settle();
  CHECK(bench.sent(0, Body::kAcknowledge) > acknowledged);
  CHECK(record_of(bench).reports.size() == 3);
  CHECK(bench.verdicts.size() == 1);
}

TEST_CASE("engine: no verdict rests on what the store did not take", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  const std::string when = GENERATE("tickets", "report", "statement", "verdict");
  const bool refused = GENERATE(false, true);  // the queue is full, or the commit fails
  CAPTURE(when, refused);
  bench.store_works = false;
  bench.start();
  bench.journal->work();  // the intent
  const auto spoil = [&](bool on) { (refused ? bench.journal->refuses : bench.journal->disk_full) = on; };
  if (when == "tickets") {
    bench.anchors_answer = true;
    spoil(true);
    bench.settle();
    bench.journal->work();
  } else if (when == "verdict") {
    bench.settle();
    if (refused) spoil(true);
    bench.journal->work();  // all that was judged: the verdict follows it
    spoil(true);
    bench.journal->work();
  } else {
    bool spoilt = false;
    bench.on_send = [&](std::size_t i, const Body& message) {
      const bool now = when == "report" ? message.has_assign() && i == 1 : message.has_close();
      if (now) bench.journal->work();  // what came before is on the disk
      if (now) spoil(spoilt = true);
      for (const v1::AnchorMessage& answer : bench.scripts[i].answers(message)) bench.receive(i, answer);
      if (now) bench.journal->work();
      spoil(false);
      return true;
    };
    bench.anchors_answer = false;
    bench.settle();
    CHECK(spoilt);
  }
  spoil(false);
  bench.store_works = true;
  bench.run_for(10s);
  CHECK(bench.verdicts.empty());
  CHECK(bench.faults == std::vector{RoundFault::kVerdictNotRecorded});
  const auto stored = record_of(bench);
  CHECK(stored.state == RoundState::kAbandoned);
  CHECK(stored.verdict.empty());
  CHECK(bench.logged("store.failing") == !refused);
  CHECK(bench.logged("store.recovered") == !refused);
  CHECK((bench.counter("store_refused") > 0) == refused);
  // And the next round is as any other.
  bench.on_send = {};
  bench.anchors_answer = true;
  bench.start();
  CHECK(bench.verdicts.size() == 1);
}

TEST_CASE("engine: a round that ends as chiplocd stops is recorded only with all that it rests on",
          "[engine]") {
  const bool lost = GENERATE(false, true);
  CAPTURE(lost);
  EngineBench bench;
  bench.attach_all();
  bench.judges = false;
  bench.start();
  REQUIRE(bench.to_judge.size() == 1);
  bench.store_works = false;
  // A second chip's round: its tickets, reports and statement are not on the disk yet, or never will be.
  bench.add_chip("T-2");
  bench.start();
  bench.journal->work();
  bench.settle();
  REQUIRE(bench.to_judge.size() == 2);
  bench.journal->holds_outcomes = true;
  bench.journal->disk_full = lost;
  if (lost) bench.journal->work();  // nobody knows of it when the verdict is posted
  bench.journal->disk_full = false;
  bench.engine->drain();
  bench.journal->work();
  bench.journal->tell_outcomes();
  bench.store_works = true;
  bench.settle();
  CHECK(record_of(bench, 0).state == RoundState::kFinished);
  CHECK(record_of(bench, 1).state == (lost ? RoundState::kAbandoned : RoundState::kFinished));
  CHECK(bench.verdicts.size() == (lost ? 1U : 2U));
  CHECK_FALSE(bench.engine->next_deadline().has_value());
  bench.start();
  CHECK(bench.faults.back() == RoundFault::kShuttingDown);
}

TEST_CASE(
    "engine: what an anchor says of its mesh spoils no round, and rounds keep what they were explained by",
    "[engine]") {
  EngineBench bench;
  bench.attach_all();
  Calibrator calibrator;
  MeshRecord window{.from = {bench.anchor(0), 1}, .window_end = bench.clock.wall(), .pairs = {}, .bytes = {}};
  // A round trip that no clock measured, which a calibration could not hold, and an honest one.
  window.pairs.push_back({bench.anchor(1), 2, 2, Nanoseconds::max(), Nanoseconds::max(), {}});
  window.pairs.push_back({bench.anchor(2), 2, 2, 9ms, 9ms, {}});
  calibrator.add(window, *bench.registry);
  const auto learnt = std::make_shared<const LearntMesh>(calibrator.learnt(bench.registry));
  CHECK(learnt->pairs == 1);
  bench.engine->on_calibration(learnt);
  bench.engine->on_places(learn_places(learnt->mesh, Borders::world()), learnt);
  bench.start();
  bench.run_for(30s);
  REQUIRE(bench.verdicts.size() == 1);
  check_replay(bench.store->rounds(), bench.started[0]);
  const ReplayOutcome outcome = replayed(bench.store->rounds(), bench.started[0]);
  CHECK(outcome.judged->explanation().estimate().calibration() == learnt->line.version);

  // The next round begins with the same calibration, which the store has: it is there once.
  bench.start(8);
  bench.run_for(30s);
  REQUIRE(bench.verdicts.size() == 2);
  check_replay(bench.store->rounds(), bench.started[1]);
}

TEST_CASE("engine: all are told who is there, some at a time, and only what they do not know", "[engine]") {
  EngineBench bench;
  bench.attach_all();
  CHECK(bench.sent(0, Body::kPeers) == 0);
  bench.run_for(200ms);
  for (std::size_t i = 0; i < 3; ++i) CHECK(bench.sent(i, Body::kPeers) == 1);
  bench.engine->detach(EngineBench::link(2), bench.anchor(2));
  bench.on_send = [](std::size_t i, const Body& message) { return i != 0 || !message.has_peers(); };
  bench.run_for(1s);
  CHECK(bench.sent(0, Body::kPeers) == 2);  // lost
  CHECK(bench.sent(1, Body::kPeers) == 2);
  bench.on_send = {};
  bench.engine->attach(EngineBench::link(2), bench.scripts[2].hello(kProtocolVersion), "par");
  bench.engine->detach(EngineBench::link(2), bench.anchor(2));
  bench.run_for(1s);
  CHECK(bench.sent(0, Body::kPeers) == 3);  // what was lost
  CHECK(bench.sent(1, Body::kPeers) == 2);  // nothing new
}

TEST_CASE("engine: nothing is pruned while the wall clock is far ahead of where it was", "[engine]") {
  CoordinatorOptions options;
  options.retention.mesh = 1h;
  EngineBench bench{options};
  MeshRecord old;
  old.from.anchor = bench.anchor(0);
  old.received = bench.clock.wall() - Nanoseconds{10min};
  REQUIRE(bench.store->mesh().append_mesh(old));
  bench.clock.offset += 2h;
  bench.engine->begin({});
  bench.run_for(20min);
  CHECK(bench.counter("prunings_put_off_for_the_clock") == 5);  // at once, and every five minutes
  CHECK(bench.counter("pruned_mesh_windows") == 0);
  bench.clock.offset -= 2h;
  bench.run_for(20min);
  CHECK(bench.counter("pruned_mesh_windows") == 0);  // 50 minutes old
  bench.run_for(30min);
  CHECK(bench.counter("pruned_mesh_windows") == 1);
  CHECK(bench.logged("store.pruned mesh_windows=1"));
}

TEST_CASE(
    "engine: two copies of one anchor are named to each other and in the log, a restart and a cut line are not",
    "[engine]") {
  EngineBench bench;
  const auto attach = [&](LinkId link, char mesh_key, const char* peer) {
    v1::Hello hello = bench.scripts[0].hello(kProtocolVersion);
    hello.set_mesh_public(std::string(32, mesh_key));
    bench.engine->attach(link, hello, "ber", peer);
    std::string text;
    for (auto actions = bench.engine->take_actions(); EngineAction & action : actions) {
      if (const auto* end = std::get_if<act::End>(&action)) text = end->text;
      if (const auto* line = std::get_if<act::Log>(&action)) bench.lines.push_back(text_of(*line));
    }
    for (const auto& [name, times] : bench.engine->take_changes().counts) bench.counters[name] += times;
    return text;
  };
  CHECK(attach(1, 'a', "10.0.0.1:1001").empty());
  CHECK(attach(2, 'a', "10.0.0.1:1002") == "a newer stream of this anchor has come");  // a cut line
  attach(3, 'b', "10.0.0.1:1003");                                                     // it was started anew
  CHECK(bench.counter("anchors_twice") == 0);
  CHECK(attach(4, 'c', "10.0.0.2:2001") ==  // another one, on another machine
        "another process with this anchor's name and key has attached, from 10.0.0.2:2001 (this one is at "
        "10.0.0.1:1003); if both run, stop one of them: each anchor has a name and a key of its own");
  CHECK_FALSE(bench.logged("anchor.twice"));
  attach(5, 'b', "10.0.0.1:1004");  // and the first is still there
  CHECK(bench.counter("anchors_twice") == 1);
  CHECK(bench.logged("anchor.twice anchor=ber at=\"10.0.0.1:1004\" and_at=\"10.0.0.2:2001\" times=1"));
  for (LinkId link = 6; link < 26; link += 2) {
    attach(link, 'c', "10.0.0.2:2002");
    attach(link + 1, 'b', "10.0.0.1:1005");
  }
  CHECK(bench.counter("anchors_twice") == 21);
  CHECK(bench.logged("times=16"));
  CHECK_FALSE(bench.logged("times=3"));  // not for each: 1, 2, 4, 8, 16
}

TEST_CASE("engine: streams are refused with a reason, and a newer one replaces the older", "[engine]") {
  EngineBench bench;
  bench.engine->attach(1, bench.scripts[0].hello(kProtocolVersion + 1), "ber");
  bench.engine->attach(2, bench.scripts[0].hello(kProtocolVersion), "ams");
  v1::Hello foreign = bench.scripts[0].hello(kProtocolVersion);
  foreign.set_anchor_id(bench.scripts[1].hello(kProtocolVersion).anchor_id());
  bench.engine->attach(3, foreign, "ber");
  v1::Hello keyless = bench.scripts[0].hello(kProtocolVersion);
  keyless.set_mesh_public("short");
  bench.engine->attach(4, keyless, "ber");
  bench.engine->attach(5, bench.scripts[0].hello(kProtocolVersion), "ber");
  bench.engine->attach(6, bench.scripts[0].hello(kProtocolVersion), "ber");
  for (auto actions = bench.engine->take_actions(); EngineAction & action : actions) {
    if (const auto* end = std::get_if<act::End>(&action)) bench.ended[end->link] = end->why;
  }
  CHECK(bench.ended == std::map<LinkId, LinkEnd>{{1, LinkEnd::kUnsupportedVersion},
                                                 {2, LinkEnd::kWrongCertificate},
                                                 {3, LinkEnd::kNotRegistered},
                                                 {4, LinkEnd::kProtocol},
                                                 {5, LinkEnd::kReplaced}});
  const auto changes = bench.engine->take_changes();
  REQUIRE(changes.standing);
  CHECK(changes.standing->anchors_connected == 1);
}

}  // namespace
}  // namespace chiploc::test
