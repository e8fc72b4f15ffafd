#include "server/rest/rest_request.hpp"

#include <google/protobuf/message.h>

#include "proto/v1/operator_service.pb.h"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace rest_request_test {

const std::vector<ReadRoute>& routes() {
  static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
  return kRoutes;
}

HttpRequest made(std::string method, std::vector<std::string> segments,
                 std::vector<std::pair<std::string, std::string>> query = {}, std::string body = {}) {
  HttpRequest out;
  out.method = std::move(method);
  for (const std::string& segment : segments) out.path += "/" + segment;
  out.segments = std::move(segments);
  out.query = std::move(query);
  if (!body.empty()) out.fields = {{"content-type", "application/json"}};
  out.body = std::move(body);
  return out;
}

const ReadRoute& found(const HttpRequest& request) {
  const auto route = find_route(routes(), request);
  INFO(request.path);
  REQUIRE(std::holds_alternative<const ReadRoute*>(route));
  return *std::get<const ReadRoute*>(route);
}

constexpr std::size_t kBodyMax = 200;

RestRequest read(const HttpRequest& request) {
  auto out = read_request(found(request), request, kBodyMax);
  if (const auto* problem = std::get_if<Problem>(&out)) FAIL(problem->detail);
  return std::move(std::get<RestRequest>(out));
}

Problem refused(const HttpRequest& request) {
  auto out = read_request(found(request), request, kBodyMax);
  REQUIRE(std::holds_alternative<Problem>(out));
  return std::get<Problem>(out);
}

TEST_CASE("rest request: a route is found by method and path", "[rest]") {
  CHECK(found(made("GET", {"v1", "chips", "SN-1"})).operation() == "GetChip");
  CHECK(found(made("DELETE", {"v1", "chips", "SN-1"})).operation() == "Remove_chips");
  CHECK(found(made("GET", {"v1", "notices", "export"})).operation() == "ExportNotices");
  CHECK(found(made("POST", {"v1", "absences", "end"})).operation() == "EndAbsence");
  for (const auto& segments : std::vector<std::vector<std::string>>{{},
                                                                    {""},
                                                                    {"v1"},
                                                                    {"v1", "chips", ""},
                                                                    {"v1", "nuts"},
                                                                    {"v2", "chips"},
                                                                    {"v1", "chips", "a", "b"},
                                                                    {"V1", "chips"}}) {
    const auto route = find_route(routes(), made("GET", segments));
    REQUIRE(std::holds_alternative<Problem>(route));
    CHECK(std::get<Problem>(route).code == "no_route");
  }
  const auto other = find_route(routes(), made("PUT", {"v1", "chips", "SN-1"}));
  REQUIRE(std::holds_alternative<Problem>(other));
  CHECK(std::get<Problem>(other).status == 405);
  CHECK(std::get<Problem>(other).fields == HttpFields{{"allow", "DELETE, GET"}});
}

TEST_CASE("rest request: path, query and what the path decides fill the message", "[rest]") {
  const RestRequest chips =
      read(made("GET", {"v1", "chips"},
                {{"states", "OUTSIDE"}, {"licence", "L 1"}, {"states", "SILENT"}, {"fields", "chips"}}));
  const auto& list = static_cast<const v1::ListChipsRequest&>(*chips.message);
  CHECK(list.licence() == "L 1");
  REQUIRE(list.states_size() == 2);
  CHECK(list.states(1) == v1::SILENT);
  CHECK(chips.fields == "chips");
  const RestRequest site = read(made("GET", {"v1", "sites", "a/b"}));
  const auto& record = static_cast<const v1::ListRecordsRequest&>(*site.message);
  CHECK(record.kind() == v1::SITES);
  CHECK(record.name() == "a/b");
  const RestRequest comment =
      read(made("POST", {"v1", "cases", "C-1", "comments"}, {}, R"({"text":"seen"})"));
  CHECK(static_cast<const v1::CommentCaseRequest&>(*comment.message).name() == "C-1");
  CHECK(static_cast<const v1::CommentCaseRequest&>(*comment.message).text() == "seen");
  CHECK(static_cast<const v1::EndMuteRequest&>(*read(made("POST", {"v1", "mutes", "7", "end"})).message)
            .number() == 7);
}

