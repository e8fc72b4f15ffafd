// `chiplocd migrate` as a program: its words and exit codes. They are in server/README.md.
#include <fstream>

#include "server/storage/migrations.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/support/command.hpp"

namespace chiploc::test {
namespace {

struct Daemon {
  Folder folder;
  std::string config = (folder.path() / "chiplocd.toml").string();
  std::string database = folder.options().path;

  Daemon() {
    // Every key of the sample; its paths start from the file's folder.
    std::filesystem::copy_file(source_dir() / "deploy/chiplocd.toml", config);
  }
  [[nodiscard]] Ran chiplocd(const std::string& arguments) const {
    return run("'" + program_path("chiplocd") + "' " + arguments + " 2>&1");
  }
};
std::string newest() { return std::to_string(migrations().back().version); }

/// A line for each: what the release of before schema 6 lacks.
std::string steps_after_5(const std::string& how) {
  std::string lines;
  for (const Migration& step : migrations().subspan(5))
    lines += "  " + std::string{step.name} + "  " + how + "\n";
  return lines;
}

}  // namespace

TEST_CASE("chiplocd migrate: status tells, apply does, once", "[programs]") {
  const Daemon daemon;
  write_schema5(daemon.database);
  const std::string standing =
      "chiplocd: " + daemon.database + " has schema 5, this program needs " + newest() + "\n";
  const auto status = daemon.chiplocd("--config " + daemon.config + " migrate status");
  CHECK(status.exit_code == 1);
  CHECK(status.output ==
        standing + steps_after_5("missing") +
            "stop chiplocd, back the database up, then run 'chiplocd --config FILE migrate apply'\n");
  const auto apply = daemon.chiplocd("--config " + daemon.config + " migrate apply");
  CHECK(apply.exit_code == 0);
  CHECK(apply.output == standing + steps_after_5("done"));
  const auto again = daemon.chiplocd("migrate apply --config " + daemon.config);
  CHECK(again.exit_code == 0);
  CHECK(again.output ==
        "chiplocd: " + daemon.database + " has schema " + newest() + " already; nothing was done\n");
  const auto now = daemon.chiplocd("migrate status --config " + daemon.config);
  CHECK(now.exit_code == 0);
  CHECK(now.output == "chiplocd: " + daemon.database + " has schema " + newest() + ", this program needs " +
                          newest() + "\n");
}

TEST_CASE("chiplocd migrate: where there is no database yet none is made", "[programs]") {
  const Daemon daemon;
  for (const std::string command : {"status", "apply"}) {
    const auto ran = daemon.chiplocd("--config " + daemon.config + " migrate " + command);
    CHECK(ran.exit_code == 0);
    CHECK(ran.output ==
          "chiplocd: there is no database " + daemon.database + " yet; the first start makes it\n");
    CHECK_FALSE(std::filesystem::exists(daemon.database));
  }
}

TEST_CASE("chiplocd migrate: refuses by name what it may not touch", "[programs]") {
  const Daemon daemon;
  {
    const auto held = daemon.folder.open();
    const auto ran = daemon.chiplocd("--config " + daemon.config + " migrate apply");
    CHECK(ran.exit_code == 69);
    CHECK_THAT(ran.output, Catch::Contains("another process has this database open for writing"));
  }
  REQUIRE(raw(daemon.folder)->execute("PRAGMA user_version = 999"));
  for (const std::string command : {"migrate status", "migrate apply"}) {
    const auto ran = daemon.chiplocd("--config " + daemon.config + " " + command);
    CHECK(ran.exit_code == 69);
    CHECK(ran.output ==
          "chiplocd: " + daemon.database + ": has schema 999, this program knows " + newest() +
              " at most; start the newer program that wrote it, or restore the backup from before\n");
  }
}

TEST_CASE("chiplocd migrate: a wrong command line or file is told apart from a database", "[programs]") {
  const Daemon daemon;
  CHECK(daemon.chiplocd("--config " + daemon.config + " migrate").exit_code == 64);
  CHECK(daemon.chiplocd("--config " + daemon.config + " migrate apply now").exit_code == 64);
  CHECK(daemon.chiplocd("migrate apply").exit_code == 64);
  std::ofstream{daemon.config} << "nonsense = 1\n";
  CHECK(daemon.chiplocd("--config " + daemon.config + " migrate status").exit_code == 78);
}

}  // namespace chiploc::test
