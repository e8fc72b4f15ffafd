// Every route at least once; every route by every role; what is sealed, and whose rows.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "server/rest/answer_shape.hpp"
#include "server/rest/rest_request.hpp"
#include "tests/server/rest/rest_story.hpp"
#include "tests/server/rest/schema_check.hpp"

namespace chiploc::test {
namespace rest_routes_test {

const std::vector<ReadRoute>& routes() {
  static const std::vector<ReadRoute> kRoutes = read_routes(rest_routes());
  return kRoutes;
}

const json& schema_of_route(const ReadRoute& route) {
  static std::map<std::string, json> made;
  const auto at = made.find(route.operation());
  if (at != made.end()) return at->second;
  return made[route.operation()] = json::parse(schema_of(shape_of(route)).dump());
}

/// What is wrong with an answer, whatever was asked; empty: nothing.
std::string fault_of(const ReadRoute& route, const Got& got) {
  if (got.status >= 500) return std::to_string(got.status) + " " + got.body;
  if (route.route->form != RestForm::kJson && got.status == 200) return {};
  const json body = json::parse(got.body, nullptr, false);
  if (body.is_discarded()) return "no JSON: " + got.body;
  if (got.status < 300) return schema_fault(schema_of_route(route), body);
  if (got.field("content-type") != "application/problem+json") return "a problem of another type";
  for (const char* key : {"type", "title", "status", "detail", "code"}) {
    if (!body.contains(key)) return std::string{"a problem without "} + key;
  }
  return body.at("status") == got.status ? "" : "a problem of another status";
}

struct Step {
  const char* verb;
  std::string target;
  int status = 200;
  std::string body{};
};

TEST_CASE("routes: each of them does its work once", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const std::string policy = R"("policy":{"name":"p.toml","content":"[policy]\nfaults = 1\n"})";
  const std::string digest(64, 'a');
  const std::vector<Step> steps{
      {"GET", "/v1/status"},
      {"GET", "/v1/summary?since=2026-09-01&soon_days=30"},
      {"POST", "/v1/sign-in-codes", 201},
      {"GET", "/v1/chips?with_total=true"},
      {"GET", "/v1/chips/SN-0"},
      {"GET", "/v1/statuses?with_total=true"},
      {"GET", "/v1/status-changes"},
      {"GET", "/v1/names?kind=serial&prefix=SN"},
      {"GET", "/v1/licences"},
      {"GET", "/v1/licences/l-1"},
      {"GET", "/v1/territories/benelux"},
      {"GET", "/v1/anchors"},
      {"GET", "/v1/models?maker=acme"},
      {"GET", "/v1/models/SPARE"},
      {"GET", "/v1/entities?watched=true"},
      {"GET", "/v1/entities/User%20AG"},
      {"GET", "/v1/sites?with_total=true"},
      {"GET", "/v1/sites/fra-1"},
      {"GET", "/v1/deliveries?order=O-1"},
      {"GET", "/v1/deliveries/D-1"},
      {"GET", "/v1/conditions?unmet=true&due_before=2027-01-01"},
      {"GET", "/v1/conditions/C-1"},
      {"GET", "/v1/orders?licence=L-1"},
      {"GET", "/v1/orders/O-1"},
      {"GET", "/v1/order-holds"},
      {"GET", "/v1/imports?limit=2"},
      {"GET", "/v1/exports/sites"},
      {"GET", "/v1/registry-changes?kind=licences"},
      {"GET", "/v1/verdicts?states=VERIFIED&with_total=true"},
      {"GET", "/v1/verdicts/SN-0?with_evidence=true"},
      {"POST", "/v1/verdicts/SN-0/replay", 200, "{}"},
      {"GET", "/v1/policy"},
      {"POST", "/v1/policies", 201, "{" + policy + R"(,"reason":"tried"})"},
      {"GET", "/v1/policies"},
      {"POST", "/v1/policies/replay", 200, "{" + policy + "}"},
      {"POST", "/v1/chips/SN-0/verify"},
      {"POST", "/v1/chips/SN-1/counters/restart", 404, R"({"reason":"flash replaced"})"},
      {"POST", "/v1/absences", 201,
       R"({"chips":["SN-1"],"until":"2026-09-28","kind":"transit","reason":"moves"})"},
      {"POST", "/v1/absences/end", 200, R"({"chips":["SN-1"]})"},
      {"POST", "/v1/cases", 201, R"({"order":"O-1","user":"Other Ltd","reason":"an invoice"})"},
      {"GET", "/v1/cases?with_total=true"},
      {"GET", "/v1/cases/C-1"},
      {"POST", "/v1/cases/C-1/assign", 200, R"({"assignee":"ann"})"},
      {"POST", "/v1/cases/C-1/comments", 201, R"({"text":"asked them"})"},
      {"POST", "/v1/cases/C-1/evidence", 201, R"({"note":"invoice","file_sha256":")" + digest + "\"}"},
      {"POST", "/v1/cases/C-1/dispute", 200, R"({"statement":"they are ours"})"},
      {"POST", "/v1/cases/C-1/dispute/decide", 200, R"({"uphold":true,"reason":"so they are"})"},
      {"POST", "/v1/cases/C-1/reopen", 200, R"({"reason":"they are not"})"},
      {"POST", "/v1/cases/C-1/resolve", 200, R"({"how":"explained","reason":"a rename"})"},
      {"POST", "/v1/orders/O-1/hold/lift", 409, R"({"reason":"seen","until":"2026-10-01"})"},
      {"POST", "/v1/orders/O-1/deliveries/D-2/override", 409, R"({"reason":"seen"})"},
      {"POST", "/v1/orders/O-1/proposals/buyer/decide", 409, R"({"accept":false,"reason":"known"})"},
      {"GET", "/v1/audit?name=alice&page_size=2"},
      {"POST", "/v1/enrolments", 201,
       R"({"kind":"anchor","name":"fra9","reason":"a new one","valid_s":600})"},
      {"GET", "/v1/enrolments?open=true&page_size=2"},
      {"DELETE", "/v1/enrolments/1"},
      {"GET", "/v1/sinks"},
      {"POST", "/v1/sinks/siem/test", 200},
      {"GET", "/v1/notices?sink=siem"},
      {"GET", "/v1/notices/export?form=cloudevents"},
      {"POST", "/v1/notices/deliveries/1/resend", 404},
      {"POST", "/v1/sinks/siem/switch", 200, R"({"off":true,"reason":"repairs"})"},
      {"POST", "/v1/mutes", 201,
       R"({"scope":{"licence":"L-1"},"reason":"cooling","until":"2026-09-22T00:00:00Z"})"},
      {"GET", "/v1/mutes?all=true"},
      {"POST", "/v1/mutes/1/end", 200},
      {"GET", "/v1/reports/fleet?form=json"},
      {"GET", "/v1/report-keys"},
      {"GET", "/v1/watch"},
      {"DELETE", "/v1/conditions/C-1?reason=met"},
      {"DELETE", "/v1/models/SPARE"},
      {"DELETE", "/v1/territories/benelux"},
      {"DELETE", "/v1/entities/Shadow%20Inc"},
      {"DELETE", "/v1/sites/spare-1"},
      {"DELETE", "/v1/orders/O-9"},
      {"DELETE", "/v1/anchors/par1"},
      {"DELETE", "/v1/deliveries/D-1", 409},
      {"DELETE", "/v1/makers/acme", 409},
      {"DELETE", "/v1/licences/L-1", 409},
      {"DELETE", "/v1/chips/SN-0", 409},
      {"POST", "/v1/imports", 200,
       json{{"files", {file_of("models", "name,maker,eccn,note\nNEW,acme,4A090,\n")}}}.dump()},
  };
  std::set<std::string> done;
  for (const Step& step : steps) {
    const auto found = find_route(routes(), http_request(step.verb, step.target));
    INFO(step.verb << " " << step.target);
    REQUIRE(std::holds_alternative<const ReadRoute*>(found));
    const ReadRoute& route = *std::get<const ReadRoute*>(found);
    const Got got = rest.send(rest.world.admin, step.verb, step.target, step.body);
    INFO(got.body);
    CHECK(got.status == step.status);
    CHECK(fault_of(route, got) == "");
    done.insert(route.operation());
  }
  for (const ReadRoute& route : routes()) {
    INFO(route.route->verb << " " << route.route->path << " is not tried here");
    CHECK(done.count(route.operation()) == 1);
  }
}

/// A target that finds something, with what the route must be asked with.
std::string good_target(const ReadRoute& route) {
  std::string out;
  for (const RouteSegment& segment : route.segments)
    out += "/" + (segment.literal.empty() ? percent(names_of_story().at(segment.name)) : segment.literal);
  if (route.operation() == "GetReport") out = "/v1/reports/fleet?form=csv";
  if (route.operation() == "CompleteName") out += "?kind=serial";
  if (route.operation() == "ResendNotice") out = "/v1/notices/deliveries/1/resend";
  return out;
}

struct Person {
  const Credentials* who;
  Role role;
  bool example;
};
std::vector<Person> persons(const OperatorWorld& world) {
  return {{&world.reader, Role::kReader, false},
          {&world.verifier, Role::kVerifier, false},
          {&world.registrar, Role::kRegistrar, false},
          {&world.auditor, Role::kAuditor, false},
          {&world.admin, Role::kAdmin, false},
          {&world.anchor, Role::kAnchor, false},
          {&world.regulator, Role::kRegulator, false},
          {&world.analyst, Role::kAnalyst, false},
          {&world.researcher, Role::kResearcher, false},
          {&world.example_researcher, Role::kResearcher, true},
          {&world.example_operator, Role::kOperator, true},
          {&world.example_reader, Role::kReader, true},
          {&world.example_verifier, Role::kVerifier, true},
          {&world.example_registrar, Role::kRegistrar, true},
          {&world.example_auditor, Role::kAuditor, true}};
}

TEST_CASE("routes: who may call which is the access table's, for every route and role", "[rest][roles]") {
  RestWorld rest;
  begin_story(rest);
  for (const ReadRoute& route : routes()) {
    const AccessRule* rule = access_rule_of(*route.method->input_type());
    REQUIRE(rule != nullptr);
    for (const Person& person : persons(rest.world)) {
      const bool may = rule->may.has(person.role) && (!person.example || rule->by_entity);
      // A body that no use case takes: who may call is asked before it is read.
      const std::string body = route.has_body() ? R"({"no such key":1})" : "";
      std::string target = good_target(route);
      if (route.route->verb == "DELETE") target += "?no=such";
      const Got got = rest.send(*person.who, std::string{route.route->verb}, target, body);
      INFO(route.operation() << " by " << unit_of(person.role) << (person.example ? " of Example SA" : "")
                             << ": " << got.body);
      CHECK((got.status == 403) == !may);
      CHECK(fault_of(route, got) == "");
      if (may && !body.empty()) CHECK(got.read().at("field").get<std::string>() == "/no such key");
    }
  }
}

TEST_CASE("routes: what is sealed comes to nobody who may not see it, and with an entry",
          "[rest][roles][audit]") {
  RestWorld rest;
  begin_story(rest);
  rest.post("/v1/cases", json{{"order", "O-1"}, {"user", "Other Ltd"}, {"reason", "secret-source"}});
  rest.post("/v1/cases/C-1/comments", json{{"text", "secret-comment"}});
  rest.post(
      "/v1/absences",
      json{{"chips", {"SN-0"}}, {"until", "2026-09-28"}, {"kind", "transit"}, {"reason", "secret-absence"}});
  const std::vector<std::string> sealed{kSealedStreet,    "481.2",          "192.0.2.9",
                                        "alice",          "50.25",          "an anchor within 200 km",
                                        "secret-comment", "secret-absence", "MultiPolygon"};
  std::set<std::string> seen_by_admin, seen_for_a_reason;
  const auto entries = [&] { return rest.world.reader_of_store().audit().audit_entries({}).value(); };
  for (const ReadRoute& route : routes()) {
    if (route.route->verb != "GET") continue;
    const std::string target = good_target(route);
    const AccessRule& rule = *access_rule_of(*route.method->input_type());
    for (const bool reason : {false, true})
      for (const Person& person : persons(rest.world)) {
        const auto before = entries();
        const Got got = rest.send(*person.who, "GET", target, "",
                                  reason ? HttpFields{{"chiploc-reason", "case C-17"}} : HttpFields{});
        const auto after = entries();
        const std::uint64_t noted = after.front().number - before.front().number;
        const bool may_see =
            rule.whole.has(person.role) || (reason && whole_with_reason(rule).has(person.role));
        if (!may_see) CHECK(noted == 0);
        CHECK(noted <= 1);
        if (noted == 1) {
          CHECK(after.front().method == rule.method);
          CHECK(after.front().role == unit_of(person.role));
          CHECK(after.front().reason == (reason ? "case C-17" : ""));
        }
        std::string all = got.body;
        for (const auto& [name, value] : got.fields) all += "\n" + name + ": " + value;
        for (const std::string& word : sealed) {
          if (all.find(word) == std::string::npos) continue;
          INFO(target << " shows " << word << " to " << unit_of(person.role)
                      << (reason ? " with a reason" : ""));
          CHECK(may_see);
          // "alice" stands in journals too, whose readers are to know who made an entry.
          if (word != "alice") CHECK(noted == 1);
          if (person.role == Role::kAdmin) seen_by_admin.insert(word);
          if (person.role == Role::kAnalyst) seen_for_a_reason.insert(word);
        }
      }
  }
  for (const std::string& word : sealed) {
    INFO(word << " is seen by nobody at all: it proves nothing");
    CHECK(seen_by_admin.count(word) == 1);
    CHECK(seen_for_a_reason.count(word) == 1);
  }
}

TEST_CASE("routes: a holder finds nothing of another's, and is told so in the words for what is not there",
          "[rest][roles][entity]") {
  RestWorld rest;
  begin_story(rest);
  rest.post("/v1/cases", json{{"order", "O-1"}, {"user", "Other Ltd"}, {"reason", "an invoice"}});
  const std::vector<std::string> foreign{kChipOne, "SN-0\"", "O-1", "D-1", "\"L-1", "User AG", "fra-1"};
  for (const ReadRoute& route : routes()) {
    if (route.route->verb != "GET") continue;
    for (const Person& person : persons(rest.world)) {
      if (!person.example) continue;
      std::string target = good_target(route);
      const Got got = rest.send(*person.who, "GET", target);
      INFO(target << ": " << got.body);
      if (got.status == 404) {
        // The same of a name that nobody has.
        const std::size_t last = target.rfind('/');
        const std::string asked = decoded(target.substr(last + 1, target.find('?') - last - 1));
        std::string words = got.body;
        while (words.find(asked) != std::string::npos) words.replace(words.find(asked), asked.size(), "NAME");
        // As near to what there is, so that the same names are proposed.
        const std::string nobodys = asked.substr(0, asked.size() - 1) + "7";
        std::string others = rest.send(*person.who, "GET", target.substr(0, last + 1) + nobodys).body;
        while (others.find(nobodys) != std::string::npos)
          others.replace(others.find(nobodys), nobodys.size(), "NAME");
        if (route.operation() != "GetCase") CHECK(words == others);
        continue;
      }
      if (got.status != 200) continue;
      for (const std::string& word : foreign) {
        INFO(word);
        CHECK(got.body.find(word) == std::string::npos);
      }
    }
  }
}

}  // namespace rest_routes_test
}  // namespace chiploc::test
