#include "server/policy/rules_file.hpp"

#include "server/policy/groups.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

struct Read {
  RulesRead read;
  std::vector<std::string> faults;
  std::set<std::string> asked;
};
Read parse(const std::string& text) {
  TomlReader file = TomlReader::parse(text, "/etc/p.toml");
  Read out;
  out.read = read_rules(file);
  out.faults = file.finish();
  out.asked = file.asked();
  return out;
}
std::string transshipment(const RulesRead& read) {
  std::string out;
  for (const CountryCode code : read.rules.scheduler.tiers.transshipment) out += code.text() + ' ';
  return out;
}

TEST_CASE("rules file: what it reads is what it writes, and no key is missing in either") {
  const Read empty = parse("");
  CHECK(empty.faults.empty());
  CHECK(empty.read.has.empty());
  CHECK(differences(empty.read.rules, PolicyRules{}).empty());
  std::set<std::string> written;
  for (const RuleSection section : kRuleSections) {
    for (const auto& [key, value] : keys_of(PolicyRules{}, section))
      written.insert(std::string{name_of(section)} + '.' + std::string{key});
  }
  CHECK(empty.asked == written);
}

TEST_CASE("rules file: a section that stands there is told, also an empty one") {
  const Read two = parse("[cases]\n[orders]\nhold_least = 9\n");
  CHECK(two.faults.empty());
  CHECK(two.read.has == RuleSections{RuleSection::kOrders, RuleSection::kCases});
  CHECK(two.read.rules.orders.hold_least == 9);
  CHECK(two.read.rules.orders.hold_share == OrderRules{}.hold_share);
}

TEST_CASE("rules file: countries by code, by a group of the file and by one of the export rules") {
  const Read read = parse(
      "[groups]\nport = [\"sg\", \"AE\"]\n[scheduler]\ntransshipment = [\"MY\", \"@port\", \"AE\", \"@E:2\"]\n");
  CHECK(read.faults.empty());
  CHECK(transshipment(read.read) == "AE CU MY SG ");  // sorted, each once
  const Read all = parse("[scheduler]\ntransshipment = [\"@D:5\"]\n");
  CHECK(all.faults.empty());
  CHECK(all.read.rules.scheduler.tiers.transshipment.size() == countries_of(CountryGroup::kD5).size());
}

TEST_CASE("rules file: each fault names its file, line and key") {
  const auto begins = [](const std::string& text, const std::string& head) {
    const Read read = parse(text);
    INFO(text);
    REQUIRE(read.faults.size() == 1);
    INFO(read.faults[0]);
    CHECK(read.faults[0].starts_with("/etc/p.toml:" + head));
  };
  begins("[scheduler]\ntransshipment = [\"Emirates\"]\n",
         "2: scheduler.transshipment: 'Emirates' is no country");
  begins("[scheduler]\ntransshipment = [\"@port\"]\n", "2: scheduler.transshipment: '@port' names no group");
  begins("[groups]\nport = [\"AE\"]\n", "2: groups.port: is named by nothing");
  begins("[groups]\n\nport = [\"AEX\"]\n[scheduler]\ntransshipment = [\"@port\"]\n",
         "3: groups.port: 'AEX' is no country");
  begins("[groups]\n\"D:5\" = [\"AE\"]\n[scheduler]\ntransshipment = [\"@D:5\"]\n",
         "2: groups.D:5: is a group of the export rules");
  begins("[scheduler]\ncadence_s = 60\nraised_cadence_s = 60\n", "3: scheduler.raised_cadence_s: ");
  begins("[status]\nsilent_after = 48\n", "2: status.silent_after: unknown key");
  begins("[orders]\nhold_share_percent = 10\nrelease_share_percent = 10\n",
         "3: orders.release_share_percent: ");
  begins("[cases]\nattempt_confirmations = 9\n", "2: cases.attempt_confirmations: ");
  begins("[retention]\nmesh_hours = 0\n", "2: retention.mesh_hours: ");
  begins("[retentions]\n", "1: retentions: unknown");
}

}  // namespace
}  // namespace chiploc