TEST_CASE("rest request: what is unknown, twice or of another type is named", "[rest]") {
  const auto field_of = [](const HttpRequest& request) {
    const Problem problem = refused(request);
    CHECK(problem.code == "bad_request");
    CHECK(problem.detail.find(problem.field) == 0);
    return problem.field;
  };
  CHECK(field_of(made("GET", {"v1", "chips"}, {{"licenze", "L-1"}})) == "\"licenze\"");
  CHECK(field_of(made("GET", {"v1", "chips"}, {{"licence", "a"}, {"licence", "a"}})) == "licence");
  CHECK(field_of(made("GET", {"v1", "chips"}, {{"fields", "a"}, {"fields", "a"}})) == "fields");
  CHECK(field_of(made("GET", {"v1", "chips"}, {{"page_size", "x"}})) == "page_size");
  CHECK(field_of(made("GET", {"v1", "models"}, {{"kind", "sites"}})) == "\"kind\"");
  CHECK(field_of(made("GET", {"v1", "models"}, {{"unmet", "true"}})) == "\"unmet\"");
  CHECK(field_of(made("GET", {"v1", "chips", "x"}, {{"chip", "y"}})) == "\"chip\"");
  CHECK(field_of(made("POST", {"v1", "mutes", "x", "end"})) == "number");
  CHECK(field_of(made("POST", {"v1", "cases", "C-1", "comments"}, {{"text", "x"}})) == "\"text\"");
  CHECK(field_of(made("POST", {"v1", "cases", "C-1", "comments"}, {}, R"({"name":"C-2"})")) == "/name");
  CHECK(field_of(made("POST", {"v1", "cases", "C-1", "comments"}, {}, R"({"text":["x"]})")) == "/text");
  CHECK(field_of(made("GET", {"v1", "reports", "fleet"}, {{"fields", "x"}})) == "\"fields\"");
  CHECK(refused(made("GET", {"v1", "chips"}, {}, "{}")).code == "bad_request");
  CHECK(refused(made("POST", {"v1", "absences"}, {}, "[]")).code == "bad_request");
}

TEST_CASE("rest request: a body has its type and its size", "[rest]") {
  HttpRequest request = made("POST", {"v1", "cases", "C-1", "comments"}, {}, R"({"text":"seen"})");
  for (const char* type :
       {"application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""}) {
    request.fields = {{"content-type", type}};
    static_cast<void>(read(request));
  }
  for (const char* type : {"text/plain", "application/json; charset=latin1", "application/jsonp", ""}) {
    request.fields = {{"content-type", type}};
    INFO(type);
    CHECK(refused(request).status == 415);
  }
  request.fields = {};
  CHECK(refused(request).status == 415);
  request.fields = {{"content-type", "application/json"}, {"content-type", "application/json"}};
  CHECK(refused(request).status == 415);
  request.fields = {{"content-type", "application/json"}};
  request.body = R"({"text":")" + std::string(kBodyMax - 11, 'x') + R"("})";
  CHECK(request.body.size() == kBodyMax);
  static_cast<void>(read(request));
  request.body += " ";
  CHECK(refused(request).status == 413);
}

TEST_CASE("rest request: Accept leaves room for a type, or it does not", "[rest]") {
  const auto with = [](HttpFields fields) {
    HttpRequest request;
    request.fields = std::move(fields);
    return accepts(request, "application/json");
  };
  CHECK(with({}));
  for (const char* accept :
       {"*/*", "application/*", "text/html, application/JSON;q=0.1", "application/json; q=1"})
    CHECK(with({{"accept", accept}}));
  for (const char* accept : {"text/html", "application/json;q=0", "*/*; q=0.000", "application/jsonx", ""}) {
    INFO(accept);
    CHECK_FALSE(with({{"accept", accept}}));
  }
  CHECK(with({{"accept", "text/html"}, {"accept", "*/*"}}));
}

}  // namespace rest_request_test
}  // namespace chiploc
