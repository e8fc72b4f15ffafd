// chiploc watch as a person or a script meets it: what it writes, where it goes on, and how it ends.
#include "server/service/watch_json.hpp"
#include "tests/server/cli/cli_world.hpp"
#include "tests/server/cli/going_command.hpp"
#include "tests/support/cut_line.hpp"

namespace chiploc::test {
namespace watch_command_test {

const std::vector<std::string> kWatch{"watch"};
std::vector<std::string> watch(std::vector<std::string> more) {
  more.insert(more.begin(), "watch");
  return more;
}
json next(GoingCommand& command) { return json::parse(command.line()); }
std::uint64_t newest(const OperatorWorld& world) {
  return world.reader_of_store().events().events_kept()->newest;
}

TEST_CASE("chiploc watch: a line for each event, in their order, and Ctrl-C says where one was",
          "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  const std::uint64_t from = newest(cli.world);
  GoingCommand watching{kWatch, cli.config};
  CHECK(watching.said() == "chiploc: watching what comes behind event " + std::to_string(from));
  cli.world.rounds().states[kChipA] = v1::OUTSIDE;
  cli.world.play_round(kChipA);
  cli.world.play_round(kChipA);
  std::string last;
  std::size_t verdicts = 0, statuses = 0, cases = 0;
  for (std::uint64_t id = from + 1; id <= newest(cli.world); ++id) {
    last = watching.line();
    INFO(last);
    CHECK(last.substr(0, last.find(' ')) == std::to_string(id));
    CHECK(has(last, kChipA));
    if (has(last, "  verdict  ") && has(last, "  SN-0  OUTSIDE  ")) ++verdicts;
    if (has(last, "  status  ") && has(last, " -> drifted")) ++statuses;
    if (has(last, "  case  C-1 elsewhere  opened  ")) ++cases;
  }
  CHECK(verdicts == 2);
  CHECK(statuses == 1);
  CHECK(cases == 1);
  watching.interrupt();
  CHECK(watching.said() ==
        "chiploc: interrupted; what comes next: chiploc watch --after " + std::to_string(newest(cli.world)));
  CHECK(watching.ended() == 130);
}

TEST_CASE("chiploc watch: JSON is the API's, and --after goes on behind an event", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA, kChipB});
  GoingCommand watching{watch({"-o", "ndjson"}), cli.config};
  const json begin = next(watching);
  CHECK(begin == json({{"id", std::to_string(newest(cli.world))}, {"event", "at"}}));
  cli.world.play_round(kChipA);
  cli.world.play_round(kChipB);
  std::vector<json> events;
  while (events.empty() || events.back()["id"] != std::to_string(newest(cli.world)))
    events.push_back(next(watching));
  CHECK(events.front()["event"] == "verdict");
  CHECK(events.front()["verdict"]["state"] == "VERIFIED");

  GoingCommand again{watch({"--after", events.front()["id"], "-o", "ndjson"}), cli.config};
  for (std::size_t i = 1; i < events.size(); ++i) CHECK(next(again) == events[i]);
  GoingCommand indented{watch({"--after", begin["id"], "-o", "json"}), cli.config};
  CHECK(indented.line() == "{");
  CHECK(has(indented.line(), "\"id\": "));
}

TEST_CASE("chiploc watch: kinds are chosen", "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  GoingCommand verdicts{watch({"--kinds", "Verdicts", "--after", "0", "-o", "ndjson"}), cli.config};
  GoingCommand others{watch({"--kinds", "cases,statuses", "--after", "0", "-o", "ndjson"}), cli.config};
  CHECK(next(verdicts)["event"] == "verdict");
  CHECK(next(others)["event"] == "status");
}

TEST_CASE("chiploc watch: a wrong word is 64, a role that may not 77, nobody there 69", "[cli][program]") {
  Cli cli;
  const ProcessResult kind = cli.run(watch({"--kinds", "nuts"}));
  CHECK(kind.exit_code == 64);
  CHECK(has(kind.err, "--kinds"));
  const ProcessResult id = cli.run(watch({"--after", "x"}));
  CHECK(id.exit_code == 64);
  CHECK(id.err == "chiploc: after: is no id of an event; take it from one unchanged\n");
  CHECK(cli.run(watch({"-o", "csv"})).exit_code == 64);
  CHECK(cli.run(watch({"--config", cli.person("rhea", cli.world.researcher)})).exit_code == 77);
  const ProcessResult nobody = cli.run(watch({"--server", "127.0.0.1:1"}));
  CHECK(nobody.exit_code == 69);
  CHECK(has(nobody.err, "the connection was refused"));
}

