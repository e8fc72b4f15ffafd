#include "server/rest/request_fields.hpp"

#include <google/protobuf/descriptor.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "proto/v1/operator_service.pb.h"
#include "server/service/json_view.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace request_fields_test {

using google::protobuf::FieldDescriptor;
using nlohmann::json;

template <class Request>
Request read_one(const char* name, std::string_view text) {
  Request request;
  const FieldDescriptor* field = field_named(*Request::descriptor(), name);
  REQUIRE(field != nullptr);
  const auto read = read_text(request, *field, text);
  INFO(text << (read ? "" : read.error().text));
  REQUIRE(read);
  return request;
}

template <class Request>
FieldFault fault_of(const char* name, std::string_view text) {
  Request request;
  const FieldDescriptor* field = field_named(*Request::descriptor(), name);
  REQUIRE(field != nullptr);
  const auto read = read_text(request, *field, text);
  INFO(text);
  REQUIRE_FALSE(read);
  return read.error();
}

template <class Request>
Result<Done, FieldFault> read_body(Request& request, const json& body) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < Request::descriptor()->field_count(); ++i)
    fields.push_back(Request::descriptor()->field(i));
  return read_object(request, body, "", fields);
}

TEST_CASE("request fields: times are written as answers have them", "[rest]") {
  const std::int64_t second = 1'790'000'000;
  CHECK(*read_time("1970-01-01") == 0);
  CHECK(*read_time("2026-09-21T14:13:20Z") == second * 1'000'000'000);
  CHECK(*read_time("2026-09-21T14:13Z") == (second - 20) * 1'000'000'000);
  CHECK(*read_time("2026-09-21T14:13:20.5Z") == second * 1'000'000'000 + 500'000'000);
  CHECK(*read_time("2026-09-21T14:13:20.000000001Z") == second * 1'000'000'000 + 1);
  for (const std::int64_t at : {second * 1'000'000'000 + 123'000'000, std::int64_t{1'000'000}})
    CHECK(*read_time(iso_time(at)) == at);
  for (const char* text : {"",
                           "now",
                           "2h",
                           "0",
                           "2026",
                           "2026-09",
                           "2026-13-01",
                           "2026-02-30",
                           "1969-12-31",
                           "2262-01-01",
                           "9999-01-01",
                           "2026-09-21T14:13:20",
                           "2026-09-21T14:13:20+00:00",
                           "2026-09-21T24:00Z",
                           "2026-09-21T14:60Z",
                           "2026-09-21T14:13:60Z",
                           "2026-09-21T14:13:20.Z",
                           "2026-09-21T14:13:20.0000000001Z",
                           "2026-09-21 14:13Z",
                           "2026-09-21T1:13Z",
                           "2026-09-21Z",
                           "-026-09-21",
                           "2026-09-21T14:13:2 Z",
                           "2026-09-21T14:13:20.5aZ"}) {
    INFO(text);
    CHECK_FALSE(read_time(text));
  }
  CHECK(read_one<v1::ListChipsRequest>("since", "1970-01-02").since_unix_ns() == 86'400'000'000'000);
  CHECK(field_named(*v1::ListChipsRequest::descriptor(), "since_unix_ns") == nullptr);
}

TEST_CASE("request fields: numbers, truth and hexadecimal are exact", "[rest]") {
  CHECK(read_one<v1::ListChipsRequest>("page_size", "4294967295").page_size() == 4'294'967'295U);
  CHECK(read_one<v1::EndMuteRequest>("number", "18446744073709551615").number() ==
        std::numeric_limits<std::uint64_t>::max());
  for (const char* text :
       {"", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x1", "4294967296", "99999999999999999999"})
    CHECK(fault_of<v1::ListChipsRequest>("page_size", text).field == "page_size");
  CHECK(read_one<v1::ListChipsRequest>("expired", "true").expired());
  CHECK_FALSE(read_one<v1::ListChipsRequest>("expired", "false").expired());
  for (const char* text : {"", "1", "TRUE", "yes"})
    CHECK(fault_of<v1::ListChipsRequest>("expired", text).text.find("neither true nor false") !=
          std::string::npos);
  CHECK(read_one<v1::AddCaseEvidenceRequest>("file_sha256", "00fF").file_sha256() ==
        std::string("\0\xff", 2));
  for (const char* text : {"0", "0g", "0x00"}) fault_of<v1::AddCaseEvidenceRequest>("file_sha256", text);
  fault_of<v1::GetChipRequest>("chip", "\xff");
  CHECK(read_one<v1::GetChipRequest>("chip", "M\xC3\xBCller").chip() == "M\xC3\xBCller");
}

TEST_CASE("request fields: enumerations are the words of answers", "[rest]") {
  CHECK(read_one<v1::ListChipsRequest>("states", "VERIFIED").states(0) == v1::VERIFIED);
  CHECK(read_one<v1::ListStatusesRequest>("states", "drifted").states(0) == v1::CHIP_DRIFTED);
  CHECK(read_one<v1::ListCasesRequest>("kinds", "another_user").kinds(0) == v1::CASE_ANOTHER_USER);
  CHECK(read_one<v1::ListCasesRequest>("states", "disputed").states(0) == v1::CASE_DISPUTED);
  CHECK(read_one<v1::ResolveCaseRequest>("how", "moved_back").how() == v1::CASE_MOVED_BACK);
  CHECK(read_one<v1::ListOrderHoldsRequest>("states", "hold").states(0) == v1::ORDER_ON_HOLD);
  CHECK(read_one<v1::DeclareAbsenceRequest>("kind", "transit").kind() == v1::ABSENT_IN_TRANSIT);
  CHECK(read_one<v1::ListChipsRequest>("order", "decided").order() == v1::BY_DECIDED);
  CHECK(read_one<v1::ListChipsRequest>("order", "id").order() == v1::CHIP_ORDER_UNSPECIFIED);
  CHECK(read_one<v1::ExportRequest>("kind", "prohibited").kind() == v1::PROHIBITED_TERRITORIES);
  CHECK(read_one<v1::CompleteNameRequest>("kind", "serial").kind() == v1::SERIAL_NAMES);
  CHECK(read_one<v1::ExportNoticesRequest>("form", "cloudevents").form() == v1::NOTICE_CLOUDEVENT);
  CHECK(read_one<v1::ExportNoticesRequest>("form", "ocsf").form() == v1::NOTICE_OCSF);
  CHECK(read_one<v1::GetReportRequest>("kind", "act").kind() == v1::REPORT_ACT);
  CHECK(read_one<v1::GetReportRequest>("form", "geojson").form() == v1::REPORT_GEOJSON);
  for (const char* text : {"", "verified", "1", "VERDICT_STATE_UNSPECIFIED", "UNKNOWN"}) {
    const FieldFault fault = fault_of<v1::ListChipsRequest>("states", text);
    CHECK(fault.text.find("VERIFIED, CLEARED") != std::string::npos);
  }
}

TEST_CASE("request fields: every value of every enumeration of a request has one word", "[rest]") {
  const auto& service = *v1::GetStatusRequest::descriptor()->file()->FindServiceByName("OperatorService");
  std::set<const google::protobuf::EnumDescriptor*> seen;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& request = *service.method(i)->input_type();
    for (int k = 0; k < request.field_count(); ++k) {
      const auto* type = request.field(k)->enum_type();
      if (type == nullptr || !seen.insert(type).second) continue;
      std::set<std::string> words;
      for (const std::string& word : words_of(*type)) CHECK(words.insert(word).second);
      INFO(type->full_name());
      CHECK(words.count("unknown") + words.count("records") == 0);
      CHECK(static_cast<int>(words.size()) >= type->value_count() - 1);
    }
  }
  CHECK(seen.size() >= 12);
}

TEST_CASE("request fields: bodies are read by type, and faults have their place", "[rest]") {
  v1::ImportRequest import;
  REQUIRE(read_body(
      import,
      json{{"dry_run", true},
           {"files", {{{"kind", "chips"}, {"name", "c"}, {"format", "csv"}, {"content", "a,b\n"}}}}}));
  CHECK(import.dry_run());
  CHECK(import.files(0).kind() == v1::CHIPS);
  CHECK(import.files(0).content() == "a,b\n");  // text, not hexadecimal
  v1::AddMuteRequest mute;
  REQUIRE(read_body(mute, json{{"scope", {{"licence", "L-1"}}}, {"until", "2026-12-02"}, {"reason", "x"}}));
  CHECK(mute.scope().licence() == "L-1");

  const auto fault = [](const json& body) {
    v1::ImportRequest request;
    const auto read = read_body(request, body);
    INFO(body.dump());
    REQUIRE_FALSE(read);
    return read.error();
  };
  CHECK(fault({{"files", {{{"kinds", "chips"}}}}}).field == "/files/0/kinds");
  CHECK(fault({{"files", {{{"kind", "chips"}}, {{"kind", "nuts"}}}}}).field == "/files/1/kind");
  CHECK(fault({{"files", "x"}}).text == "here stands a text; it has to be an array");
  CHECK(fault({{"files", {1}}}).text == "here stands a number; it has to be an object");
  CHECK(fault({{"dry_run", "true"}}).text == "here stands a text; it has to be true or false");
  CHECK(fault({{"dry_run", nullptr}}).text == "here stands null; it has to be true or false");
  CHECK(fault({{"reason", 7}}).field == "/reason");
  CHECK(fault({{"a/b", 7}}).field == "/a~1b");
  v1::VerifyRequest verify;
  CHECK_FALSE(read_body(verify, json{{"deadline_ms", -1}}));
  CHECK_FALSE(read_body(verify, json{{"deadline_ms", 1.0}}));
  CHECK(read_body(verify, json{{"deadline_ms", 4'294'967'296}}).error().text == "this number is too large");
  CHECK(read_body(verify, json{{"deadline_ms", 4'294'967'295}}));
}

}  // namespace request_fields_test
}  // namespace chiploc
