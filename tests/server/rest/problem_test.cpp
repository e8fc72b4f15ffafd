#include "server/rest/problem.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace problem_test {

using nlohmann::json;

constexpr ApiFaultCode kCodes[] = {ApiFaultCode::kNoCertificate, ApiFaultCode::kWrongRole,
                                   ApiFaultCode::kBadField,      ApiFaultCode::kNotFound,
                                   ApiFaultCode::kConflict,      ApiFaultCode::kExhausted,
                                   ApiFaultCode::kNotReady,      ApiFaultCode::kUnavailable,
                                   ApiFaultCode::kDamaged,       ApiFaultCode::kInternal};
constexpr RestFault kFaults[] = {
    RestFault::kBadRequest,    RestFault::kNoRoute,    RestFault::kMethodNotAllowed,
    RestFault::kNotAcceptable, RestFault::kInProgress, RestFault::kTooLarge,
    RestFault::kMediaType,     RestFault::kKeyReused,  RestFault::kRateLimited};

TEST_CASE("problem: each fault has a code of its own, and a status", "[rest]") {
  std::set<std::string_view> codes;
  for (const ApiFaultCode code : kCodes) {
    const Problem problem = problem_of(ApiFault{code, "why"});
    CHECK(codes.insert(problem.code).second);
    CHECK(problem.detail == "why");
    CHECK(problem.status >= 400);
  }
  for (const RestFault fault : kFaults) CHECK(codes.insert(problem_of(fault, "why").code).second);
  CHECK(codes.size() == std::size(kCodes) + std::size(kFaults));
  CHECK(problem_of(ApiFault{ApiFaultCode::kNoCertificate, ""}).status == 401);
  CHECK(problem_of(ApiFault{ApiFaultCode::kWrongRole, ""}).status == 403);
  CHECK(problem_of(ApiFault{ApiFaultCode::kBadField, ""}).status == 400);
  CHECK(problem_of(ApiFault{ApiFaultCode::kNotFound, ""}).status == 404);
  CHECK(problem_of(ApiFault{ApiFaultCode::kConflict, ""}).status == 409);
  CHECK(problem_of(ApiFault{ApiFaultCode::kExhausted, ""}).status == 429);
  CHECK(problem_of(ApiFault{ApiFaultCode::kNotReady, ""}).status == 503);
  CHECK(problem_of(RestFault::kKeyReused, "").status == 422);
}

TEST_CASE("problem: a reply is RFC 9457 with our code and, where it is known, the field", "[rest]") {
  const HttpReply reply = reply_of(problem_of(RestFault::kBadRequest, "states: no", "states"));
  CHECK(reply.status == 400);
  CHECK(reply.fields.front() ==
        std::pair<std::string, std::string>{"content-type", "application/problem+json"});
  const json body = json::parse(reply.body);
  CHECK(body.at("type").get<std::string>() == "urn:chiploc:problem:bad_request");
  CHECK(body.at("status").get<int>() == 400);
  CHECK(body.at("code").get<std::string>() == "bad_request");
  CHECK(body.at("field").get<std::string>() == "states");
  CHECK_FALSE(body.at("title").get<std::string>().empty());
  const json without = json::parse(problem_json(problem_of(ApiFault{ApiFaultCode::kNotFound, "no \xff"})));
  CHECK_FALSE(without.contains("field"));
  CHECK(without.at("detail").get<std::string>() == "no \xEF\xBF\xBD");
  const Problem busy = problem_of(ApiFault{ApiFaultCode::kUnavailable, "stopping"});
  CHECK(busy.fields == HttpFields{{"retry-after", "1"}});
}

}  // namespace problem_test
}  // namespace chiploc
