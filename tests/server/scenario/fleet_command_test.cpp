// `chiploc sim fleet` as a function: what it prints, and its exit codes.
#include <csignal>
#include <fstream>

#include "server/scenario/sim_command.hpp"
#include "tests/server/fleet/fleet_text.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc {
namespace {

test::Told sim_fleet(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "fleet");
  return test::told([&] { return run_sim_command(arguments); });
}

bool tells(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("chiploc sim fleet: the same bytes with one thread and with four, in every format", "[fleet]") {
  const TempDir folder;
  const std::string file = folder.write("fleet.toml", fleet::kSmallFleet).string();
  const std::vector<std::pair<std::string, std::string>> formats{
      {"table", "100 chips, 3 days, 7200 rounds, seed 3"},
      {"json", "\"rounds\": 7200,"},
      {"csv", "\nrounds,,7200\n"}};
  for (const auto& [format, part] : formats) {
    const test::Told one = sim_fleet({file, "-o", format, "--threads", "1"});
    const test::Told four = sim_fleet({file, "-o", format, "--threads", "4"});
    CAPTURE(format, one.out, one.err);
    CHECK(one.code == 0);
    CHECK(one.err.empty());
    CHECK(tells(one.out, part));
    CHECK(one.out == four.out);
  }
}

TEST_CASE("chiploc sim fleet: another seed is another fleet, and rounds are judged again on request",
          "[fleet]") {
  const TempDir folder;
  const std::string file = folder.write("fleet.toml", fleet::kSmallFleet).string();
  const test::Told three = sim_fleet({file, "--check", "50"});
  CHECK(three.code == 0);
  CHECK(tells(three.out, "rounds by decide(): 0 differences"));
  const test::Told four = sim_fleet({file, "--seed", "4"});
  CHECK(four.code == 0);
  CHECK(tells(four.out, "seed 4"));
  CHECK_FALSE(tells(four.out, "decide()"));
}

TEST_CASE("chiploc sim fleet: 64 for a wrong call, 78 for a fault in the file", "[fleet]") {
  const TempDir folder;
  CHECK(sim_fleet({}).code == 64);
  const test::Told none = sim_fleet({(folder / "none.toml").string()});
  CHECK(none.code == 64);
  CHECK(tells(none.err, "none.toml"));
  CHECK(sim_fleet({folder.path().string()}).code == 64);
  const std::string wrong = fleet::changed(fleet::kSmallFleet, "days = 3", "days = 0");
  const std::string path = folder.write("wrong.toml", wrong).string();
  const test::Told faulty = sim_fleet({path});
  CHECK(faulty.code == 78);
  CHECK(tells(faulty.err, path + ":4: fleet.days"));
  CHECK(faulty.out.empty());
  CHECK(sim_fleet({path, "--threads", "0"}).code == 64);
  const std::string good = folder.write("good.toml", fleet::kSmallFleet).string();
  for (const char* check : {"7201", "-1", "1.5", "many"}) {
    CAPTURE(check);
    CHECK(sim_fleet({good, "--check", check}).code == 64);
  }
  CHECK(tells(sim_fleet({good, "--check", "7201"}).err, "--check: the run has 7200 rounds"));
  CHECK(sim_fleet({good, "--check", "7200"}).code == 0);
}

TEST_CASE("chiploc sim fleet: 130 when it is interrupted, and nothing of a part", "[fleet]") {
  const TempDir folder;
  const std::string much = fleet::changed(fleet::kSmallFleet, "chips = 60", "chips = 50000000");
  const std::string file = folder.write("much.toml", much).string();
  const test::Told told = test::told_when_interrupted(SIGTERM, [&] {
    return run_sim_command({"fleet", file});
  });
  CHECK(told.code == 130);
  CHECK(told.out.empty());
  CHECK(tells(told.err, "nothing is reported of a part"));
}

}  // namespace
}  // namespace chiploc
