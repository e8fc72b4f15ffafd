#include "server/rest/route.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "proto/v1/operator_service.pb.h"
#include "server/rest/request_fields.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace route_test {

const google::protobuf::ServiceDescriptor& service() {
  return *v1::GetStatusRequest::descriptor()->file()->FindServiceByName("OperatorService");
}

std::vector<RestRoute> table() { return {rest_routes().begin(), rest_routes().end()}; }

RestRoute& route_of(std::vector<RestRoute>& routes, std::string_view verb, std::string_view path) {
  const auto at = std::find_if(routes.begin(), routes.end(),
                               [&](const RestRoute& one) { return one.verb == verb && one.path == path; });
  REQUIRE(at != routes.end());
  return *at;
}

/// One fault that has these words, and nothing else.
void check_only(const std::vector<RestRoute>& routes, const std::string& words) {
  const auto faults = route_faults(service(), routes);
  INFO(words << " / " << (faults.empty() ? "" : faults.front()));
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().find(words) != std::string::npos);
}

TEST_CASE("routes: every method has one, and nothing is wrong with any", "[rest]") {
  for (const std::string& fault : route_faults(service(), rest_routes())) FAIL_CHECK(fault);
  CHECK(service().method_count() > 50);
}

TEST_CASE("routes: a method without a route is told, and a route of no method", "[rest]") {
  std::vector<RestRoute> routes = table();
  routes.erase(std::find_if(routes.begin(), routes.end(),
                            [](const RestRoute& one) { return one.path == "/v1/summary"; }));
  check_only(routes, "the method GetSummary has no route");
  routes = table();
  RestRoute foreign = routes.front();
  foreign.path = "/v1/foreign";
  foreign.call.request = &v1::CounterValues::default_instance();
  routes.push_back(foreign);
  check_only(routes, "GET /v1/foreign is a route of no method");
}

TEST_CASE("routes: each mistake of a line is told", "[rest]") {
  const auto broken = [](std::string_view verb, std::string_view path, const auto& change,
                         const std::string& words) {
    std::vector<RestRoute> routes = table();
    change(route_of(routes, verb, path));
    check_only(routes, words);
  };
  broken(
      "GET", "/v1/status", [](RestRoute& one) { one.path = "/v2/status"; }, "does not begin with /v1/");
  broken(
      "GET", "/v1/chips/{chip}", [](RestRoute& one) { one.path = "/v1/chips/{chop}"; }, "names no field");
  broken(
      "POST", "/v1/orders/{order}/hold/lift",
      [](RestRoute& one) { one.path = "/v1/orders/{order}/hold/{order}"; }, "fills order twice");
  broken(
      "POST", "/v1/mutes", [](RestRoute& one) { one.path = "/v1/mutes/{scope}"; }, "no path can fill");
  broken(
      "GET", "/v1/models", [](RestRoute& one) { one.fixed = "kind=nuts"; }, "no field and word");
  broken(
      "GET", "/v1/models", [](RestRoute& one) { one.takes = "name nut"; }, "takes nut");
  broken(
      "GET", "/v1/status", [](RestRoute& one) { one.changes = true; }, "wrongly whether it changes");
  broken(
      "DELETE", "/v1/chips/{chip:name}", [](RestRoute& one) { one.changes = false; },
      "wrongly whether it changes");
  broken(
      "GET", "/v1/status", [](RestRoute& one) { one.view = nullptr; }, "has no view");
  broken(
      "GET", "/v1/status", [](RestRoute& one) { one.call.ask = nullptr; }, "not both");
  broken(
      "GET", "/v1/notices/export", [](RestRoute& one) { one.path = "/v1/sinks"; }, "");
  broken(
      "POST", "/v1/mutes", [](RestRoute& one) { one.verb = "DELETE"; }, "has scope, which cannot be sent");
}

TEST_CASE("routes: a route that an earlier one hides is told", "[rest]") {
  std::vector<RestRoute> routes = table();
  RestRoute later = route_of(routes, "GET", "/v1/summary");
  later.path = "/v1/chips/summary";
  routes.push_back(later);
  check_only(routes, "is hidden by /v1/chips/{chip}");
  routes.insert(routes.begin(), later);  // in front of it, it is not; but the one behind it is now, twice
  const auto faults = route_faults(service(), routes);
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].find("is hidden by /v1/chips/summary") != std::string::npos);
}

TEST_CASE("routes: operations have names of their own", "[rest]") {
  std::set<std::string> names;
  for (const ReadRoute& route : read_routes(rest_routes())) {
    INFO(route.route->path);
    CHECK(names.insert(route.operation()).second);
    CHECK_FALSE(std::string{route.route->says}.empty());
  }
  CHECK(names.count("ListRecords_models") == 1);
  CHECK(names.count("ListRecords_one_of_models") == 1);
  CHECK(names.count("Remove_chips") == 1);
}

TEST_CASE("routes: what a path fills is no parameter as well", "[rest]") {
  for (const ReadRoute& route : read_routes(rest_routes())) {
    for (const RouteSegment& segment : route.segments) {
      if (segment.field == nullptr) continue;
      CHECK(std::count(route.fields.begin(), route.fields.end(), segment.field) == 0);
    }
    CHECK(std::count(route.fields.begin(), route.fields.end(), route.fixed) == 0);
  }
}

}  // namespace route_test
}  // namespace chiploc