TEST_CASE(
    "chiploc watch: a connection that breaks off is made again, and no event is left out or comes twice",
    "[cli][program]") {
  Cli cli;
  cli.world.import({kChipA});
  std::atomic<bool> cut{false};
  const CutLine line{cli.world.address(),
                     [&](bool to_server, std::size_t) { return !to_server && cut.exchange(false); }};
  GoingCommand watching{watch({"-o", "ndjson", "--kinds", "verdicts", "--server", line.address()}),
                        cli.config};
  std::uint64_t last = std::stoull(next(watching)["id"].get<std::string>());
  const std::uint64_t from = last;
  for (int round = 0; round < 3; ++round) {
    cli.world.play_round(kChipA);
    const json event = next(watching);
    CHECK(event["event"] == "verdict");
    const std::uint64_t id = std::stoull(event["id"].get<std::string>());
    CHECK(id > last);
    last = id;
    cut = true;  // what comes next is lost on its way
    cli.world.play_round(kChipA);
    CHECK(watching.said() == "chiploc: the connection with " + line.address() +
                                 " broke off; goes on behind event " + std::to_string(last) +
                                 " as soon as it can");
    CHECK(watching.said() == "chiploc: it goes on");
    const json lost = next(watching);
    CHECK(lost["event"] == "verdict");
    const std::uint64_t next_id = std::stoull(lost["id"].get<std::string>());
    CHECK(next_id > last);
    last = next_id;
  }
  // Nothing but these: as many verdicts as rounds.
  std::uint64_t verdicts = 0;
  for (const StoredEvent& event : cli.world.reader_of_store().events().events_after(from, 1'000).value()) {
    if (std::holds_alternative<VerdictRow>(event.what)) ++verdicts;
  }
  CHECK(verdicts == 6);
}

TEST_CASE("chiploc watch: a coordinator that stops is waited for, a certificate that is revoked is not",
          "[cli][program][tls]") {
  Cli cli{/*revocable=*/true};
  GoingCommand watching{kWatch, cli.config}, revoked{kWatch, cli.person("bob", cli.world.reader)};
  CHECK(has(watching.said(), "watching"));
  CHECK(has(revoked.said(), "watching"));
  cli.world.revoke({cli.world.reader});
  CHECK(has(revoked.said(), "was revoked"));
  CHECK(revoked.ended() == 77);
  cli.world.use_cases().end_watches();
  CHECK(has(watching.said(), "chiploc: chiplocd is stopping; watch again behind the last event; goes on"));
  watching.interrupt();
  CHECK(has(watching.said(), "chiploc: interrupted"));
  CHECK(watching.ended() == 130);
}

TEST_CASE("chiploc watch: a full disk is 70, at the first line that it does not take", "[cli][program]") {
  const Cli cli;
  const ProcessResult full = run_process({"sh", "-c", chiploc_program() + " watch -o ndjson > /dev/full"},
                                         {{"CHIPLOC_CONFIG", cli.config}});
  CHECK(full.exit_code == 70);
  CHECK(has(full.err, "standard output could not be written"));
}

TEST_CASE("chiploc watch: what is sealed comes to whoever says why", "[cli][program][audit]") {
  Cli cli;
  cli.world.import({kChipA});
  const std::string config = cli.person("rita", cli.world.regulator);
  GoingCommand open{watch({"-o", "ndjson"}), config},
      whole{watch({"-o", "ndjson", "--why", "case C-17"}), config};
  CHECK(next(open)["event"] == "at");
  CHECK(next(whole)["event"] == "at");
  cli.world.play_round(kChipA);
  CHECK(next(open)["verdict"]["region"].is_null());
  CHECK_FALSE(next(whole)["verdict"]["region"].is_null());
  CHECK(cli.world.reader_of_store().audit().audit_entries({}).value().front().reason == "case C-17");
}

TEST_CASE("chiploc watch: nobody reads it any more, and it ends without a word", "[cli][program]") {
  Cli cli;
  GoingCommand watching{watch({"-o", "ndjson"}), cli.config};
  CHECK(next(watching)["event"] == "at");
  watching.stop_reading();
  CHECK(watching.said().empty());
  CHECK(watching.ended() == 128 + SIGPIPE);
}

}  // namespace watch_command_test
}  // namespace chiploc::test
