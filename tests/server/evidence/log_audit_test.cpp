// Nobody can leave out a round: what is missing in a log shows by its entries alone.
#include "server/evidence/log_audit.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace log_audit_test {

WallTime at_second(std::int64_t s) { return {std::chrono::seconds{s}}; }

std::string entry(std::string kind, std::int64_t s, std::vector<std::pair<std::string, std::string>> fields) {
  Leaf leaf;
  leaf.kind = std::move(kind);
  leaf.at = at_second(s);
  for (auto& [name, value] : fields) leaf.fields.push_back({name, value});
  return leaf_text(leaf, {}).value();
}
std::string of_round(const char* kind, int number, std::int64_t s) {
  return entry(kind, s, {{"round", "r" + std::to_string(number)}, {"number", std::to_string(number)}});
}
LogAudit::Report audited(const std::vector<std::string>& entries, std::int64_t by = 100) {
  LogAudit audit;
  for (const std::string& one : entries) audit.add(one);
  return audit.report(at_second(by));
}
const std::vector<std::string> kWhole{entry("begin", 1, {{"next-round", "5"}}),
                                      of_round("abandoned", 4, 2),  // begun before the log was
                                      of_round("intent", 5, 10),
                                      of_round("intent", 6, 11),
                                      of_round("result", 6, 12),
                                      of_round("abandoned", 5, 13),
                                      entry("registry", 20, {{"version", "3"}}),
                                      of_round("intent", 7, 21),
                                      entry("registry", 22, {{"version", "4"}}),
                                      entry("policy", 23, {{"number", "1"}}),
                                      entry("case", 24, {{"case", "1"}, {"line", "1"}}),
                                      entry("case", 25, {{"case", "2"}, {"line", "1"}}),
                                      entry("case", 26, {{"case", "1"}, {"line", "2"}}),
                                      of_round("result", 7, 27),
                                      of_round("intent", 8, 90)};
std::vector<std::string> without(std::size_t index) {
  std::vector<std::string> out = kWhole;
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(index));
  return out;
}

TEST_CASE("log audit: a whole log lacks nothing, and a young round is under way", "[evidence]") {
  const auto young = audited(kWhole, 89);
  CHECK(young.all_there());
  CHECK(young.under_way == 1);
  CHECK(young.entries == kWhole.size());
  CHECK(young.of_kind.at("intent") == 4);
  const auto old = audited(kWhole, 90);
  REQUIRE(old.unended.size() == 1);
  CHECK(old.unended[0].number == 8);
  CHECK(old.unended[0].index == kWhole.size() - 1);
  CHECK(old.unended[0].round == "r8");
  CHECK(old.unended[0].at.since_epoch == at_second(90).since_epoch);
}

TEST_CASE("log audit: a result that was dropped leaves its intent", "[evidence]") {
  for (const std::size_t index : {4U, 5U, 13U}) {
    const auto report = audited(without(index), 89);
    REQUIRE(report.unended.size() == 1);
    CHECK_FALSE(report.all_there());
    CHECK(report.missing.empty());
  }
}

TEST_CASE("log audit: a whole round that was dropped leaves a gap in the numbers", "[evidence]") {
  std::vector<std::string> cut = kWhole;
  cut.erase(cut.begin() + 3, cut.begin() + 5);  // intent and result of 6
  const auto report = audited(cut, 89);
  CHECK(report.unended.empty());
  REQUIRE(report.missing.size() == 1);
  CHECK(report.missing[0].what == "round");
  CHECK(report.missing[0].first == 6);
  CHECK(report.missing[0].last == 6);
  // Also where it was the first.
  cut = kWhole;
  cut.erase(cut.begin() + 5);
  cut.erase(cut.begin() + 2);
  CHECK(audited(cut, 89).missing.at(0).first == 5);
}

TEST_CASE("log audit: an intent that was dropped leaves an end without one", "[evidence]") {
  const auto report = audited(without(3), 89);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0] == "entry 3: ends round 6, which is not under way");
  CHECK(report.missing.size() == 1);
}

TEST_CASE("log audit: versions, policies and lines of cases have no gap either", "[evidence]") {
  std::vector<std::string> more = kWhole;
  more.push_back(entry("registry", 91, {{"version", "7"}}));
  more.push_back(entry("policy", 92, {{"number", "3"}}));
  more.push_back(entry("case", 93, {{"case", "2"}, {"line", "4"}}));
  const auto report = audited(more, 89);
  REQUIRE(report.missing.size() == 3);
  CHECK(report.missing[0].what == "registry version");
  CHECK(report.missing[0].first == 5);
  CHECK(report.missing[0].last == 6);
  CHECK(report.missing[1].what == "policy");
  CHECK(report.missing[2].what == "line of case 2");
  CHECK(report.missing[2].first == 2);
  CHECK(report.missing[2].last == 3);
}

TEST_CASE("log audit: what is told twice, of another round, or is no entry, is a problem", "[evidence]") {
  std::vector<std::string> more = kWhole;
  more.push_back(of_round("result", 6, 91));
  more.push_back(of_round("intent", 6, 92));
  more.push_back("not an entry");
  more.push_back(kWhole[0]);
  more.push_back(entry("intent", 93, {{"number", "9"}}));
  more.push_back(entry("result", 94, {{"round", "other"}, {"number", "8"}}));
  const auto report = audited(more, 89);
  REQUIRE(report.problem_count == 6);
  CHECK(report.problems[0] == "entry 15: ends round 6, which is not under way");
  CHECK(report.problems[1] == "entry 16: round 6 comes after 8");
  CHECK(report.problems[2].starts_with("entry 17: is not to be read: line 1"));
  CHECK(report.problems[3] == "entry 18: begins the log anew");
  CHECK(report.problems[4] == "entry 19: is of a round, and does not say of which");
  CHECK(report.problems[5] == "entry 20: ends round 8, which is not under way");
  CHECK(audited({kWhole[2]}).problems[0] == "entry 0: is the first, and no begin");
}

TEST_CASE("log audit: of a log without any ends as many are told as people read, and all are counted",
          "[evidence]") {
  LogAudit audit;
  audit.add(kWhole[0]);
  for (int number = 5; number < 5 + 2'000; ++number) audit.add(of_round("intent", number, 10));
  const auto report = audit.report(at_second(10));
  CHECK(report.unended_count == 2'000);
  CHECK(report.unended.size() == LogAudit::kToldMax);
  CHECK(report.unended.front().number == 5);
}

}  // namespace log_audit_test
}  // namespace chiploc::test
