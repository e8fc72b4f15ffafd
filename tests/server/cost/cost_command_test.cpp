#include "server/cost/cost_command.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc {
namespace {

test::Told told(const CostArguments& arguments) {
  return test::told([&] { return run_cost_command(arguments); });
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kPolicy = "[policy]\nfaults = 1\n[scheduler]\ncadence_s = 86400\n";

TEST_CASE("sim cost: a policy in every format", "[cost]") {
  const TempDir folder;
  CostArguments arguments;
  arguments.policy = folder.write("strict.toml", kPolicy).string();
  const test::Told table = told(arguments);
  CHECK(table.code == 0);
  CHECK(table.err.empty());
  CHECK(has(table.out, "What it costs to get round strict.toml (policy-3 vacuum faults=1 lifetime_s=86400"));
  CHECK(has(table.out, "! Taken as their defaults, since the file has none: [status], [orders].\n"));
  arguments.output = "json";
  CHECK(has(told(arguments).out, "\"cheapest_unseen\": "));
  arguments.output = "csv";
  CHECK(has(told(arguments).out, "\nkey,"));
  arguments.output = "markdown";
  CHECK(told(arguments).out.starts_with("# What it costs to get round strict.toml"));
}

TEST_CASE("sim cost: the options are the case that is priced", "[cost]") {
  const TempDir folder;
  CostArguments arguments;
  arguments.policy =
      folder.write("p.toml", kPolicy + "raised_cadence_s = 7200\n[status]\ncleared_is_enough = true\n")
          .string();
  arguments.output = "json";
  arguments.chips = 50;
  arguments.months = 3;
  arguments.distance_km = 500;
  arguments.anchors = 12;
  arguments.margin_km = 2'000;
  arguments.goal = "third-country";
  arguments.tier = "raised";
  arguments.key = "memory";
  arguments.without = {"absence", "key"};
  const std::string json = told(arguments).out;
  for (const char* part : {"\"chips\": 50.0", "\"months\": 3.0", "\"distance_km\": 500.0", "\"anchors\": 12",
                           "\"margin_km\": 2000.0", "\"goal\": \"third-country\"", "\"key_in_memory\": true",
                           "\"cadence_hours\": 1.8461", "\"cheapest_unseen\": \"relay-public\"",
                           "\"without\": [\n    \"absence\",\n    \"key\"\n  ]"}) {
    CAPTURE(std::string{part});
    CHECK(has(json, part));
  }
}

TEST_CASE("sim cost: assumptions of a file are reckoned with, and written as they are in use", "[cost]") {
  const TempDir folder;
  CostArguments arguments;
  arguments.policy = folder.write("p.toml", kPolicy).string();
  arguments.write_assumptions = (folder / "all.toml").string();
  CHECK(told(arguments).code == 0);
  const std::string all = read_file(folder / "all.toml");
  CHECK(has(all, "[key_lab]\nvalue = 500000\n"));
  std::string changed = all;
  changed.replace(changed.find("value = 500000"), 14, "value = 600000");
  arguments.assumptions = folder.write("mine.toml", changed).string();
  arguments.write_assumptions = (folder / "again.toml").string();
  arguments.output = "json";
  CHECK(has(told(arguments).out, "\"value\": 600000.0"));
  CHECK(read_file(folder / "again.toml") == changed);
}

TEST_CASE("sim cost: faults have their codes, and say where", "[cost]") {
  const TempDir folder;
  CostArguments arguments;
  arguments.policy = (folder / "none.toml").string();
  const test::Told none = told(arguments);
  CHECK(none.code == 64);
  CHECK(has(none.err, "none.toml: cannot be read"));
  arguments.policy = folder.path().string();
  CHECK(told(arguments).code == 64);
  arguments.policy = folder.write("bad.toml", "[policy]\nfaults = 99\n[scheduler]\ncadense_s = 1\n").string();
  const test::Told bad = told(arguments);
  CHECK(bad.code == 78);
  CHECK(bad.out.empty());
  CHECK(has(bad.err, "bad.toml:2: policy.faults"));
  CHECK(has(bad.err, "bad.toml:4: scheduler.cadense_s"));
  // A file of another kind is no policy that costs nothing to get round.
  for (const char* text : {"", "[scheduler]\ncadence_s = 86400\n"}) {
    arguments.policy = folder.write("other.toml", text).string();
    const test::Told other = told(arguments);
    CHECK(other.code == 78);
    CHECK(other.out.empty());
    CHECK(has(other.err, "other.toml:1: policy: missing; add a section [policy]"));
  }
  arguments.policy = folder.write("p.toml", kPolicy).string();
  arguments.without = {"keys"};
  const test::Told unknown = told(arguments);
  CHECK(unknown.code == 64);
  CHECK(has(unknown.err, "--without keys: no way has this name; they are: elsewhere dark stall"));
  arguments.without.clear();
  arguments.assumptions = folder.write("mine.toml", "[rent_hour]\nvalue = 1\n").string();
  const test::Told mine = told(arguments);
  CHECK(mine.code == 78);
  CHECK(has(mine.err, "mine.toml:1: rent_hour.low: missing"));
  arguments.assumptions = folder.write("large.toml", std::string(300'000, '#')).string();
  CHECK(has(told(arguments).err, "larger than 256 KiB"));
  arguments.assumptions.clear();
  arguments.write_assumptions = "/nonexistent/x.toml";
  CHECK(told(arguments).code == 64);
}

}  // namespace
}  // namespace chiploc
