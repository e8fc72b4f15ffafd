#include "server/rest/rest_streams.hpp"

#include "proto/base/base64.hpp"
#include "tests/server/rest/rest_story.hpp"

namespace chiploc::test {
namespace rest_streams_test {

/// Name and data of an event.
std::pair<std::string, json> event_of(const std::string& text) {
  INFO(text);
  const std::size_t line = text.find('\n');
  REQUIRE(text.starts_with("event: "));
  REQUIRE(text.ends_with("\n\n"));
  REQUIRE(text.compare(line, 7, "\ndata: ") == 0);
  const std::string data = text.substr(line + 7, text.size() - line - 9);
  CHECK(data.find('\n') == std::string::npos);
  return {text.substr(7, line - 7), json::parse(data)};
}

TEST_CASE("rest streams: a round is sent event by event, to its verdict", "[rest]") {
  RestWorld rest;
  rest.world.import({kChipOne});
  const Got got =
      rest.send(rest.world.admin, "POST", "/v1/chips/" + kChipOne + "/verify", R"({"deadline_ms":90000})");
  CHECK(got.status == 200);
  REQUIRE(got.events.size() == 4);
  CHECK(event_of(got.events[0]).first == "started");
  CHECK(event_of(got.events[0]).second.at("anchors").size() == 2);
  CHECK(event_of(got.events[1]).first == "progress");
  CHECK(event_of(got.events[3]).first == "verdict");
  CHECK(event_of(got.events[3]).second.at("verdict").at("state").get<std::string>() == "VERIFIED");
  CHECK(event_of(got.events[3]).second.at("verdict").at("expired").get<bool>() == false);
  CHECK(rest.world.rounds().last_deadline == std::chrono::milliseconds{90'000});
  CHECK(rest.world.rounds().last_requested_by == "alice");

  const Got sealed = rest.send(rest.world.verifier, "POST", "/v1/chips/" + kChipOne + "/verify");
  REQUIRE(sealed.events.size() == 2);  // progress is all sealed
  CHECK(event_of(sealed.events[0]).second.at("anchors").empty());
  CHECK(sealed.events[1].find("fra1") == std::string::npos);
}

TEST_CASE("rest streams: without a round there is a problem, and one that ends is told as an event",
          "[rest]") {
  RestWorld rest;
  rest.world.import({kChipOne});
  const Got unknown = rest.send(rest.world.admin, "POST", "/v1/chips/ffff/verify");
  CHECK(unknown.status == 404);
  CHECK(unknown.read().at("code").get<std::string>() == "not_found");
  CHECK(rest.send(rest.world.reader, "POST", "/v1/chips/aaaa1/verify").status == 403);
  CHECK(rest.send(rest.world.admin, "POST", "/v1/chips/aaaa1/verify", "", {{"accept", "application/json"}})
            .status == 406);
  rest.world.rounds().abandon = RoundFault::kShuttingDown;
  const Got ended =
      rest.send(rest.world.admin, "POST", "/v1/chips/aaaa1/verify", "", {{"accept", "text/event-stream"}});
  const auto last = event_of(ended.events.back());
  CHECK(last.first == "problem");
  CHECK(last.second.at("code").get<std::string>() == "unavailable");
}

TEST_CASE("rest streams: events from another thread than the handler's come all the same", "[rest]") {
  RestWorld rest;
  rest.world.import({kChipOne});
  rest.world.rounds().before_verdict = [] {};
  const Got got = rest.send(rest.world.admin, "POST", "/v1/chips/" + kChipOne + "/verify");
  rest.world.rounds().wait();
  CHECK(got.events.size() == 4);
}

TEST_CASE("rest streams: a report is a document with its signature beside it", "[rest]") {
  RestWorld rest;
  begin_story(rest);
  const Got got = rest.get("/v1/reports/fleet?form=json");
  INFO(got.body);
  REQUIRE(got.status == 200);
  CHECK(got.field("content-type") == "application/json");
  CHECK(got.field("content-disposition") == "attachment; filename=\"chiploc-fleet.json\"");
  CHECK(got.read().is_object());
  const std::string signature = got.field("chiploc-signature");
  REQUIRE(signature.size() > 2);
  CHECK(signature.front() == ':');
  CHECK(signature.back() == ':');
  std::string text(signature.size(), '\0');
  const auto size = base64_decode(std::string_view{signature}.substr(1, signature.size() - 2),
                                  MutableBytes{reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  REQUIRE(size);
  CHECK(text.find("sha256") != std::string::npos);
  CHECK(got.body.find(kSealedStreet) == std::string::npos);
  for (const auto& [form, type] : {std::pair{"csv", "text/csv; charset=utf-8"},
                                   {"geojson", "application/geo+json"},
                                   {"pdf", "application/pdf"}}) {
    const Got other = rest.get(std::string{"/v1/reports/fleet?form="} + form);
    INFO(form << other.body.substr(0, 300));
    CHECK(other.status == 200);
    CHECK(other.field("content-type") == type);
  }
  CHECK(rest.get("/v1/reports/fleet").status == 400);
  CHECK(rest.get("/v1/reports/nuts?form=pdf").status == 400);
  // This world keeps no stories of cases, which is not the caller's fault.
  const Got act = rest.get("/v1/reports/act?form=pdf&case_number=77");
  CHECK(act.status == 503);
  CHECK(act.read().at("code").get<std::string>() == "not_ready");
}

TEST_CASE("rest streams: a report beyond the limit is refused, not cut", "[rest]") {
  OperatorWorld world;
  world.import({kChipOne});
  RestParts parts{
      .cases = world.use_cases(), .now = [] { return kWorldNow; }, .steady = [] { return SteadyTime{}; }};
  parts.options.report_max = 100;
  RestApi api{std::move(parts)};
  HttpRequest request = http_request("GET", "/v1/reports/fleet?form=json");
  request.certificate = der_of(world.admin);
  const Got got = test::send(api, std::move(request));
  CHECK(got.status == 429);
  CHECK(got.read().at("code").get<std::string>() == "exhausted");
}

}  // namespace rest_streams_test
}  // namespace chiploc::test
