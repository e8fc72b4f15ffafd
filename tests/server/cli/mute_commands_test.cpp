// chiploc mute, as a program.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiploc mute: added, shown and ended, in every format", "[cli][program][notices]") {
  Cli cli;
  cli.world.import({kChipA});
  CHECK(cli.out({"mute", "list"}) == "no mute is in force\n");
  const std::string made = cli.out({"mute", "add", "--licence", "l-1", "--kind", "chip.status_changed",
                                    "--until", "2026-09-24", "--reason", "new cooling"});
  CHECK(
      made ==
      "MUTE  NOTICES OF                             UNTIL                 BY     REASON       HIDDEN  ENDED\n"
      "   1  licence L-1, kind chip.status_changed  2026-09-24 00:00:00Z  alice  new cooling       0  -\n");
  const json list = json::parse(cli.out({"mute", "list", "-o", "json"}));
  REQUIRE(list.size() == 1);
  CHECK(list[0]["scope"]["licence"] == "L-1");
  CHECK(list[0]["in_force"] == true);
  CHECK(has(
      cli.out({"mute", "list", "-o", "csv"}),
      "number,scope,until,author,reason,hidden,ended_at,ended_by,from,in_force,unreadable,certificate_sha256\n"
      "1,\"licence L-1, kind chip.status_changed\",2026-09-24T00:00:00.000Z,alice,new cooling,0,"));
  CHECK(has(cli.out({"mute", "add", "--chip", "SN-0", "--until", "2026-09-21T16:13:20", "--reason", "x"}),
            "chip " + kChipA));
  CHECK(has(cli.out({"mute", "end", "1"}), "2026-09-21 14:13:20Z by alice"));
  CHECK(lines_of(cli.out({"mute", "list", "-o", "ndjson"})).size() == 1);
  CHECK(lines_of(cli.out({"mute", "list", "--all", "-o", "ndjson"})).size() == 2);
  CHECK(cli.run({"mute", "end", "1"}).exit_code == 66);
}

TEST_CASE("chiploc mute: what cannot be one is refused with its exit code", "[cli][program][notices]") {
  const Cli cli;
  const auto add = [&](std::vector<std::string> scope, const std::string& until = "2026-09-22") {
    scope.insert(scope.begin(), {"mute", "add", "--until", until, "--reason", "x"});
    return cli.run(scope);
  };
  CHECK(has(add({}).err, "the scope is missing"));
  CHECK(add({}).exit_code == 64);
  CHECK(add({"--order", "O-9"}).exit_code == 66);
  CHECK(add({"--kind", "case.resolved"}).exit_code == 64);
  CHECK(add({"--case", "theft"}).exit_code == 64);
  CHECK(add({"--kind", "order.held"}, "yesterday").exit_code == 64);
  CHECK(has(add({"--kind", "order.held"}, "31d").err, "mute_days of chiplocd.toml"));
  CHECK(cli.run({"mute", "add", "--kind", "order.held", "--until", "1d"}).exit_code == 64);
  CHECK(add({"--kind", "order.held", "--case", "tampering"}).exit_code == 0);
}

}  // namespace
}  // namespace chiploc::test
