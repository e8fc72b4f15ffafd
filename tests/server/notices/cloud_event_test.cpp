#include "server/notices/cloud_event.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

std::string event_of(const Notice& notice) { return cloud_event_text(notice, some_coordinator()); }
std::string refusal_when(const std::string& from, const std::string& to) {
  std::string text = event_of(one_of_each().front());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto read = read_cloud_event(text);
  return read ? "accepted" : read.error();
}
constexpr const char* kOtherwise = "an event that this version would not have written so";

}  // namespace

TEST_CASE("cloud event: one notice, one encoding", "[notices]") {
  CHECK(
      event_of(one_of_each()[7]) ==
      R"({"data":{"from":"compliant","rests_on":["a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",)"
      R"("a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"],"to":"drifted","why":"2 rounds proved it outside its licence"},)"
      R"("datacontenttype":"application/json","dataschema":"urn:chiploc:schema:chip.status_changed:v1",)"
      R"("id":")" +
          id_of(one_of_each()[7]).hex() +
          R"(","sequence":"00000000000000000009",)"
          R"("source":"urn:chiploc:coordinator:c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0","specversion":"1.0",)"
          R"("subject":"chip/11111111111111111111111111111111","time":"2026-12-01T11:59:00Z",)"
          R"("type":"org.chiploc.chip.status_changed.v1"})");
}

TEST_CASE("cloud event: what is empty is left out, and severity follows from the case", "[notices]") {
  Notice notice = one_of_each().front();
  auto& opened = std::get<CaseOpenedNotice>(notice.facts);
  CHECK_THAT(event_of(notice), Catch::Contains(R"("licence":"L-JP")"));
  CHECK_THAT(event_of(notice), Catch::Contains(R"("due":"2026-12-04T12:00:00Z")"));
  CHECK_THAT(event_of(notice), Catch::Contains(R"("severity":"critical")"));
  opened.facts.licence.clear();
  opened.due.reset();
  opened.facts.about = NoticeSubject::kUnproven;
  CHECK_THAT(event_of(notice), !Catch::Contains("\"licence\":"));
  CHECK_THAT(event_of(notice), !Catch::Contains("\"due\":"));
  CHECK_THAT(event_of(notice), Catch::Contains(R"("severity":"warning")"));
}

TEST_CASE("cloud event: the largest stays far within the limit and comes back", "[notices]") {
  const std::string text = event_of(largest_notice());
  CHECK(text.size() < kCloudEventMax / 3);
  const auto read = read_cloud_event(text);
  REQUIRE(read);
  CHECK(read->notice == largest_notice());
}

TEST_CASE("cloud event: every notice comes back whole, and its text is printable ASCII",
          "[notices][property]") {
  holds("read(write(notice)) == notice", [] {
    const Notice notice = any_notice();
    RC_ASSERT(refusal_of(notice) == "");
    const std::string text = event_of(notice);
    for (const char c : text) RC_ASSERT(c >= 0x20 && c < 0x7f);
    const auto read = read_cloud_event(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->notice == notice);
    RC_ASSERT(read->source == some_coordinator());
  });
}

TEST_CASE("cloud event: no character of it can be changed unnoticed by the reader, or it means itself",
          "[notices][property]") {
  holds("what is read would be written so", [] {
    std::string text = event_of(any_notice());
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    const auto read = read_cloud_event(text);
    if (read) RC_ASSERT(cloud_event_text(read->notice, read->source) == text);
  });
}

TEST_CASE("cloud event: what was not written by us is refused, with its reason", "[notices]") {
  CHECK(refusal_when("{", "[") == "no JSON object");
  CHECK(refusal_when("\"type\":\"org", "\"type\":\"com") ==
        "an event of a type that this version does not know");
  CHECK(refusal_when("\"type\":\"org.chiploc.case.opened.v1\"", "\"type\":7") ==
        "an event of a type that this version does not know");
  CHECK(refusal_when("opened.v1", "opened.v2") == "an event of a type that this version does not know");
  CHECK(refusal_when("coordinator:c0", "coordinator:c") == "an event of no coordinator");
  CHECK(refusal_when("urn:chiploc:coordinator", "urn:chiploc:anchor") == "an event of no coordinator");
  CHECK(refusal_when("\"data\":{", "\"date\":{") == "an event without data");
  CHECK(refusal_when("\"subject\":\"case/C-17\"", "\"subject\":\"case\"") == kOtherwise);
  CHECK(refusal_when("\"subject\":\"case/C-17\"", "\"subject\":\"case/\"") == "an event whose name is empty");
  CHECK(refusal_when("case/C-", "order/C-") == kOtherwise);
  CHECK(refusal_when("00000000000000000001", "1") == kOtherwise);
  CHECK(refusal_when("00000000000000000001", "x") ==
        "an event whose change is 0; changes are counted from 1");
  CHECK(refusal_when("\"id\":\"0", "\"id\":\"1") == kOtherwise);
  CHECK(refusal_when("\"specversion\":\"1.0\"", "\"specversion\":\"1.1\"") == kOtherwise);
  CHECK(refusal_when("\"summary\":", "\"zone\":1,\"summary\":") == kOtherwise);
  CHECK(refusal_when("critical", "warning") == kOtherwise);
  CHECK(refusal_when("\"chips_count\":2", "\"chips_count\":2.0") ==
        "an event whose chips_count is less than the chips that are named");
  CHECK(refusal_when("\"chips_count\":2", "\"chips_count\": 2") == kOtherwise);
  CHECK(refusal_when("2026-12-01T12:00:00Z", "2026-12-01T12:00:60Z") == kOtherwise);
  CHECK(refusal_when("2026-12-04T12:00:00Z", "2026-02-30T12:00:00Z") == kOtherwise);
  CHECK(refusal_when("\"11111111111111111111111111111111\"", "7") == kOtherwise);
  CHECK(refusal_when("\"12121212121212121212121212121212\"", "\"12\"") == kOtherwise);
  CHECK(read_cloud_event(std::string(kCloudEventMax + 1, ' ')).error() == "an event of 65537 bytes");
  CHECK_FALSE(read_cloud_event(""));
  const std::string deep(60'000, '[');
  CHECK(read_cloud_event(deep).error() == "no JSON object");
  CHECK_FALSE(read_cloud_event(R"({"a":)" + deep));
}

TEST_CASE("cloud event: names that would read as another are escaped", "[notices]") {
  Notice notice = one_of_each().back();
  std::get<NoticeTest>(notice.facts).text = "\u00fc \U0001f600 </script>";
  CHECK_THAT(event_of(notice), Catch::Contains(R"(\u00fc \ud83d\ude00 </script>)"));
  CHECK(read_cloud_event(event_of(notice))->notice == notice);
}

}  // namespace chiploc::test
