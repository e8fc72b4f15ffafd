// chiploc audit and --why, as a program.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {

TEST_CASE("chiploc --why: opens what is sealed to who may see it for a reason, and is on record",
          "[cli][program][audit]") {
  Cli cli;
  cli.world.import({kChipA});
  cli.world.play_round(kChipA);
  const std::string ruth = cli.person("ruth", cli.world.regulator);
  const auto region = [&](std::vector<std::string> more) {
    std::vector<std::string> line{"--config", ruth, "verdict", "show", kChipA, "-o", "json"};
    line.insert(line.end(), more.begin(), more.end());
    const json shown = json::parse(cli.out(line));
    return !shown["region"].is_null();
  };
  CHECK_FALSE(region({}));
  CHECK(region({"--why", "case C-17"}));
  CHECK(cli.run({"--config", ruth, "verdict", "show", kChipA, "--why", "caf\xc3\xa9"}).exit_code == 64);
  CHECK(cli.run({"--config", ruth, "audit", "list"}).exit_code == 77);

  const json list = json::parse(cli.out({"audit", "list", "--name", "ruth", "-o", "json"}));
  REQUIRE(list.size() == 1);
  CHECK(list[0]["name"] == "ruth");
  CHECK(list[0]["role"] == "regulator");
  CHECK(list[0]["reason"] == "case C-17");
  CHECK(list[0]["method"] == "chiploc.v1.OperatorService.GetVerdict");
  CHECK(list[0]["subject"] == "verdict=" + kChipA);
  CHECK(list[0]["records"] == 1);
  CHECK(list[0]["issuer"].is_null());
  CHECK(list[0]["certificate_sha256"].get<std::string>().size() == 64);
  const std::string table = cli.out({"audit", "list"});
  for (const char* part : {"WHO", "ruth", "regulator", "case C-17", "GetVerdict"}) CHECK(has(table, part));
  CHECK(json::parse(cli.out({"audit", "list", "--limit", "1", "-o", "json"})).size() == 1);
  CHECK(has(cli.out({"audit", "list", "--name", "nobody"}), "none: nobody has looked at anything"));
  CHECK(cli.run({"audit", "list", "--since", "yesterdayish"}).exit_code == 64);
  CHECK(has(cli.out({"audit", "list", "-o", "csv"}), "number,at,name,role,reason,"));
}

}  // namespace chiploc::test
