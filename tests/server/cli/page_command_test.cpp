// Where the page is, and a code for it, as a person asks.
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiploc page: a code that stands for the caller's certificate", "[cli][program][sign-in]") {
  Cli cli;
  const json given = json::parse(cli.out({"page", "-o", "json"}));
  CHECK(given["page"] == "https://chiploc.example/");
  CHECK(given["expires_at"] == "2026-09-21T14:18:20.000Z");
  const auto admin = cli.world.codes().redeem(given["code"].get<std::string>(), kWorldNow);
  REQUIRE(admin);
  CHECK(admin->unit == "admin");
  CHECK(admin->organizations.empty());

  // Every person, an entity's with its entity.
  const std::string config = cli.person("ed", cli.world.example_reader);
  const ProcessResult result = cli.run({"page"}, {{"CHIPLOC_CONFIG", config}});
  CHECK(result.exit_code == 0);
  const std::string code = result.out.substr(result.out.find("code   ") + 7, 14);
  CHECK(result.out ==
        "page   https://chiploc.example/\ncode   " + code + "\nuntil  2026-09-21 14:18:20Z, and good once\n");
  const auto reader = cli.world.codes().redeem(code, kWorldNow);
  REQUIRE(reader);
  CHECK(reader->unit == "reader");
  REQUIRE(reader->organizations.size() == 1);
  CHECK(reader->organizations.front().starts_with("holder:"));
}

TEST_CASE("chiploc page: not in a form that it has not", "[cli][program][sign-in]") {
  const Cli cli;
  CHECK(cli.run({"page", "-o", "csv"}).exit_code == 64);
  CHECK(cli.run({"page", "again"}).exit_code == 64);
}

}  // namespace
}  // namespace chiploc::test
