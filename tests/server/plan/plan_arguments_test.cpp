#include "server/plan/plan_arguments.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test::plan_arguments_test {
namespace {

TEST_CASE("plan arguments: what goes together", "[plan]") {
  PlanArguments files;
  files.sites = "s.csv";
  files.candidates = "cities";
  CHECK(options_fault(files).empty());
  files.anchors = "a.csv";
  files.measured = "dir";
  files.delay = "2.0+1.5";
  CHECK(options_fault(files).empty());
  files.goal = "cleared";
  CHECK_THAT(options_fault(files), Catch::Contains("--prohibited"));
  files.prohibited = {"RU"};
  CHECK(options_fault(files).empty());
  files.chosen_by = "measured";
  CHECK_THAT(options_fault(files), Catch::Contains("--start"));

  PlanArguments folder;
  folder.measured = "dir";
  folder.start = "20";
  folder.compare = {"population"};
  folder.chosen_by = "measured";
  CHECK(options_fault(folder).empty());
  folder.candidates = "grid";
  CHECK_FALSE(options_fault(folder).empty());
}

TEST_CASE("plan arguments: the defaults are those that the help shows", "[plan]") {
  CLI::App app;
  PlanArguments given;
  add_plan_options(app, given);
  const std::string help = app.help();
  // CLI11 2.1 writes =vacuum, later ones [vacuum].
  for (const std::string part : {"verified", "vacuum", "law", "0.5", "1000000", "5", "gain"}) {
    INFO(part);
    CHECK((help.find("=" + part) != std::string::npos || help.find("[" + part + "]") != std::string::npos));
  }
  for (const CLI::Option* option : app.get_options()) CHECK_FALSE(option->get_description().empty());
}

}  // namespace
}  // namespace chiploc::test::plan_arguments_test
